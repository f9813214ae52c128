#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarms/command.h"
#include "broker-bridge/pipeline_state.h"
#include "core/hash.h"
#include "core/pages.h"
#include "core/timers.h"
#include "validators/duplicates.h"
#include "validators/registry_csv.h"

static size_t aligned(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/* To a line of the cache. */
static size_t on_line(size_t at)
{
    return (at + 63) & ~(size_t)63;
}

/* Only frames come in parts. */
static uint32_t place_parts(struct revision *revision)
{
    struct registry *registry = &revision->registry;
    uint32_t count = 0;
    revision->parts_order =
        arena_take(&registry->arena, registry->device_count, sizeof *revision->parts_order);
    for (uint32_t i = 0; i < registry->device_count; i++) {
        revision->parts_order[i] = registry->devices[i].format == FORMAT_HJ212 ? count++ : NONE;
    }
    return count;
}

/* Where everything stands, and how large it is. The registry and the program are known. */
static void lay_out(struct revision *revision)
{
    struct registry *registry = &revision->registry;
    revision->device_at = aligned(sizeof(struct state_head));
    revision->ring_at =
        aligned(revision->device_at + registry->device_count * sizeof(struct device_state));
    revision->ring_offsets =
        arena_take(&registry->arena, registry->device_count + 1, sizeof *revision->ring_offsets);
    for (uint32_t i = 0; i < registry->device_count; i++) {
        revision->ring_offsets[i + 1] =
            revision->ring_offsets[i] + aligned(duplicates_size(pace_of(&registry->devices[i])));
    }
    revision->parts_at = revision->ring_at + revision->ring_offsets[registry->device_count];
    revision->detectors_at = revision->parts_at + place_parts(revision) * parts_size();
    revision->alarms_at = on_line(revision->detectors_at + program_state_size(revision->program));
    revision->tallies_at = revision->alarms_at + aligned(alarms_state_size(revision->alarms.count));
    revision->commands_at =
        revision->tallies_at +
        aligned(alarm_tallies_size(registry->enterprise_count, revision->alarms.count));
    revision->exchanges_at = revision->commands_at + aligned(commands_state_size());
    revision->filings_at =
        revision->exchanges_at + aligned(exchanges_state_size(registry->device_count));
    revision->waits_at = revision->filings_at + aligned(filing_book_size(registry));
    revision->late_detectors_at = revision->waits_at + aligned(timers_size(registry->device_count));
    revision->late_alarms_at =
        on_line(revision->late_detectors_at + program_state_size(revision->program));
    revision->late_gaps_at =
        revision->late_alarms_at + aligned(alarms_state_size(revision->alarms.count));
    revision->recall_at = revision->late_gaps_at + revision->alarms.count * sizeof(struct gap);
    revision->size = revision->recall_at + recall_size(registry->signal_count);
}

static void list_instances(struct revision *revision, struct slice area)
{
    uint32_t count = program_instance_count(revision->program);
    revision->instances =
        arena_take(&revision->registry.arena, count + 1, sizeof *revision->instances);
    for (uint32_t i = 0; i < count; i++) {
        revision->instances[i] = program_instance(revision->program, i);
    }
    revision->alarms = alarm_table_new(revision->instances, count, area, &revision->registry.arena);
    revision->late_alarms = revision->alarms;
    revision->late_alarms.late = true;
}

enum status revision_prepare(struct slice registry_bundle, struct slice rules_bundle,
    struct slice area, struct revision **revision, struct report *report)
{
    struct revision *made = calloc(1, sizeof *made);
    assert(made != NULL);
    enum status status = STATUS_OK;
    if (registry_bundle.size > 0) {
        status = registry_parse(registry_bundle, &made->registry, report);
    } else {
        made->registry.device_by_mn = table_new(&made->registry.arena, 0);
        made->registry.device_signal_first = arena_take(&made->registry.arena, 1, sizeof(uint32_t));
    }
    if (status == STATUS_OK && registry_bundle.size > 0 &&
        !slice_equal(made->registry.area, area)) {
        report_say(report, slice_of("area.csv"), 0, 0,
            "the registry is of area %.*s, the hub of area %.*s: give the hub its own registry",
            (int)made->registry.area.size, (const char *)made->registry.area.ptr, (int)area.size,
            (const char *)area.ptr);
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK) {
        status = program_compile(rules_bundle, &made->registry, &made->program, report);
    }
    if (status != STATUS_OK) {
        revision_free(made);
        return status;
    }
    made->registry_bundle = arena_copy(&made->registry.arena, registry_bundle);
    made->rules_bundle = arena_copy(&made->registry.arena, rules_bundle);
    list_instances(made, arena_copy(&made->registry.arena, area));
    lay_out(made);
    revision_blank(made);
    *revision = made;
    return STATUS_OK;
}

/* Each message touches what is live. Rings and parts fill slowly, and what is of late data may stay empty for ever. */
static void tell_apart(const struct revision *revision)
{
    uint8_t *block = revision->block;
    const size_t live_at = revision->detectors_at, late_at = revision->late_detectors_at;
    pages_dense(block, revision->ring_at);
    pages_sparse(block + revision->ring_at, live_at - revision->ring_at);
    pages_dense(block + live_at, late_at - live_at);
    pages_sparse(block + late_at, revision->size - late_at);
}

void revision_blank(struct revision *revision)
{
    free(revision->block);
    revision->block = calloc(1, revision->size); /* most of it is never touched: no memset */
    assert(revision->block != NULL);
    tell_apart(revision);
    revision_head(revision)->version = PIPELINE_STATE_VERSION;
    filings_lay_out(&revision->registry, revision_filings(revision));
    alarm_tallies_lay_out(revision_tallies(revision), &revision->registry, revision->alarms.count);
}

void revision_free(struct revision *revision)
{
    if (revision == NULL) {
        return;
    }
    program_free(revision->program);
    registry_free(&revision->registry);
    free(revision->block);
    free(revision);
}

const struct registry *revision_registry(const struct revision *revision)
{
    return &revision->registry;
}

struct state_head *revision_head(const struct revision *revision)
{
    return (struct state_head *)(void *)revision->block;
}

struct device_state *revision_device(const struct revision *revision, uint32_t device)
{
    assert(device < revision->registry.device_count);
    return (struct device_state *)(void *)(revision->block + revision->device_at) + device;
}

void *revision_ring(const struct revision *revision, uint32_t device)
{
    assert(device < revision->registry.device_count);
    return revision->block + revision->ring_at + revision->ring_offsets[device];
}

void *revision_parts(const struct revision *revision, uint32_t device)
{
    assert(device < revision->registry.device_count);
    uint32_t order = revision->parts_order[device];
    return order == NONE ? NULL : revision->block + revision->parts_at + order * parts_size();
}

void *revision_waits(const struct revision *revision)
{
    return revision->block + revision->waits_at;
}

void *revision_detectors(const struct revision *revision)
{
    return revision->block + revision->detectors_at;
}

void *revision_alarms(const struct revision *revision)
{
    return revision->block + revision->alarms_at;
}

struct alarm_tallies *revision_tallies(const struct revision *revision)
{
    return (struct alarm_tallies *)(void *)(revision->block + revision->tallies_at);
}

void *revision_commands(const struct revision *revision)
{
    return revision->block + revision->commands_at;
}

void *revision_exchanges(const struct revision *revision)
{
    return revision->block + revision->exchanges_at;
}

void *revision_late_detectors(const struct revision *revision)
{
    return revision->block + revision->late_detectors_at;
}

void *revision_late_alarms(const struct revision *revision)
{
    return revision->block + revision->late_alarms_at;
}

void *revision_recall(const struct revision *revision)
{
    return revision->block + revision->recall_at;
}

struct gap *revision_late_gap(const struct revision *revision, uint32_t instance)
{
    assert(instance < revision->late_alarms.count);
    return (struct gap *)(void *)(revision->block + revision->late_gaps_at) + instance;
}

struct filing_book *revision_filings(const struct revision *revision)
{
    return (struct filing_book *)(void *)(revision->block + revision->filings_at);
}

static void carry_parts(
    const struct revision *from, uint32_t old, const struct revision *to, uint32_t device)
{
    void *parts = revision_parts(to, device);
    const void *before = revision_parts(from, old);
    int join;
    if (parts != NULL && before != NULL) {
        memcpy(parts, before, parts_size());
        timers_set(revision_waits(to), to->registry.device_count, device, parts_due(parts, &join));
    }
}

static void carry_devices(struct revision *from, struct revision *to)
{
    for (uint32_t i = 0; i < to->registry.device_count; i++) {
        const struct device *device = &to->registry.devices[i];
        uint32_t old = registry_device(&from->registry, device->mn);
        if (old == NONE) {
            continue;
        }
        *revision_device(to, i) = *revision_device(from, old);
        revision_device(to, i)->late.gap.device = i;
        duplicates_carry(revision_ring(from, old), pace_of(&from->registry.devices[old]),
            revision_ring(to, i), pace_of(device));
        carry_parts(from, old, to, i);
    }
}

void revision_carry(struct pipeline *pipeline, struct revision *from, struct revision *to)
{
    *revision_head(to) = *revision_head(from);
    carry_devices(from, to);
    detectors_carry(from->program, revision_detectors(from), to->program, revision_detectors(to));
    memcpy(revision_commands(to), revision_commands(from), commands_state_size());
    filings_carry(&from->registry, revision_filings(from), &to->registry, revision_filings(to),
        pipeline->record->wall.ms);
    exchange_drop(pipeline, &to->registry);
    exchanges_carry(
        &from->registry, revision_exchanges(from), &to->registry, revision_exchanges(to));
    alarms_carry(&from->alarms, revision_alarms(from), &to->alarms, revision_alarms(to),
        revision_head(to)->hub_ms, transition_made, pipeline);
    late_carry(pipeline, from, to);
    alarm_tallies_carry(&from->registry, &from->alarms, revision_tallies(from), &to->registry,
        &to->alarms, revision_tallies(to));
}

void revision_settle(struct pipeline *pipeline)
{
    struct revision *revision = pipeline->revision;
    const struct state_head *head = revision_head(revision);
    alarms_carried(
        &revision->alarms, revision_alarms(revision), head->hub_ms, transition_made, pipeline);
    if (head->late_count > 0) {
        alarms_carried(&revision->late_alarms, revision_late_alarms(revision), head->hub_ms,
            late_transition, pipeline);
    }
}

/* Of late data nothing is packed before any came: then all of it is zero. */
static size_t packed_end(const struct revision *revision)
{
    return !revision_head(revision)->late_count
               ? revision->late_detectors_at
               : revision->recall_at +
                     recall_used(revision_recall(revision), revision->registry.signal_count);
}

/* The rings of duplicates and the places for parts are nearly all of the block, and most of them is
 * empty or derived. */
static size_t pack_device(const struct revision *revision, uint32_t device, uint8_t *out)
{
    const void *parts = revision_parts(revision, device);
    size_t size = duplicates_pack(
        revision_ring(revision, device), pace_of(&revision->registry.devices[device]), out);
    return size + (parts == NULL ? 0 : parts_pack(parts, out + size));
}

/* 0: these bytes are no device's of this revision. */
static size_t unpack_device(struct revision *revision, uint32_t device, struct slice packed)
{
    void *parts = revision_parts(revision, device);
    size_t ring = duplicates_unpack(
        packed, pace_of(&revision->registry.devices[device]), revision_ring(revision, device));
    if (ring == 0 || parts == NULL) {
        return ring;
    }
    size_t taken = parts_unpack(slice_tail(packed, ring), parts);
    return taken == 0 ? 0 : ring + taken;
}

struct slice pipeline_pack(const struct pipeline *pipeline)
{
    const struct revision *revision = pipeline->revision;
    uint8_t *packed = malloc(revision->size);
    assert(packed != NULL);
    size_t at = revision->ring_at;
    memcpy(packed, revision->block, at);
    for (uint32_t i = 0; i < revision->registry.device_count; i++) {
        at += pack_device(revision, i, packed + at);
    }
    size_t rest = packed_end(revision) - revision->detectors_at;
    memcpy(packed + at, revision->block + revision->detectors_at, rest);
    return slice_from(packed, at + rest);
}

static bool unpack(struct revision *revision, struct slice packed)
{
    size_t at = revision->ring_at;
    if (packed.size < at) {
        return false;
    }
    memcpy(revision->block, packed.ptr, at);
    for (uint32_t i = 0; i < revision->registry.device_count; i++) {
        size_t taken = unpack_device(revision, i, slice_tail(packed, at));
        if (taken == 0) {
            return false;
        }
        at += taken;
    }
    size_t rest = packed.size - at;
    if (rest > revision->size - revision->detectors_at) {
        return false;
    }
    memcpy(revision->block + revision->detectors_at, packed.ptr + at, rest);
    return rest == packed_end(revision) - revision->detectors_at;
}

enum status pipeline_restore(
    struct pipeline *pipeline, struct revision *revision, struct slice packed)
{
    struct state_head head;
    if (packed.size < sizeof head) {
        return STATUS_INVALID;
    }
    memcpy(&head, packed.ptr, sizeof head);
    if (head.version != PIPELINE_STATE_VERSION || !unpack(revision, packed)) {
        return STATUS_INVALID;
    }
    revision_free(pipeline->revision);
    pipeline->revision = revision;
    return STATUS_OK;
}

void pipeline_restart(struct pipeline *pipeline)
{
    struct slice packed = pipeline_pack(pipeline);
    struct revision *revision = pipeline->revision;
    struct slice area = pipeline->area;
    struct keyring *keys = pipeline->keys;
    memset(pipeline, 0, sizeof *pipeline);
    pipeline->area = area;
    pipeline->keys = keys;
    pipeline->revision = revision;
    pipeline->late_device = NONE;
    revision_blank(revision);
    bool whole = unpack(revision, packed);
    assert(whole); /* it was packed just now */
    free((void *)(uintptr_t)packed.ptr);
}

uint64_t pipeline_digest(const struct pipeline *pipeline)
{
    return hash64(slice_from(pipeline->revision->block, pipeline->revision->size));
}

const struct registry *pipeline_registry(const struct pipeline *pipeline)
{
    return &pipeline->revision->registry;
}

/* The next open alarm, of live data and then of late; *place: 0 at first. */
static bool next_open(const struct revision *revision, uint32_t *place, struct alarm_view *view)
{
    uint32_t count = revision->alarms.count;
    uint32_t end = revision_head(revision)->late_count ? 2 * count : count;
    while (*place < end) {
        uint32_t i = (*place)++;
        *view = i < count ? alarms_view(&revision->alarms, revision_alarms(revision), i)
                          : alarms_view(
                                &revision->late_alarms, revision_late_alarms(revision), i - count);
        if (alarm_state_open(view->state)) {
            return true;
        }
    }
    return false;
}

void pipeline_open_alarms(const struct pipeline *pipeline, open_alarm_sink *each, void *context)
{
    const struct revision *revision = pipeline->revision;
    struct alarm_view view;
    for (uint32_t place = 0; next_open(revision, &place, &view);) {
        struct open_alarm alarm = {view.alarm, view.number, view.onset_record, view.held_back};
        each(context, &alarm);
    }
}

struct pipeline_figures pipeline_figures(const struct pipeline *pipeline)
{
    const struct revision *revision = pipeline->revision;
    struct pipeline_figures figures = {.devices = revision->registry.device_count};
    for (int kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        figures.verdicts[kind] = revision_head(revision)->verdicts[kind];
        figures.received += figures.verdicts[kind];
    }
    for (uint32_t i = 0; i < figures.devices; i++) {
        figures.devices_seen += revision_device(revision, i)->accepted > 0;
    }
    figures.late_messages = revision_head(revision)->late_count;
    figures.late_forgotten =
        recall_lost(revision_recall(revision), revision->registry.signal_count);
    struct alarm_view view;
    for (uint32_t place = 0; next_open(revision, &place, &view);) {
        figures.alarms_open += !view.held_back;
        figures.alarms_open_by_severity[view.severity] += !view.held_back;
    }
    return figures;
}

uint32_t pipeline_instance_count(const struct pipeline *pipeline)
{
    return pipeline->revision->alarms.count;
}

struct pipeline_instance pipeline_instance(const struct pipeline *pipeline, uint32_t index)
{
    const struct revision *revision = pipeline->revision;
    struct alarm_view view = alarms_view(&revision->alarms, revision_alarms(revision), index);
    const struct instance *instance = revision->instances[index];
    bool graded = view.graded >= SEVERITY_S1;
    return (struct pipeline_instance){instance->rule, instance->subject,
        alarm_state_name(view.state), graded ? severity_name(view.graded) : ""};
}
