#include "validators/decode.h"

#include <string.h>

#include "schemas/hj212.h"
#include "validators/hj212_dialects.h"
#include "validators/hj212_frame.h"
#include "validators/hj212_opens.h"
#include "validators/hj212_rules.h"
#include "validators/origin.h"
#include "validators/senml.h"

enum { LOOKS_FIRST = 16 };

void decoder_begin(
    struct decoder *decoder, const struct decode_context *context, struct slice payload)
{
    decoder->context = *context;
    decoder->payload = payload;
    decoder->at = 0;
    decoder->started = false;
    decoder->looks = LOOKS_FIRST;
    decoder->space_used = 0;
}

/* Everything before the two arrays, whose counts say how much of them is valid. */
static void message_reset(struct message *message, struct slice payload)
{
    memset(message, 0, offsetof(struct message, fields));
    message->reading_count = 0;
    message->device = NONE;
    message->st_code = -1;
    message->cn_code = -1;
    message->flag_code = -1;
    message->pnum_code = -1;
    message->pno_code = -1;
    message->edition_reason = "";
    message->payload = payload;
}

/* The verdict is that of the severest rule that is broken. */
static void conclude(struct message *message)
{
    message->verdict.kind = VERDICT_ACCEPTED;
    const struct rule_set *broken = &message->verdict.broken;
    for (unsigned id = rule_set_next(broken, 0); id < RULE_COUNT;
         id = rule_set_next(broken, id + 1)) {
        enum consequence consequence = validity_rule((enum validity_rule)id)->consequence;
        if (consequence == CONSEQUENCE_REJECT) {
            message->verdict.kind = VERDICT_REJECTED;
            return;
        }
        if (consequence == CONSEQUENCE_QUARANTINE) {
            message->verdict.kind = VERDICT_QUARANTINED;
        }
    }
}

static void break_if(bool broken, struct message *message, enum validity_rule id, struct slice at)
{
    if (broken) {
        message_break(message, id, at);
    }
}

static void read_frame(struct decoder *decoder, const struct hj212_cut *cut)
{
    struct message *message = &decoder->message;
    struct slice cp;
    message->segment = cut->segment;
    break_if(cut->length > HJ212_SEGMENT_SIZE_MAX, message, RULE_SEGMENT_TOO_LONG,
        slice_tail(cut->segment, HJ212_SEGMENT_SIZE_MAX));
    hj212_header_read(message, cut->segment, &cp);
    message->device = decode_device(&decoder->context, message->mn);
    hj212_edition(&decoder->context, message);
    if (hj212_opens(decoder, cut, &cp)) {
        message->cp = cp;
        if (cp.size > 0) {
            hj212_items_read(message, &decoder->reader, cp);
        }
        hj212_judge(&decoder->context, message, cp.size > 0);
        hj212_dialects_mark(&decoder->context, message, cut);
    }
    message->answer_wanted = hj212_wants_answer(message);
    origin_judge(&decoder->context, message);
}

static struct slice length_digits(struct slice in)
{
    return slice_head(slice_tail(in, 2), HJ212_PREFIX_SIZE - 2);
}

/* Where a run of bytes, a frame with its line end too, breaks a rule of framing. */
static void place_frame(struct message *message, const struct hj212_cut *cut, struct slice run)
{
    size_t whole = HJ212_PREFIX_SIZE + cut->segment.size + HJ212_CRC_SIZE;
    const struct {
        enum validity_rule id;
        struct slice at;
    } ROWS[] = {
        {RULE_FRAME_JUNK, run},
        {RULE_FRAME_TRUNCATED, slice_from(run.ptr + run.size, 0)},
        {RULE_LENGTH_DIGITS, length_digits(run)},
        {RULE_LENGTH_WRONG, length_digits(run)},
        {RULE_LINE_END, cut->is_frame ? slice_from(run.ptr + whole, run.size - whole) : run},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (rule_set_has(&cut->broken, ROWS[i].id)) {
            message_break(message, ROWS[i].id, ROWS[i].at);
        }
    }
}

static void no_frame(struct decoder *decoder, const struct hj212_cut *cut, struct slice run)
{
    struct message *message = &decoder->message;
    message->format = FORMAT_HJ212;
    message->offset = decoder->at;
    message->size = cut->used_size;
    message->verdict.broken = cut->broken;
    if (!rule_set_empty(&cut->broken)) {
        place_frame(message, cut, run);
    }
}

/* Cut so, and read if it is a frame. */
static void take_cut(struct decoder *decoder, const struct hj212_cut *cut, struct slice rest)
{
    no_frame(decoder, cut, slice_head(rest, cut->used_size));
    if (cut->is_frame) {
        read_frame(decoder, cut);
    }
}

static void take_again(struct decoder *decoder, const struct hj212_cut *cut, struct slice rest)
{
    message_reset(&decoder->message, decoder->payload);
    take_cut(decoder, cut, rest);
}

/* What was no frame may be one whose length counts characters: read where that is allowed (a mark), else
 * that is why (a refusal). */
static void count_characters(
    struct decoder *decoder, const struct hj212_cut *by_bytes, struct slice rest)
{
    struct message *message = &decoder->message;
    struct slice in = by_bytes->is_frame ? rest : slice_head(rest, message->size);
    struct hj212_cut cut;
    bool explains = false;
    for (int charset = CHARSET_UTF8; charset <= CHARSET_GBK; charset++) {
        if (!hj212_cut_characters(in, (enum charset)charset, &cut)) {
            continue;
        }
        explains = explains || charset == CHARSET_UTF8;
        if (!cut.is_frame) {
            continue;
        }
        take_again(decoder, &cut, rest);
        if (!rule_set_has(&message->verdict.broken, RULE_CRC_WRONG) &&
            hj212_characters_allowed(&decoder->context, message, (enum charset)charset)) {
            message_break(message, RULE_LENGTH_CHARACTERS, length_digits(rest));
            return;
        }
        take_again(decoder, by_bytes, rest);
    }
    if (explains) {
        message_break(message, RULE_LENGTH_COUNTS_CHARACTERS, length_digits(rest));
    }
}

static void next_hj212(struct decoder *decoder)
{
    struct message *message = &decoder->message;
    struct slice rest = slice_tail(decoder->payload, decoder->at);
    struct hj212_cut cut = hj212_frame_cut(rest, &decoder->looks);
    take_cut(decoder, &cut, rest);
    decoder->looks += cut.is_frame ? 1 : 0;
    if (!cut.is_frame || rule_set_has(&message->verdict.broken, RULE_CRC_WRONG)) {
        count_characters(decoder, &cut, rest);
    }
    decoder->at += message->size;
}

bool decoder_next(struct decoder *decoder)
{
    struct message *message = &decoder->message;
    bool empty = decoder->payload.size == 0;
    if (decoder->started && (empty || decoder->at >= decoder->payload.size)) {
        return false;
    }
    decoder->started = true;
    message_reset(message, decoder->payload);
    if (empty) {
        message->format = decoder->context.format;
        rule_set_add(&message->verdict.broken, RULE_PAYLOAD_EMPTY);
    } else if (decoder->context.format == FORMAT_HJ212) {
        next_hj212(decoder);
    } else {
        message->format = FORMAT_SENML;
        message->size = decoder->payload.size;
        message->segment = decoder->payload;
        decoder->at = decoder->payload.size;
        senml_decode(decoder);
        message->device = decode_device(&decoder->context, message->mn);
        origin_judge(&decoder->context, message);
    }
    conclude(message);
    return true;
}
