#include <assert.h>

#include "detectors/binder.h"

/* The device with this signal; NONE: `signal` is. */
static uint32_t device_of(const struct registry *registry, uint32_t signal)
{
    return signal == NONE ? NONE : registry->signals[signal].device;
}

/* Where a subject is laid out: with its own device, else with the first that stands there. */
static uint32_t home_of(const struct binder *binder, const struct subject *subject)
{
    const struct registry *registry = binder->registry;
    const struct places *places = &binder->places;
    uint32_t signal = subject->signal;
    if (subject->device != NONE) {
        return subject->device;
    }
    if (signal == NONE) {
        signal = pairs_first(&places->equipment_signals, subject->equipment);
    }
    if (signal == NONE) {
        signal = pairs_first(&places->outlet_signals, subject->outlet);
    }
    if (signal == NONE && subject->linkage != NONE) {
        signal = pairs_first(
            &places->enterprise_signals, registry->linkages[subject->linkage].enterprise);
    }
    return device_of(registry, signal);
}

static void watch(struct binder *binder, uint32_t rule, struct subject subject)
{
    struct watched *watched = &binder->watched;
    uint32_t home = home_of(binder, &subject);
    watched->list = array_grow(
        &binder->scratch, watched->list, watched->count, &watched->capacity, sizeof *watched->list);
    pairs_add(&watched->homes, home == NONE ? binder->registry->device_count : home,
        (uint32_t)watched->count);
    watched->list[watched->count++] = (struct watch){rule, subject};
}

static bool passes(const struct filter *filter, struct slice word)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (slice_equal(filter->words[i], word)) {
            return true;
        }
    }
    return filter->count == 0;
}

static void watch_linkages(struct binder *binder, uint32_t rule)
{
    for (uint32_t i = 0; i < binder->registry->linkage_count; i++) {
        watch(binder, rule,
            (struct subject){SCOPE_LINKAGE, i, NONE, binder->registry->linkages[i].outlet, NONE,
                NONE, NONE, NONE});
    }
}

static void watch_devices(struct binder *binder, uint32_t rule)
{
    const struct registry *registry = binder->registry;
    for (uint32_t i = 0; i < registry->device_count; i++) {
        struct subject subject = {
            SCOPE_DEVICE, NONE, i, registry->devices[i].outlet, NONE, NONE, NONE, NONE};
        uint32_t first = registry->device_signal_first[i];
        if (!passes(&binder->program->rules.rules[rule].kinds, registry->devices[i].kind)) {
            continue;
        }
        if (first < registry->device_signal_first[i + 1]) {
            subject.equipment = registry->signals[first].equipment;
        }
        subject.linkage = places_linkage(&binder->places, subject.outlet, subject.equipment);
        watch(binder, rule, subject);
    }
}

static void watch_outlets(struct binder *binder, uint32_t rule)
{
    for (uint32_t i = 0; i < binder->registry->outlet_count; i++) {
        struct subject subject = {SCOPE_OUTLET, NONE, NONE, i, NONE, NONE, NONE, NONE};
        subject.linkage = places_linkage(&binder->places, subject.outlet, subject.equipment);
        watch(binder, rule, subject);
    }
}

static bool is_watched(const struct binder *binder, const struct rule *rule, uint32_t index)
{
    const struct signal *signal = &binder->registry->signals[index];
    return signal->cn == rule->cn && passes(&rule->quantities, signal->quantity) &&
           passes(&rule->kinds, binder->registry->devices[signal->device].kind);
}

static void watch_signals(struct binder *binder, uint32_t rule_index)
{
    const struct registry *registry = binder->registry;
    const struct rule *rule = &binder->program->rules.rules[rule_index];
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        const struct signal *signal = &registry->signals[i];
        if (!is_watched(binder, rule, i)) {
            continue;
        }
        struct subject subject = {SCOPE_SIGNAL, NONE, signal->device,
            registry->devices[signal->device].outlet, i, signal->equipment, NONE, NONE};
        subject.linkage = places_linkage(&binder->places, subject.outlet, subject.equipment);
        watch(binder, rule_index, subject);
    }
}

static const struct subject NOWHERE = {SCOPE_AREA, NONE, NONE, NONE, NONE, NONE, NONE, NONE};

static void watch_equipment(struct binder *binder, uint32_t rule)
{
    for (uint32_t i = 0; i < binder->registry->equipment_count; i++) {
        struct subject subject = NOWHERE;
        subject.scope = SCOPE_EQUIPMENT;
        subject.equipment = i;
        subject.linkage = places_linkage(&binder->places, NONE, i);
        if (subject.linkage != NONE) {
            subject.outlet = binder->registry->linkages[subject.linkage].outlet;
        }
        watch(binder, rule, subject);
    }
}

