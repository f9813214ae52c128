/* hj212_frame -- cut the next frame, or run of bytes that is none, off the front of a payload.
 *
 *   "##" | length: 4 decimal digits | data segment | CRC: 4 hex digits | CR LF
 *
 * Source   HJ 212-2017 ch. 6 (layout); the line end is often missing inside an MQTT payload.
 * Shape    in: any bytes. out: a frame whose length digits lead to 4 hex digits, or the run up to the
 *          next such place, with the rule that says why its beginning is no frame. A frame whose CRC
 *          holds under no kind and inside which another begins was broken off: it is part of a run.
 * Units    bytes; the length digits count the data segment alone.
 * Memory   the slices borrow from the input.
 * Errors   none.
 * Threads  pure. Work is linear where looks are bounded: each lets one broken-off frame be seen as one,
 *          for the price of its CRC; without any left it is cut as a frame whose CRC is wrong.
 */
#ifndef VALIDATORS_HJ212_FRAME_H
#define VALIDATORS_HJ212_FRAME_H

#include "core/text.h"
#include "schemas/message.h"

enum { HJ212_PREFIX_SIZE = 6, HJ212_CRC_SIZE = 4, HJ212_SEGMENT_SIZE_MAX = 1024 };

struct hj212_cut {
    size_t used_size; /* at least 1 unless the input is empty */
    bool is_frame;
    struct slice segment;
    size_t
        length; /* as its digits say: of the plaintext, where its cipher is printed as longer text */
    uint16_t crc_sent;
    struct rule_set broken; /* marks on the line end; or why it is no frame */
};

struct hj212_cut hj212_frame_cut(struct slice in, unsigned *looks);

/* The frame at the front if its segment has this size, whatever its length digits say. */
void hj212_frame_sized(struct slice in, size_t size, struct hj212_cut *cut);

/* The frame of a segment of at most 9999 bytes, with its line end, at the end of the text. */
void hj212_frame_write(struct text *text, struct slice segment, enum crc_kind crc);

#endif
