/* frames -- the frame that every measure is taken with: 500 bytes, CEMS, 10 factors.
 *
 * Source   HJ 212-2017 C.11; the size is the one the goals speak of.
 * Shape    DataTime is `time` in whole seconds, QN is `time` to the millisecond: one QN, one frame.
 * Memory   the caller's.
 * Errors   none.
 * Threads  pure.
 */
#ifndef TESTS_BENCH_FRAMES_H
#define TESTS_BENCH_FRAMES_H

#include "core/slice.h"
#include "core/time.h"

enum { FRAME_SIZE = 500, FRAME_SPACE = FRAME_SIZE + 1 };

struct frame {
    const char *mn, *pw;
    struct event_time time;
    bool asks;           /* for an answer */
    unsigned so2_tenths; /* 100 to 999: the reading that a rule may be waiting for */
    unsigned salt;       /* moves the other readings */
};

void frame_write(const struct frame *frame, char out[static FRAME_SPACE]);

/* The standard CRC as everybody writes it first, one look-up a byte: the measure for all else. */
uint16_t plain_crc(struct slice bytes);

#endif
