/* tally -- how many alarms have reached the desk of late, and what speaks against each enterprise: what rules ask of alarms.
 *
 *   | struct alarm_tallies | evidence of enterprise 0, 1, ... by kind | as what each alarm counts |
 *
 * Source   house: alarm-flood, cross-evidence-score (anomaly-rules K); evidence_kinds.def.
 * Shape    a flat table; look-ups. alarms/tally.c writes it from transitions, rules read it as it stands.
 * Units    ms of the hub's time.
 * Memory   flat, no pointers: part of the state. Laid out for a number of enterprises and instances.
 * Errors   none.
 * Threads  one thread.
 * Limits   raises are counted in whole minutes of the last hour.
 */
#ifndef SCHEMAS_TALLY_H
#define SCHEMAS_TALLY_H

#include "schemas/alarm.h"

enum { TALLY_MINUTES = 64, TALLY_REACH_MINUTES = 60 };

struct alarm_tallies {
    uint32_t enterprise_count, instance_count;
    int64_t minute; /* the newest of the ring */
    uint32_t raised[TALLY_MINUTES][SEVERITY_S4];
};

/* Of one kind against one enterprise, by severity, S1 first. */
struct evidence_tally {
    int64_t seen_ms[SEVERITY_S4]; /* when there was such an alarm last; 0: never */
    uint32_t held[SEVERITY_S4];   /* how many there are now */
};

size_t alarm_tallies_size(uint32_t enterprises, uint32_t instances);
struct evidence_tally *alarm_tallies_evidence(
    const struct alarm_tallies *tallies, uint32_t enterprise, enum evidence_kind kind);

/* The severity as which an instance's alarm counts, of live or of late data; 0: it does not. */
uint8_t *alarm_tallies_counted(const struct alarm_tallies *tallies, bool late, uint32_t instance);

/* How many of this severity or a graver one have come to the desk in the last so many ms, to a minute. */
uint32_t tally_raised(
    const struct alarm_tallies *tallies, enum severity severity, int64_t within_ms, int64_t now_ms);

/* Of how many kinds of evidence against an enterprise the gravest alarm that there is, or was in that time, has this severity. */
uint32_t tally_evidence(const struct alarm_tallies *tallies, uint32_t enterprise,
    enum severity severity, int64_t within_ms, int64_t now_ms);

#endif
