/* duplicates -- was this sent before? A ring of fingerprints for one device.
 *
 * Source   design: "Verdicts"; issue 3, point 4: two digests, one of MN, ST, CN, PNO and QN (DataTime
 *          where there is no QN; MN and QN for SenML), one of the whole segment or pack.
 * Shape    DUPLICATE equals in both; without QN and DataTime the second alone decides. CONFLICT: same
 *          key, other content. LATE: older than what the ring can remember, or no newer than what it
 *          had to forget; a late one that comes again is a duplicate. FRESH: anything else.
 * Units    the device's reporting interval in s.
 * Memory   the caller's block of duplicates_size(interval_s) bytes, 8-aligned; zeroed = nothing seen.
 * Errors   none.
 * Threads  pure.
 */
#ifndef VALIDATORS_DUPLICATES_H
#define VALIDATORS_DUPLICATES_H

#include "schemas/message.h"

enum sameness { SAME_FRESH, SAME_DUPLICATE, SAME_CONFLICT, SAME_LATE };

/* Bytes for a device with this reporting interval: room for 24 h of real-time data and for 7 days of
 * minute (10 min), hour and day data. A device that sends more often is remembered for less long. */
size_t duplicates_size(int32_t interval_s);

/* Judge, and remember unless it is a duplicate. */
enum sameness duplicates_check(void *ring, int32_t interval_s, const struct message *message);

/* What a ring remembers without its empty places and its index, and back into a zeroed ring: the same
 * bytes as before. pack: the bytes written, at most duplicates_size; unpack: the bytes taken, 0: they
 * are no ring of this interval. */
size_t duplicates_pack(const void *ring, int32_t interval_s, uint8_t *out);
size_t duplicates_unpack(struct slice packed, int32_t interval_s, void *ring);

/* What is remembered goes over into a zeroed ring that may have another interval. */
void duplicates_carry(const void *from, int32_t from_interval_s, void *to, int32_t to_interval_s);

#endif
