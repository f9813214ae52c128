/* duplicates -- was this sent before? Rings of fingerprints for one device.
 *
 * Source   design: "Verdicts"; issue 3, point 4: two digests, one of MN, ST, CN, PNO and QN (DataTime
 *          where there is no QN; MN and QN for SenML), one of the whole segment or pack, but for RF=1.
 * Shape    DUPLICATE equals in both; without QN and DataTime the second alone decides, and of whole data with a DataTime a
 *          third, of the segment but for QN and RF=1: a logger may resend under a new QN. CONFLICT: same
 *          key and DataTime, other content. REUSED: same key, another DataTime. LATE: older than what the ring can remember, or no newer than what it
 *          had to forget; a late one that comes again is a duplicate. FRESH: anything else.
 * Units    intervals in s and min, as in the registry.
 * Memory   the caller's block of duplicates_size(pace) bytes, 8-aligned; zeroed = nothing seen.
 * Errors   none.
 * Threads  pure.
 * Limits   under a new QN the last 64 real-time messages are known, and 7 days of minute, hour and day data.
 */
#ifndef VALIDATORS_DUPLICATES_H
#define VALIDATORS_DUPLICATES_H

#include "schemas/registry.h"

enum sameness { SAME_FRESH, SAME_DUPLICATE, SAME_CONFLICT, SAME_REUSED, SAME_LATE };

/* How often a device reports: RtdInterval and MinInterval of HJ 212, both > 0. */
struct pace {
    int32_t realtime_s, minute_min;
};

static inline struct pace pace_of(const struct device *device)
{
    return (struct pace){device->interval_s, device->minute_interval};
}

/* Bytes for a device of this pace: room for 24 h of real-time data and for 7 days of minute, hour and
 * day data. One that sends more often is remembered for less long. */
size_t duplicates_size(struct pace pace);

/* Judge, and remember unless it is a duplicate. */
enum sameness duplicates_check(void *ring, struct pace pace, const struct message *message);

/* What a ring remembers without its empty places and its index, and back into a zeroed ring: the same
 * bytes as before. pack: the bytes written, at most duplicates_size; unpack: the bytes taken, 0: they
 * are no ring of this pace. */
size_t duplicates_pack(const void *ring, struct pace pace, uint8_t *out);
size_t duplicates_unpack(struct slice packed, struct pace pace, void *ring);

/* What is remembered goes over into a zeroed ring that may have another pace. */
void duplicates_carry(const void *from, struct pace from_pace, void *to, struct pace to_pace);

#endif
