/* silence -- how many devices of a town and of the area are silent, and how many of them went away together.
 *
 * Source   house: network-area-outage (anomaly-rules C): one cause, many devices. A device is silent when nothing has come
 *          of it for three of its reporting intervals: as long as its values are held.
 * Shape    a group has a count, and a ring of counts by the listening time at which its silent devices were last
 *          heard. A device that is heard leaves both.
 * Units    ms of listening time: the hub's own deafness makes nobody silent.
 * Memory   flat, in the state of the program; zeroed = nobody is silent.
 * Threads  one thread.
 * Limits   of devices that were last heard more than 64 minutes before the newest of them only the count tells.
 */
#ifndef DETECTORS_SILENCE_H
#define DETECTORS_SILENCE_H

#include "detectors/detect.h"

enum {
    SILENCE_BUCKETS = 128,
    SILENCE_BUCKET_MS = 30 * SECOND_MS,
    SILENCE_TOGETHER = 4, /* buckets: 120 s */
};

struct silence_group {
    uint32_t silent;
    uint32_t padding;
    int64_t newest; /* number of the bucket that ends the ring */
    uint32_t buckets[SILENCE_BUCKETS];
};

struct silence_group *silence_group_of(const struct program *program, void *state, uint32_t group);

/* The most that went away within 120 s of each other. */
uint32_t silence_together(const struct silence_group *group);

/* A device's turn in time: is it silent by now? */
void silence_check(const struct poll *poll, uint32_t device);

/* It is heard again. */
void silence_end(const struct poll *poll, uint32_t device);

#endif
