/* duplicates -- was this sent before? A ring of fingerprints for one device.
 *
 * Source   design: "Verdicts"; issue 3, point 4: two digests, one of MN, ST, CN, PNO and QN (DataTime
 *          where there is no QN; MN and QN for SenML), one of the whole segment or pack.
 * Shape    DUPLICATE equals in both; without QN and DataTime the second alone decides. CONFLICT: same
 *          key, other content. LATE: older than what the ring can remember. FRESH: anything else.
 * Units    capacity in entries; times in ms.
 * Memory   the caller's block of duplicates_size(capacity) bytes, 8-aligned; zeroed = nothing seen.
 * Errors   none.
 * Threads  pure.
 */
#ifndef VALIDATORS_DUPLICATES_H
#define VALIDATORS_DUPLICATES_H

#include "schemas/message.h"

enum sameness { SAME_FRESH, SAME_DUPLICATE, SAME_CONFLICT, SAME_LATE };

size_t duplicates_size(uint32_t capacity);

/* Entries for 24 h of real-time data at this interval, and for 7 days of minute (10 min), hour and
 * day data. */
uint32_t duplicates_capacity_realtime(int32_t interval_s);
uint32_t duplicates_capacity_history(void);

/* Judge, and remember when it was fresh or in conflict. */
enum sameness duplicates_check(void *ring, uint32_t capacity, const struct message *message);

#endif
