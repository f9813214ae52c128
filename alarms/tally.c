#include "alarms/tally.h"

#include <string.h>

void alarm_tallies_lay_out(
    struct alarm_tallies *tallies, const struct registry *registry, uint32_t instances)
{
    tallies->enterprise_count = registry->enterprise_count;
    tallies->instance_count = instances;
}

/* The severity as which it counts from here on; 0: it does not. */
static uint8_t weight(const struct instance *instance, const struct transition *transition)
{
    bool active = transition->to == ALARM_ACTIVE_UNACK || transition->to == ALARM_ACTIVE_ACK;
    bool aside = transition->suppressed || transition->shadow || transition->out_of_service;
    bool counts = active && !transition->over && !aside && !instance->asks_alarms;
    return counts ? (uint8_t)transition->graded : 0;
}

static void count_raise(struct alarm_tallies *tallies, int64_t hub_ms, uint8_t severity)
{
    const int64_t minute = hub_ms / MINUTE_MS;
    for (int64_t i = tallies->minute + 1; i <= minute && i <= tallies->minute + TALLY_MINUTES;
         i++) {
        memset(tallies->raised[i % TALLY_MINUTES], 0, sizeof tallies->raised[0]);
    }
    tallies->minute = minute > tallies->minute ? minute : tallies->minute;
    if (minute > tallies->minute - TALLY_MINUTES) {
        tallies->raised[minute % TALLY_MINUTES][severity - 1] += 1;
    }
}

/* What it counts as, or as what it has counted until now, is seen at this instant. */
static void hold(struct evidence_tally *evidence, uint8_t severity, int64_t hub_ms, uint32_t more)
{
    if (severity != 0) {
        evidence->held[severity - 1] += more;
        evidence->seen_ms[severity - 1] = hub_ms;
    }
}

void alarm_tallies_take(struct alarm_tallies *tallies, const struct alarm_table *table,
    const struct transition *transition)
{
    const struct instance *instance = table->instances[transition->instance];
    uint8_t *counted = alarm_tallies_counted(tallies, table->late, transition->instance);
    uint8_t was = *counted, is = weight(instance, transition);
    if (was == is) {
        return;
    }
    if (was == 0) {
        count_raise(tallies, transition->hub_ms, is);
    }
    if (instance->evidence != EVIDENCE_NONE && instance->enterprise != NONE) {
        struct evidence_tally *evidence =
            alarm_tallies_evidence(tallies, instance->enterprise, instance->evidence);
        hold(evidence, was, transition->hub_ms, UINT32_MAX);
        hold(evidence, is, transition->hub_ms, 1);
    }
    *counted = is;
}

/* When it was seen; how many hold now is told by the alarms that are carried. */
static void carry_seen(const struct registry *from, const struct alarm_tallies *from_tallies,
    const struct registry *to, struct alarm_tallies *to_tallies)
{
    for (uint32_t i = 0; i < to->enterprise_count; i++) {
        uint32_t old = table_find(&from->enterprise_by_id, to->enterprises[i].id);
        for (int kind = EVIDENCE_NONE + 1; old != TABLE_NONE && kind < EVIDENCE_KIND_COUNT;
             kind++) {
            struct evidence_tally *evidence =
                alarm_tallies_evidence(to_tallies, i, (enum evidence_kind)kind);
            *evidence = *alarm_tallies_evidence(from_tallies, old, (enum evidence_kind)kind);
            memset(evidence->held, 0, sizeof evidence->held);
        }
    }
}

static void carry_one(struct alarm_tallies *tallies, const struct instance *instance,
    uint8_t *counted, uint8_t severity)
{
    if (*counted != 0) {
        return; /* two rows alike are one instance */
    }
    *counted = severity;
    if (severity != 0 && instance->evidence != EVIDENCE_NONE && instance->enterprise != NONE) {
        alarm_tallies_evidence(tallies, instance->enterprise, instance->evidence)
            ->held[severity - 1] += 1;
    }
}

void alarm_tallies_carry(const struct registry *from, const struct alarm_table *from_table,
    const struct alarm_tallies *from_tallies, const struct registry *to,
    const struct alarm_table *to_table, struct alarm_tallies *to_tallies)
{
    to_tallies->minute = from_tallies->minute;
    memcpy(to_tallies->raised, from_tallies->raised, sizeof to_tallies->raised);
    carry_seen(from, from_tallies, to, to_tallies);
    for (uint32_t i = 0; i < from_table->count; i++) {
        uint32_t at = alarms_find(to_table, from_table->instances[i]);
        for (int late = 0; at != NONE && late < 2; late++) {
            carry_one(to_tallies, to_table->instances[at],
                alarm_tallies_counted(to_tallies, late == 1, at),
                *alarm_tallies_counted(from_tallies, late == 1, i));
        }
    }
}
