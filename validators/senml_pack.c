#include "validators/senml_pack.h"

#include <assert.h>

#include "core/utf8.h"

/* The first reason stands; what was half read is taken back at the end. */
void senml_refuse(struct senml_pack *pack, enum validity_rule why)
{
    if (!pack->stopped) {
        pack->message->verdict.broken = (struct rule_set){0};
        const struct cbor_events *events = &pack->events;
        message_break(pack->message, why, slice_from(events->in.ptr + events->at, 0));
    }
    pack->stopped = true;
}

struct cbor_event senml_next(struct senml_pack *pack)
{
    struct cbor_event event = cbor_events_next(&pack->events);
    if (event.type == CBOR_BAD) {
        senml_refuse(pack, RULE_SENML_CBOR);
    } else if (event.type == CBOR_LIMIT) {
        senml_refuse(pack, RULE_SENML_LIMIT);
    } else if (event.type == CBOR_TEXT && !utf8_valid(event.bytes)) {
        senml_refuse(pack, RULE_SENML_UTF8);
    } else if (event.type == CBOR_CHUNKED) {
        senml_refuse(pack, RULE_SENML_FORM); /* RFC 8428 6: strings are of definite length */
    }
    return event;
}

struct slice senml_string(struct senml_pack *pack)
{
    struct cbor_event event = senml_next(pack);
    if (!pack->stopped && event.type != CBOR_TEXT) {
        senml_refuse(pack, RULE_SENML_FORM);
    }
    return event.bytes;
}

struct level {
    uint64_t done, wanted; /* items; wanted is not set when open */
    bool open;             /* of indefinite length: a break ends it */
    bool is_map;
};

static bool may_close(const struct level *level)
{
    return level->open && (!level->is_map || level->done % 2 == 0);
}

static bool completed(struct level *level)
{
    level->done += 1;
    return !level->open && level->done == level->wanted;
}

static struct level level_of(const struct cbor_event *event)
{
    bool is_map = event->type == CBOR_MAP;
    return (struct level){
        .wanted = event->number * (is_map ? 2 : 1), .open = event->indefinite, .is_map = is_map};
}

void senml_skip(struct senml_pack *pack, struct cbor_event first)
{
    struct level levels[SENML_DEPTH_MAX];
    size_t depth = 0;
    bool tagged = false;
    for (struct cbor_event event = first; !pack->stopped; event = senml_next(pack)) {
        bool nests = (event.type == CBOR_ARRAY || event.type == CBOR_MAP) &&
                     (event.indefinite || event.number > 0);
        if (event.type == CBOR_TAG) {
            tagged = true; /* it speaks of the item that follows */
            continue;
        }
        if (nests) {
            if (depth == SENML_DEPTH_MAX || event.number > SENML_ITEMS_MAX) {
                senml_refuse(pack, RULE_SENML_LIMIT);
                return;
            }
            levels[depth++] = level_of(&event);
            tagged = false;
            continue;
        }
        if (event.type == CBOR_BREAK) {
            if (depth == 0 || tagged || !may_close(&levels[depth - 1])) {
                senml_refuse(pack, RULE_SENML_CBOR);
                return;
            }
            depth -= 1;
        }
        tagged = false;
        while (depth > 0 && completed(&levels[depth - 1])) {
            depth -= 1;
        }
        if (depth == 0) {
            return;
        }
    }
}

struct text senml_text_begin(struct senml_pack *pack)
{
    struct decoder *decoder = pack->decoder;
    assert(decoder->space_used <= DECODER_SPACE_SIZE);
    return text_in(decoder->space + decoder->space_used, DECODER_SPACE_SIZE - decoder->space_used);
}

struct slice senml_text_end(struct senml_pack *pack, const struct text *text)
{
    if (text->truncated) {
        senml_refuse(pack, RULE_SENML_LIMIT);
    }
    pack->decoder->space_used += text->size;
    return text_slice(text);
}
