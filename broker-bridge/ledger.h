/* ledger -- where the journal says what of each open alarm.
 *
 * Source   design: "Journal" (nothing goes that an open alarm cites), "Effects, once" (what was said is
 *          sent again, not made anew).
 * Shape    a transition said -> an entry that begins, moves on or, with the alarm, ends.
 * Units    sequences of the said stream.
 * Memory   grows with the open alarms; ledger_free. Its bytes go into a checkpoint as they are.
 * Errors   none: bytes of another form are not taken (false).
 * Threads  the hub's thread.
 */
#ifndef BROKER_BRIDGE_LEDGER_H
#define BROKER_BRIDGE_LEDGER_H

#include "core/slice.h"
#include "schemas/alarm.h"

struct ledger_entry {
    char alarm[ALARM_ID_SIZE + 8]; /* NUL-padded */
    uint64_t first, last;          /* its first and its last transition */
};

struct ledger {
    struct ledger_entry *entries; /* by alarm */
    size_t count, capacity;
};

void ledger_note(struct ledger *ledger, struct slice alarm, bool open, uint64_t said);

/* NULL: it is not open. Borrowed until the next note. */
const struct ledger_entry *ledger_find(const struct ledger *ledger, struct slice alarm);

/* The first record that an open alarm cites; UINT64_MAX: none is open. */
uint64_t ledger_first(const struct ledger *ledger);

struct slice ledger_bytes(const struct ledger *ledger);
bool ledger_restore(struct ledger *ledger, struct slice bytes);
void ledger_free(struct ledger *ledger);

#endif