static void watch_feeders(struct binder *binder, uint32_t rule)
{
    const struct registry *registry = binder->registry;
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        const uint32_t device = registry->signals[i].device;
        if (!passes(&binder->program->rules.rules[rule].kinds, registry->devices[device].kind) ||
            !feeder_begins(registry, i)) {
            continue;
        }
        struct subject subject = NOWHERE;
        subject.scope = SCOPE_FEEDER;
        subject.device = device;
        subject.outlet = registry->devices[device].outlet;
        subject.equipment = registry->signals[i].equipment;
        subject.linkage = places_linkage(&binder->places, subject.outlet, subject.equipment);
        watch(binder, rule, subject);
    }
}

static void watch_enterprises(struct binder *binder, uint32_t rule)
{
    for (uint32_t i = 0; i < binder->registry->enterprise_count; i++) {
        struct subject subject = NOWHERE;
        subject.scope = SCOPE_ENTERPRISE;
        subject.enterprise = i;
        watch(binder, rule, subject);
    }
}

/* A town is known by the first enterprise that lies in it. */
static void watch_towns(struct binder *binder, uint32_t rule)
{
    const struct registry *registry = binder->registry;
    for (uint32_t i = 0; i < registry->enterprise_count; i++) {
        bool first = registry->enterprises[i].town.size > 0;
        for (uint32_t k = 0; k < i && first; k++) {
            first = !slice_equal(registry->enterprises[k].town, registry->enterprises[i].town);
        }
        if (first) {
            struct subject subject = NOWHERE;
            subject.scope = SCOPE_TOWN;
            subject.enterprise = i;
            watch(binder, rule, subject);
        }
    }
}

/* The signals that a rule watches, by enterprise. */
static struct pair_index watched_signals(struct binder *binder, const struct rule *rule)
{
    const struct registry *registry = binder->registry;
    struct pairs pairs = {.arena = &binder->scratch};
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        const struct device *device = &registry->devices[registry->signals[i].device];
        if (device->outlet != NONE && is_watched(binder, rule, i)) {
            pairs_add(&pairs, device->enterprise, i);
        }
    }
    return pairs_index(&pairs, registry->enterprise_count);
}

/* Two outlets of one enterprise that tell the same quantity, both from their stack. */
static bool are_twins(const struct registry *registry, uint32_t a, uint32_t b)
{
    const struct signal *left = &registry->signals[a], *right = &registry->signals[b];
    return registry->devices[left->device].outlet != registry->devices[right->device].outlet &&
           left->equipment == NONE && right->equipment == NONE &&
           slice_equal(left->quantity, right->quantity);
}

static void watch_pairs(struct binder *binder, uint32_t rule_index)
{
    const struct registry *registry = binder->registry;
    struct pair_index watched = watched_signals(binder, &binder->program->rules.rules[rule_index]);
    for (uint32_t enterprise = 0; enterprise < registry->enterprise_count; enterprise++) {
        for (uint32_t i = watched.first[enterprise]; i < watched.first[enterprise + 1]; i++) {
            for (uint32_t k = i + 1; k < watched.first[enterprise + 1]; k++) {
                const struct device *device =
                    &registry->devices[registry->signals[watched.list[i]].device];
                struct subject subject = NOWHERE;
                subject.scope = SCOPE_PAIR;
                subject.outlet = device->outlet;
                subject.signal = watched.list[i];
                subject.other = watched.list[k];
                subject.linkage = places_linkage(&binder->places, subject.outlet, NONE);
                if (are_twins(registry, subject.signal, subject.other)) {
                    watch(binder, rule_index, subject);
                }
            }
        }
    }
}

static void watch_rule(struct binder *binder, uint32_t rule)
{
    switch (binder->program->rules.rules[rule].scope) {
    case SCOPE_LINKAGE:
        watch_linkages(binder, rule);
        break;
    case SCOPE_DEVICE:
        watch_devices(binder, rule);
        break;
    case SCOPE_OUTLET:
        watch_outlets(binder, rule);
        break;
    case SCOPE_SIGNAL:
        watch_signals(binder, rule);
        break;
    case SCOPE_PAIR:
        watch_pairs(binder, rule);
        break;
    case SCOPE_EQUIPMENT:
        watch_equipment(binder, rule);
        break;
    case SCOPE_FEEDER:
        watch_feeders(binder, rule);
        break;
    case SCOPE_ENTERPRISE:
        watch_enterprises(binder, rule);
        break;
    case SCOPE_TOWN:
        watch_towns(binder, rule);
        break;
    case SCOPE_AREA:
        watch(binder, rule, NOWHERE);
        break;
    case SCOPE_STATE:
        assert(!"no rule has this scope");
    }
}

/* Device by device, the rules in their order: what a message brings to life lies side by side. */
void bind_subjects(struct binder *binder)
{
    struct watched *watched = &binder->watched;
    watched->homes.arena = &binder->scratch;
    for (uint32_t rule = 0; rule < binder->program->rules.rule_count; rule++) {
        watch_rule(binder, rule);
    }
    struct pair_index homes = pairs_index(&watched->homes, binder->registry->device_count + 1);
    for (size_t i = 0; i < watched->count; i++) {
        const struct watch *watch = &watched->list[homes.list[i]];
        bind_subject(binder, watch->rule, watch->subject);
    }
}
