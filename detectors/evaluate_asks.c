#include <assert.h>

#include "detectors/evaluate.h"
#include "schemas/tally.h"

static double seconds(int64_t ms)
{
    return (double)ms / SECOND_MS;
}

/* --- counts --- */

/* A part of the time that slides along grows too old: at the end of the oldest that counts. */
static struct value sliding_count(struct evaluation *evaluation, const struct ask *ask,
    const struct tally_parts *tally, int64_t now_ms)
{
    const int64_t part_ms = tally_part_ms(ask), now = now_ms / part_ms;
    const int64_t width_s = (ask->span.width_ms + SECOND_MS - 1) / SECOND_MS;
    const int64_t kept = width_s < TALLY_PARTS ? width_s : TALLY_PARTS; /* a part has a second */
    const int64_t oldest = (tally->newest > now ? tally->newest : now) + 1 - kept;
    uint32_t count = 0, slot = tally->newest % TALLY_PARTS;
    for (int64_t part = tally->newest; part >= oldest; part--) {
        count += tally->counts[slot];
        slot = slot == 0 ? TALLY_PARTS - 1 : slot - 1;
    }
    if (count > 0) {
        evaluation_due_in(evaluation, (now + 1) * part_ms - now_ms);
    }
    return known(count);
}

/* This period or the last; the last is known when the device was heard of through all of it. */
static struct value period_count(struct evaluation *evaluation, const struct ask *ask,
    const struct tally_periods *tally, int64_t since_ms, int64_t now_ms)
{
    const enum period period = (enum period)ask->span.period;
    const int64_t now = tally_number(ask, now_ms), newest = tally->newest;
    const int64_t wanted = now - (ask->span.last ? 1 : 0);
    evaluation_due_in(evaluation, period_start(period, now + 1) - now_ms);
    if (ask->span.last && since_ms > period_start(period, wanted)) {
        return UNKNOWN_VALUE;
    }
    const bool there = wanted == newest || wanted == newest - 1;
    return known(there ? tally->counts[wanted == newest ? 0 : 1] : 0);
}

static struct value arrivals_value(
    struct evaluation *evaluation, const struct binding *binding, const struct ask *ask)
{
    const struct program *program = evaluation->program;
    const void *tally = tally_of(program, evaluation->state, binding->of);
    int64_t now_ms =
        local_now(program, evaluation->state, binding->first, evaluation->moment->hub_ms);
    if (ask->span.period == PERIOD_SLIDING) {
        return sliding_count(evaluation, ask, tally, now_ms);
    }
    int64_t since_ms = contact_of(program, evaluation->state, binding->first)->since_ms;
    return period_count(evaluation, ask, tally, since_ms, now_ms);
}

/* How many of this kind of data a time holds, while the device was in service. */
static struct value expected_value(
    struct evaluation *evaluation, const struct binding *binding, const struct ask *ask)
{
    const struct device *device = &evaluation->program->registry->devices[binding->first];
    const struct {
        int cn;
        int64_t every_ms;
    } ROWS[] = {{2011, device->interval_s * SECOND_MS}, {2051, device->minute_interval * MINUTE_MS},
        {2061, HOUR_MS}, {2031, DAY_MS}};
    int64_t until_ms = local_now(
        evaluation->program, evaluation->state, binding->first, evaluation->moment->hub_ms);
    int64_t from_ms = until_ms - ask->span.width_ms;
    if (ask->span.period != PERIOD_SLIDING) {
        int64_t now = tally_number(ask, until_ms);
        enum period period = (enum period)ask->span.period;
        from_ms = period_start(period, now - (ask->span.last ? 1 : 0));
        until_ms = ask->span.last ? period_start(period, now) : until_ms;
    }
    if (device->has_in_service_since && device->in_service_since.ms > from_ms) {
        from_ms = device->in_service_since.ms;
    }
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (ROWS[i].cn == ask->what) {
            int64_t whole = until_ms > from_ms ? (until_ms - from_ms) / ROWS[i].every_ms : 0;
            return known((double)whole);
        }
    }
    return ABSENT_VALUE; /* nobody can tell how many restarts there should be */
}

/* --- of the last message, and of silence --- */

