/* tally -- transitions into the tallies that rules ask of (schemas/tally.h).
 *
 * Source   house: alarm-flood, cross-evidence-score.
 * Shape    an alarm counts while its condition holds and the desk hears of it; as severe as its rule has it, whatever deadlines
 *          have passed. One whose rule itself asks of alarms never counts: no alarm feeds itself.
 * Memory   none.
 * Errors   none.
 * Threads  one thread.
 */
#ifndef ALARMS_TALLY_H
#define ALARMS_TALLY_H

#include "alarms/alarms.h"
#include "schemas/tally.h"

/* Zeroed bytes become tallies of nothing. */
void alarm_tallies_lay_out(
    struct alarm_tallies *tallies, const struct registry *registry, uint32_t instances);

/* After each transition of either table. */
void alarm_tallies_take(struct alarm_tallies *tallies, const struct alarm_table *table,
    const struct transition *transition);

/* Into the tallies of another registry and table; the alarms that are gone have been closed. */
void alarm_tallies_carry(const struct registry *from, const struct alarm_table *from_table,
    const struct alarm_tallies *from_tallies, const struct registry *to,
    const struct alarm_table *to_table, struct alarm_tallies *to_tallies);

#endif
