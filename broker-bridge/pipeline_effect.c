#include <assert.h>
#include <string.h>

#include "broker-bridge/pipeline_message.h"
#include "broker-bridge/pipeline_state.h"

void effect_send(struct pipeline *pipeline, struct effect effect)
{
    effect.index = pipeline->index++;
    if (pipeline->emit != NULL) {
        pipeline->emit(pipeline->context, &effect);
    }
}

static void put_le(uint8_t *out, uint64_t value, int size)
{
    for (int i = 0; i < size; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

/* docs/journal.md, "Verdict": kind, edition, format, 0; offset; size; broken rules. */
static struct slice verdict_bytes(const struct message *message, uint8_t out[static 28])
{
    out[0] = (uint8_t)message->verdict.kind;
    out[1] = (uint8_t)message->edition;
    out[2] = (uint8_t)message->format;
    out[3] = 0;
    put_le(out + 4, message->offset, 4);
    put_le(out + 8, message->size, 4);
    put_le(out + 12, message->verdict.broken.bits[0], 8);
    put_le(out + 20, message->verdict.broken.bits[1], 8);
    return slice_from(out, 28);
}

/* Whether the "=" at this place follows PW or SK (NewSK), in any letter case and with blanks between. */
static bool follows_secret(const uint8_t *bytes, size_t equals)
{
    while (equals > 0 && bytes[equals - 1] == ' ') {
        equals -= 1;
    }
    if (equals < 2) {
        return false;
    }
    uint8_t first = bytes[equals - 2] | 0x20, last = bytes[equals - 1] | 0x20;
    return (first == 'p' && last == 'w') || (first == 's' && last == 'k');
}

/* What came, with what follows PW= or NewSK= blanked wherever it stands: a password, a key. */
static void add_excerpt(struct text *text, struct slice bytes)
{
    enum { EXCERPT_SIZE = 400 };
    uint8_t excerpt[EXCERPT_SIZE];
    size_t size = bytes.size < EXCERPT_SIZE ? bytes.size : EXCERPT_SIZE;
    bool blank = false;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = bytes.ptr[i];
        bool ends = byte == ';' || byte == ',' || byte == '&' || byte == '\r';
        blank = blank && !ends;
        excerpt[i] = blank ? '*' : byte;
        blank = blank || (byte == '=' && follows_secret(bytes.ptr, i));
    }
    text_add_json(text, slice_from(excerpt, size));
}

static void add_rule_names(struct text *text, const struct rule_set *set)
{
    text_add_byte(text, '[');
    bool first = true;
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (rule_set_has(set, (enum validity_rule)id)) {
            text_add(text, first ? "" : ",");
            text_add_json(text, slice_of(validity_rule((enum validity_rule)id)->name));
            first = false;
        }
    }
    text_add_byte(text, ']');
}

struct text *effect_json(struct pipeline *pipeline)
{
    pipeline->json = text_in(pipeline->json_space, sizeof pipeline->json_space);
    text_add_byte(&pipeline->json, '{');
    return &pipeline->json;
}

static void effect_quarantine(struct pipeline *pipeline, const struct message *message)
{
    struct text *json = effect_json(pipeline);
    text_add_field_int(json, "sequence", (int64_t)pipeline->record->sequence);
    text_add_field_time(json, "at", pipeline->record->wall);
    text_add_field(json, "verdict", slice_of(verdict_name(message->verdict.kind)));
    text_add_key(json, "rules");
    add_rule_names(json, &message->verdict.broken);
    text_add_field(json, "topic", pipeline->record->topic);
    text_add_field(json, "mn", slice_head(message->mn, 64));
    text_add_field_int(json, "offset", (int64_t)message->offset);
    text_add_field_int(json, "size", (int64_t)message->size);
    text_add_key(json, "excerpt");
    add_excerpt(
        json, slice_head(slice_tail(pipeline->decoder.payload, message->offset), message->size));
    text_add_byte(json, '}');
    effect_send(
        pipeline, (struct effect){
                      .kind = EFFECT_QUARANTINE, .message = message, .payload = text_slice(json)});
}

void effect_verdict(struct pipeline *pipeline, const struct message *message)
{
    uint8_t bytes[28];
    if (pipeline->record->kind == RECORD_MESSAGE) {
        revision_head(pipeline->revision)->verdicts[message->verdict.kind] += 1;
    }
    effect_send(pipeline,
        (struct effect){
            .kind = EFFECT_VERDICT, .message = message, .payload = verdict_bytes(message, bytes)});
    if (message->verdict.kind == VERDICT_QUARANTINED || message->verdict.kind == VERDICT_REJECTED) {
        effect_quarantine(pipeline, message);
    }
}

static void write_joined(
    struct pipeline *pipeline, const struct joined *joined, enum message_form form)
{
    struct text *json = effect_json(pipeline);
    text_add_field_time(json, "at", wall_at(pipeline, revision_head(pipeline->revision)->hub_ms));
    joined_json_add(json, joined, form);
    text_add_byte(json, '}');
}

/* Leaves its JSON where answer_joined finds it. */
void effect_joined(struct pipeline *pipeline, const struct joined *joined)
{
    write_joined(pipeline, joined, MESSAGE_TOLD);
    if (pipeline->json.truncated) {
        write_joined(pipeline, joined, MESSAGE_HEAD);
    }
    effect_send(pipeline, (struct effect){.kind = EFFECT_JOINED,
                              .message = &joined->message,
                              .payload = text_slice(&pipeline->json)});
}

/* What is not known is null: it counts for nothing, not for 0. */
void effect_figures(struct pipeline *pipeline, const struct vote *vote)
{
    const struct registry *registry = &pipeline->revision->registry;
    const struct instance *instance = pipeline->revision->instances[vote->instance];
    struct text *json = effect_json(pipeline);
    text_add_field(json, "report", instance->rule);
    text_add_field(json, "subject", instance->subject);
    text_add_field_time(json, "from", vote->from);
    text_add_field_time(json, "to", vote->event);
    if (instance->enterprise != NONE) {
        text_add_field(json, "enterprise", registry->enterprises[instance->enterprise].id);
    }
    if (instance->outlet != NONE) {
        text_add_field(json, "outlet", registry->outlets[instance->outlet].id);
    }
    text_add_key(json, "rule_version");
    text_add_byte(json, '"');
    text_add_hex(json, instance->rule_hash, 16);
    text_add(json, "\",\"figures\":{");
    for (size_t i = 0; i < vote->figure_count; i++) {
        const struct figure *figure = &vote->figures[i];
        text_add(json, i == 0 ? "" : ",");
        text_add_json(json, figure->name);
        text_add_byte(json, ':');
        if (figure->known) {
            text_add_number(json, figure->value, 6);
        } else {
            text_add(json, "null");
        }
    }
    text_add(json, "}}");
    assert(!json->truncated);
    effect_send(pipeline, (struct effect){.kind = EFFECT_FIGURES, .payload = text_slice(json)});
}