/* How long, in the time in which the hub listened. */
static struct value listened_since(struct evaluation *evaluation, int64_t listening_ms)
{
    struct value value =
        known(seconds(state_head_of(evaluation->state)->listening_ms - listening_ms));
    value.slope = 1.0 / SECOND_MS;
    return value;
}

static struct value missing_value(
    struct evaluation *evaluation, uint32_t device, const struct ask *ask)
{
    const struct program *program = evaluation->program;
    int64_t now_ms = local_now(program, evaluation->state, device, evaluation->moment->hub_ms);
    uint32_t count = 0;
    for (uint32_t i = program->registry->device_signal_first[device];
         i < program->registry->device_signal_first[device + 1]; i++) {
        const struct signal_state *signal = signal_of(program, evaluation->state, i);
        bool realtime = program->registry->signals[i].cn == 2011;
        count += realtime && signal->seen && now_ms - signal->event_ms > ask->than_ms ? 1 : 0;
    }
    return known(count);
}

struct value ask_value(
    struct evaluation *evaluation, const struct binding *binding, const struct ask *ask)
{
    if (evaluation->state == NULL) {
        return UNKNOWN_VALUE; /* only asked what is there */
    }
    const struct contact *contact =
        contact_of(evaluation->program, evaluation->state, binding->first);
    if (contact->since_ms == 0) {
        return UNKNOWN_VALUE; /* nothing was ever heard of it */
    }
    switch ((enum ask_kind)ask->kind) {
    case ASK_LAG:
        return contact->has_lag ? known(seconds(contact->lag_ms)) : UNKNOWN_VALUE;
    case ASK_RESENT:
        return known(contact->resent);
    case ASK_DATA_AGE:
        return contact->has_newest ? listened_since(evaluation, contact->newer_ms) : UNKNOWN_VALUE;
    case ASK_SILENT: {
        const struct tally_silence *silence =
            tally_of(evaluation->program, evaluation->state, binding->of);
        return silence->since_ms == 0 ? UNKNOWN_VALUE
                                      : listened_since(evaluation, silence->since_ms - 1);
    }
    case ASK_CAME:
    case ASK_LATE:
    case ASK_VERDICTS:
    case ASK_BREACHES:
        return arrivals_value(evaluation, binding, ask);
    case ASK_EXPECTED:
        return expected_value(evaluation, binding, ask);
    case ASK_BROKE:
        return known(rule_set_has(&contact->broken, (enum validity_rule)ask->what));
    case ASK_MISSING:
        return missing_value(evaluation, binding->first, ask);
    case ASK_RAISED:
    case ASK_EVIDENCE:
    case ASK_NONE:
    case ASK_INSIDE:
    case ASK_TOTAL:
        break;
    }
    assert(!"these are bound to signals");
    return ABSENT_VALUE;
}

/* What came late is judged in its own time, and the tallies stand in the hub's. */
struct value alarms_value(
    struct evaluation *evaluation, const struct binding *binding, const struct ask *ask)
{
    const struct alarm_tallies *tallies = evaluation->moment->tallies;
    const int64_t now_ms = evaluation->moment->hub_ms, within_ms = ask->span.width_ms;
    const enum severity severity = (enum severity)ask->what;
    if (evaluation->state == NULL || evaluation->moment->live != NULL || tallies == NULL) {
        return UNKNOWN_VALUE;
    }
    evaluation_due_in(evaluation, MINUTE_MS); /* nothing else brings a rule up when alarms come */
    return known(ask->kind == ASK_RAISED
                     ? tally_raised(tallies, severity, within_ms, now_ms)
                     : tally_evidence(tallies, binding->first, severity, within_ms, now_ms));
}

struct value inside_value(
    struct evaluation *evaluation, const struct binding *binding, const struct ask *ask)
{
    const struct program *program = evaluation->program;
    struct value longitude = signal_value(evaluation, program->elements[binding->first]);
    struct value latitude = signal_value(evaluation, program->elements[binding->first + 1]);
    if (!is_known(longitude) || !is_known(latitude)) {
        return UNKNOWN_VALUE;
    }
    for (uint32_t i = 0; i < program->registry->zone_count; i++) {
        const struct zone *zone = &program->registry->zones[i];
        if (slice_equal(zone->kind, ask->word) &&
            zone_holds(zone, longitude.number, latitude.number)) {
            return known(1);
        }
    }
    return known(0);
}
