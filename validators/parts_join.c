#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "core/text.h"
#include "validators/hj212_rules.h"
#include "validators/parts_state.h"

enum { INDEX_SIZE = 2 * READINGS_MAX };

/* What the parts say only together. The rest was each part's own verdict. */
static const enum validity_rule TOGETHER[] = {
    RULE_MIN_AVG_MAX, RULE_ITEM_REPEATED, RULE_CONVERSION_WRONG, RULE_SUM_OF_PARTS};

/* What one part lacks and another may bring: known when all are there. */
static const enum validity_rule WHOLE[] = {
    RULE_DATA_FLAG_MISSING, RULE_FLAG_ALONE, RULE_TOO_MANY_ITEMS};

static struct rule_set keep(const struct rule_set *broken, bool whole)
{
    struct rule_set kept = {0};
    for (size_t i = 0; i < sizeof TOGETHER / sizeof TOGETHER[0]; i++) {
        if (rule_set_has(broken, TOGETHER[i])) {
            rule_set_add(&kept, TOGETHER[i]);
        }
    }
    for (size_t i = 0; whole && i < sizeof WHOLE / sizeof WHOLE[0]; i++) {
        if (rule_set_has(broken, WHOLE[i])) {
            rule_set_add(&kept, WHOLE[i]);
        }
    }
    return kept;
}

/* CP as it was before it was cut at the `;` between its items. */
static struct slice assemble(const struct block *block, const struct join *join, struct joined *out)
{
    struct text text = text_in((char *)out->cp, sizeof out->cp);
    text_add(&text, "&&");
    for (uint32_t part = 0; part < join->pnum; part++) {
        if (join->size[part] > 0) {
            struct slice cp = slice_from(block->space + join->at[part], join->size[part]);
            text_add(&text, text.size > 2 ? ";" : "");
            text_add_slice(&text, hj212_unwrap(cp, &out->message));
        }
    }
    text_add(&text, "&&");
    return text_slice(&text);
}

/* An item that stands in two parts, wherever in them; the first counts. */
static void mark_repeats(struct joined *out)
{
    memset(out->index, 0, sizeof out->index);
    for (size_t i = 0; i < out->message.reading_count; i++) {
        struct reading *reading = &out->message.readings[i];
        size_t at = hash64_seeded(reading->field, hash64(reading->factor)) % INDEX_SIZE;
        for (; out->index[at] != 0; at = (at + 1) % INDEX_SIZE) {
            const struct reading *before = &out->message.readings[out->index[at] - 1];
            if (slice_equal(before->factor, reading->factor) &&
                slice_equal(before->field, reading->field)) {
                rule_set_add(&reading->broken, RULE_ITEM_REPEATED);
                break;
            }
        }
        out->index[at] = out->index[at] == 0 ? (uint16_t)(i + 1) : out->index[at];
    }
}

/* Each part repeats DataTime: that no plain field stands twice is not asked. */
static void settle(struct joined *out, bool whole)
{
    struct rule_set broken = keep(&out->message.verdict.broken, whole);
    broken.bits[RULE_ITEM_REPEATED / 64] &= ~(UINT64_C(1) << (RULE_ITEM_REPEATED % 64));
    for (size_t i = 0; i < out->message.reading_count; i++) {
        out->message.readings[i].broken = keep(&out->message.readings[i].broken, whole);
        rule_set_join(&broken, &out->message.readings[i].broken);
    }
    out->message.verdict.broken = broken;
}

static void name_it(const struct join *join, uint32_t device, struct joined *out)
{
    struct message *message = &out->message;
    memset(message, 0, offsetof(struct message, fields));
    message->reading_count = 0;
    message->format = FORMAT_HJ212;
    message->edition = (enum edition)join->edition;
    message->edition_reason = "";
    message->device = device;
    message->flag_code = -1;
    message->st_code = join->st;
    message->cn_code = join->cn;
    message->pnum_code = (int)join->pnum;
    message->pno_code = -1;
    event_time_write_cst((struct event_time){join->time_ms}, out->datatime);
    int st = snprintf(out->st, sizeof out->st, "%d", join->st);
    int pnum = snprintf(out->total, sizeof out->total, "%u", join->pnum);
    int cn = snprintf(out->cn, sizeof out->cn, "%d", join->cn);
    message->pnum = slice_from(out->total, (size_t)pnum);
    message->st = slice_from(out->st, join->st < 0 ? 0 : (size_t)st);
    message->cn = slice_from(out->cn, join->cn < 0 ? 0 : (size_t)cn);
}

void parts_join(const void *parts, int place, const struct registry *registry, uint32_t device,
    struct joined *out)
{
    const struct block *block = parts;
    const struct join *join = &block->joins[place];
    bool whole = join_whole(join);
    name_it(join, device, out);
    out->pnum = join->pnum;
    out->came = join->came;
    out->message.cp = assemble(block, join, out);
    out->message.payload = out->message.cp;
    hj212_items_read(&out->message, &out->reader, out->message.cp);
    hj212_judge(&(struct decode_context){.registry = registry}, &out->message, true);
    out->message.datatime = slice_from(out->datatime, strlen(out->datatime));
    out->message.has_data_time = true;
    out->message.data_time.ms = join->time_ms;
    mark_repeats(out);
    settle(out, whole && !rule_set_has(&join->broken, RULE_PARTS_LIMIT));
    rule_set_join(&out->message.verdict.broken, &join->broken);
    if (!whole) {
        rule_set_add(&out->message.verdict.broken, RULE_PARTS_MISSING);
    }
}
