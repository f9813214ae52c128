#include <assert.h>

#include "alarms/slot.h"

static const int64_t TERMS[] = {
#define TERM(id, ms, source) [TERM_##id] = ms,
#include "alarms/terms.def"
#undef TERM
};

static const struct {
    int64_t acknowledge_ms, verify_ms, realarm_ms;
} DEADLINES[] = {
#define DEADLINE(severity, acknowledge_ms, verify_ms, realarm_ms, source)                          \
    [severity] = {acknowledge_ms, verify_ms, realarm_ms},
#include "alarms/deadlines.def"
#undef DEADLINE
};

int64_t term_ms(enum alarm_term term)
{
    return TERMS[term];
}

enum severity terms_severity(const struct slot *slot)
{
    int levels =
        (slot->overdue & OVERDUE_ACKNOWLEDGE ? 1 : 0) + (slot->overdue & OVERDUE_VERIFY ? 1 : 0);
    int severity = slot->graded - levels;
    return (enum severity)(severity < SEVERITY_S1 ? SEVERITY_S1 : severity);
}

static bool is_unseen(const struct slot *slot)
{
    return slot->state == ALARM_ACTIVE_UNACK || slot->state == ALARM_CLEARED_UNACK;
}

/* From now on: until it is acknowledged; once it was, until it is verified. */
static void begin_again(struct slot *slot)
{
    enum severity severity = terms_severity(slot);
    if (is_unseen(slot)) {
        slot->acknowledge_due_ms = slot->hub_ms + DEADLINES[severity].acknowledge_ms;
    } else {
        slot->verify_due_ms = slot->hub_ms + DEADLINES[severity].verify_ms;
    }
}

static void begin_acknowledged(struct slot *slot)
{
    enum severity severity = terms_severity(slot);
    int64_t realarm_ms = DEADLINES[severity].realarm_ms;
    slot->acknowledge_due_ms = 0;
    if (slot->verify_due_ms == 0) {
        slot->verify_due_ms = slot->hub_ms + DEADLINES[severity].verify_ms;
    }
    slot->realarm_due_ms = slot_is_on(slot) && realarm_ms > 0 ? slot->hub_ms + realarm_ms : 0;
}

static void begin_raised(struct slot *slot)
{
    slot->overdue = 0;
    slot->verify_due_ms = 0;
    slot->realarm_due_ms = 0;
    begin_again(slot);
}

void terms_take(struct slot *slot, enum alarm_event event)
{
    assert(event < EVENT_COUNT);
    if (event == EVENT_HELD || event == EVENT_AGAIN) {
        begin_raised(slot);
    } else if (event == EVENT_ACKNOWLEDGE) {
        begin_acknowledged(slot);
    } else if (event == EVENT_REALARM) {
        slot->realarm_due_ms = 0;
        begin_again(slot);
    } else if (event == EVENT_CLEAR || event == EVENT_OVER) {
        slot->realarm_due_ms = 0;
    } else if (event == EVENT_UNSEEN) {
        slot->overdue |= OVERDUE_ACKNOWLEDGE;
    } else if (event == EVENT_UNVERIFIED) {
        slot->overdue |= OVERDUE_VERIFY;
    } else if (event == EVENT_GRADE || event == EVENT_RELEASE || event == EVENT_EMERGE ||
               event == EVENT_UNSHELVE || event == EVENT_EXPIRED || event == EVENT_BACK ||
               event == EVENT_RETURNED) {
        begin_again(slot);
    }
    if (!alarm_state_open((enum alarm_state)slot->state)) {
        slot->acknowledge_due_ms = 0;
        slot->verify_due_ms = 0;
        slot->realarm_due_ms = 0;
    }
}

int64_t terms_shadow(const struct slot *slot, const struct instance *rule)
{
    int64_t until_ms = rule->shadow_until_ms;
    const int64_t begun_ms[] = {rule->in_service_ms, slot->changed_ms};
    for (size_t i = 0; i < sizeof begun_ms / sizeof begun_ms[0]; i++) {
        int64_t over_ms = begun_ms[i] == 0 ? 0 : begun_ms[i] + TERMS[TERM_COMMISSIONING];
        until_ms = over_ms > until_ms ? over_ms : until_ms;
    }
    return until_ms;
}

/* Until an instant of the slot's local clock, as one of the hub's. */
static int64_t on_hub(const struct slot *slot, int64_t local_ms)
{
    return local_ms == INT64_MAX ? 0 : slot->hub_ms + (local_ms - slot->local_ms);
}

enum alarm_event terms_next(const struct slot *slot, const struct instance *rule, int64_t *due_ms)
{
    bool calm = slot->aside != 0 || slot->shelved_due_ms != 0; /* deadlines are nobody's then */
    bool shadow = (slot->aside & ASIDE_SHADOW) != 0;
    const struct {
        enum alarm_event event;
        int64_t due_ms; /* 0, INT64_MAX: never */
    } ROWS[] = {
        {EVENT_EXPIRED, slot->shelved_due_ms},
        {EVENT_RETURNED, slot->out_due_ms},
        {EVENT_EMERGE, shadow ? on_hub(slot, terms_shadow(slot, rule)) : 0},
        {EVENT_UNSEEN, calm || slot->overdue & OVERDUE_ACKNOWLEDGE ? 0 : slot->acknowledge_due_ms},
        {EVENT_UNVERIFIED, calm || slot->overdue & OVERDUE_VERIFY ? 0 : slot->verify_due_ms},
        {EVENT_REALARM, calm ? 0 : slot->realarm_due_ms},
    };
    enum alarm_event next = EVENT_COUNT;
    *due_ms = INT64_MAX;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (ROWS[i].due_ms != 0 && ROWS[i].due_ms < *due_ms && slot_may(slot, ROWS[i].event)) {
            next = ROWS[i].event;
            *due_ms = ROWS[i].due_ms;
        }
    }
    return next;
}
