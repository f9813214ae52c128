/* encode_frame -- the JSON object of one message -> an HJ 212 frame.
 *
 * Source   HJ 212-2017 6 (frame, segment, CP), 2025 as quoted (RF); hjhub(1), `encode`.
 * Shape    the members that `hjhub check --json` prints, and pw. Fields in the order of the standard;
 *          DataTime before the other fields of CP, then the items, a factor's -Flag behind its items.
 *          Without `flag` it follows from `edition`: its version bits, and the bit of PNUM and PNO.
 * Memory   the segment stands in the caller's text.
 * Errors   encode_segment writes what is wrong with the object, in words, and returns false.
 * Threads  pure.
 * Limits   a CP is never encrypted; a segment is at most 9999 bytes.
 */
#ifndef CLI_ENCODE_FRAME_H
#define CLI_ENCODE_FRAME_H

#include <jansson.h>

#include "core/text.h"
#include "schemas/message.h"

enum { ENCODE_SEGMENT_SIZE_MAX = 9999, ENCODE_WHY_SIZE = 200 };

/* pw: of an object that has none; NULL: none. */
bool encode_segment(
    const json_t *object, const char *pw, struct text *segment, char why[ENCODE_WHY_SIZE]);

/* Does a message that was read say what the object says? why names the first member that differs. */
bool encode_reads_back(
    const json_t *object, const struct message *message, char why[ENCODE_WHY_SIZE]);

#endif
