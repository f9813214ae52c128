/* hj212_dialects -- what makers of devices do otherwise than the standard says, where that is not seen
 * while a frame is cut and read.
 *
 * Source   reference rows of schemas/rules.def; all of them in one table: tests/e2e/test_dialects.py.
 * Shape    marks: of a frame whose CRC holds. A length that counts characters leads to another cut.
 * Units    bytes, and characters: of UTF-8 a byte that continues none, of GBK one byte or two.
 * Errors   none.
 * Threads  pure; work is linear in the segment.
 */
#ifndef VALIDATORS_HJ212_DIALECTS_H
#define VALIDATORS_HJ212_DIALECTS_H

#include "validators/decode.h"
#include "validators/hj212_frame.h"

void hj212_dialects_mark(
    const struct decode_context *context, struct message *message, const struct hj212_cut *cut);

/* The cut if the length counts characters: true where there are some of more than a byte and the segment
 * then ends with &&; cut->is_frame if four hex digits follow. */
bool hj212_cut_characters(struct slice in, enum charset charset, struct hj212_cut *cut);

/* Does the device's profile, or whoever asks, allow it? */
bool hj212_characters_allowed(
    const struct decode_context *context, const struct message *message, enum charset charset);

#endif
