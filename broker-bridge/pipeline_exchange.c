#include <assert.h>

#include "broker-bridge/pipeline_message.h"
#include "broker-bridge/pipeline_state.h"
#include "validators/hj212_frame.h"

/* --- what is said of it --- */

static struct text *json_begin(struct pipeline *pipeline)
{
    pipeline->json = text_in(pipeline->json_space, sizeof pipeline->json_space);
    text_add_byte(&pipeline->json, '{');
    return &pipeline->json;
}

static void add_words(struct text *json, struct exchange_words words)
{
    text_add_key(json, "message");
    text_add_byte(json, '{');
    text_add_field(json, "zh", slice_of(words.zh));
    text_add_field(json, "en", slice_of(words.en));
    text_add_byte(json, '}');
}

/* Only MQTT users have a topic; who asked otherwise reads the journal. */
static void send_result(struct pipeline *pipeline, struct slice by, struct slice correlation)
{
    struct text where = text_in(pipeline->topic_space, sizeof pipeline->topic_space);
    if (name_valid(by)) {
        topic_write(&where, TOPIC_DEVICE_CMD_RESULT, pipeline->area, by);
    }
    assert(!pipeline->json.truncated);
    effect_send(pipeline, (struct effect){.kind = EFFECT_RESULT,
                              .topic = text_slice(&where),
                              .correlation = where.size > 0 ? correlation : (struct slice){0},
                              .payload = text_slice(&pipeline->json)});
}

static void say_refusal(struct pipeline *pipeline, enum exchange_refusal refusal, struct slice by,
    const struct order_draft *draft)
{
    struct text *json = json_begin(pipeline);
    struct exchange_words words = exchange_refusal_words(refusal);
    text_add_field_time(json, "at", pipeline->record->wall);
    text_add_field(json, "id", slice_head(draft->id, 2 * EXCHANGE_ID_SIZE));
    text_add_field(json, "by", by);
    text_add_field(json, "mn", slice_head(draft->mn, 64));
    text_add_field(json, "command", slice_head(draft->command, 64));
    text_add_field(json, "state", slice_of("not-sent"));
    text_add_field(json, "reason", slice_of(words.name));
    add_words(json, words);
    if (draft->why.size > 0) {
        text_add_field(json, "detail", text_slice(&draft->why));
    }
    text_add_byte(json, '}');
    send_result(pipeline, by, pipeline->record->correlation);
}

/* The state in words; what the device said of it where it said anything. */
static void add_state(
    struct text *json, const struct exchange *exchange, const struct message *answer)
{
    struct exchange_words words = exchange_state_words((enum exchange_state)exchange->state);
    struct code_words told = {"", ""};
    int cn = answer == NULL ? 0 : answer->cn_code;
    text_add_field(json, "state", slice_of(words.name));
    if (cn == 9011) {
        text_add_field_int(json, "QnRtn", exchange->code);
        told = return_code_words(CP_QN_RTN, (uint64_t)exchange->code);
    } else if (cn == 9012) {
        text_add_field_int(json, "ExeRtn", exchange->code);
        told = return_code_words(CP_EXE_RTN, (uint64_t)exchange->code);
    }
    words.zh = told.zh[0] != '\0' ? told.zh : words.zh;
    words.en = told.en[0] != '\0' ? told.en : words.en;
    add_words(json, words);
}

/* A device says as much as it likes; what does not fit is left out, name by name. */
static void add_one(struct text *json, struct slice name, struct slice value, bool *any)
{
    enum { ANSWER_ROOM = 4096 };
    if (json->size + 6 * (name.size + value.size) + ANSWER_ROOM > json->capacity) {
        return;
    }
    text_add(json, *any ? "," : "");
    text_add_json(json, name);
    text_add_byte(json, ':');
    text_add_json(json, value);
    *any = true;
}

static void add_answer(struct text *json, const struct message *message)
{
    bool any = false;
    text_add_key(json, "answer");
    text_add_byte(json, '{');
    for (size_t i = 0; i < message->field_count; i++) {
        const struct plain_field *field = &message->fields[i];
        add_one(json, field->name,
            message_field_secret(field->name) ? slice_of("***") : field->value, &any);
    }
    for (size_t i = 0; i < message->reading_count; i++) {
        char space[128];
        const struct reading *reading = &message->readings[i];
        struct text name = text_in(space, sizeof space);
        text_add_slice(&name, reading->factor);
        text_add_byte(&name, '-');
        text_add_slice(&name, reading->field);
        if (!name.truncated) {
            add_one(json, text_slice(&name), reading->text, &any);
        }
    }
    text_add_byte(json, '}');
}

/* A password is shown nowhere. */
static bool shows_cp(const struct exchange *exchange)
{
    enum { CN_SET_PASSWORD = 1072 };
    return exchange->cp_size > 0 && exchange->cn != CN_SET_PASSWORD;
}

static void say_step(struct pipeline *pipeline, const struct exchange_step *step)
{
    const struct exchange *exchange = step->exchange;
    const struct device *device = &pipeline->revision->registry.devices[exchange->device];
    enum exchange_state state = (enum exchange_state)exchange->state;
    struct slice by = slice_from(exchange->by, exchange->by_size);
    struct text *json = json_begin(pipeline);
    char qn[18];
    event_time_write_qn((struct event_time){exchange->qn_ms}, qn);
    text_add_field_time(json, "at", pipeline->record->wall);
    text_add_field(json, "id", slice_from(exchange->id, exchange->id_size));
    text_add_field(json, "by", by);
    text_add_field(json, "mn", device->mn);
    text_add_field(json, "command", slice_of(request_of(exchange->cn)->name));
    text_add_field_int(json, "cn", exchange->cn);
    text_add_field(json, "qn", slice_of(qn));
    if (exchange->names_size > 0) {
        text_add_field(json, request_names(request_of(exchange->cn)),
            slice_from(exchange->names, exchange->names_size));
    }
    if (exchange->under_size > 0) {
        text_add_field(json, "under", slice_from(exchange->under, exchange->under_size));
    }
    add_state(json, exchange, step->answer);
    if (state == EXCHANGE_REQUESTED) {
        text_add_field_int(json, "sent", exchange->sent);
        if (shows_cp(exchange)) {
            text_add_field(json, "cp", slice_from(exchange->cp, exchange->cp_size));
        }
    }
    if (step->late) {
        text_add(json, ",\"late\":true");
    }
    if (exchange->data > 0) {
        text_add_field_int(json, "data", exchange->data);
    }
    if (state == EXCHANGE_EXECUTING && exchange->cn / 1000 != 2) {
        add_answer(json, step->answer);
    }
    text_add_byte(json, '}');
    bool first = state == EXCHANGE_REQUESTED && exchange->sent == 1;
    send_result(pipeline, by, first ? pipeline->record->correlation : (struct slice){0});
}

/* --- what leaves --- */

static void send_request(struct pipeline *pipeline, const struct exchange *exchange)
{
    const struct device *device = &pipeline->revision->registry.devices[exchange->device];
    char segment_space[1024], frame_space[1100];
    struct text segment = text_in(segment_space, sizeof segment_space);
    struct text frame = text_in(frame_space, sizeof frame_space);
    struct text where = text_in(pipeline->topic_space, sizeof pipeline->topic_space);
    exchange_segment(exchange, device, &segment);
    bool sealed = exchange->under_size > 0;
    if (!sealed) {
        hj212_frame_write(&frame, text_slice(&segment), device->crc);
    }
    assert(!segment.truncated && !frame.truncated);
    struct sealing sealing = {.mn = device->mn,
        .key_id = slice_from(exchange->names, exchange->names_size),
        .under_id = slice_from(exchange->under, exchange->under_size),
        .crc = device->crc};
    answers_send(pipeline); /* C.4: a wish for the clock is answered, then follows the clock */
    if (request_before_mn(request_of(exchange->cn))) {
        topic_write(&where, TOPIC_NEW_DOWN_HJ212, pipeline->area, device_user(device));
    } else {
        topic_write(&where, TOPIC_DOWN_HJ212, pipeline->area, device->mn);
    }
    effect_send(pipeline, (struct effect){.kind = EFFECT_REQUEST,
                              .topic = text_slice(&where),
                              .payload = sealed ? text_slice(&segment) : text_slice(&frame),
                              .sealing = sealed ? &sealing : NULL,
                              .expiry_s = (uint32_t)exchange->overtime_s});
}

/* The intent is said before the frame is handed on; both wait for the commit. */
static void stepped(void *context, const struct exchange_step *step)
{
    say_step(context, step);
    if (step->send) {
        send_request(context, step->exchange);
    }
}

static struct exchange_turn turn_of(struct pipeline *pipeline)
{
    struct revision *revision = pipeline->revision;
    return (struct exchange_turn){
        .registry = &revision->registry,
        .state = revision_exchanges(revision),
        .listening_ms = revision_head(revision)->listening_ms,
        .wall = pipeline->record->wall,
        .up = pipeline->record->session == SESSION_UP,
        .emit = stepped,
        .context = pipeline,
    };
}

/* --- what brings it on --- */

static enum exchange_refusal obey(struct pipeline *pipeline, const struct exchange_turn *turn,
    const struct flat_json *json, struct slice by, struct order_draft *draft)
{
    enum exchange_refusal refusal = order_read(turn, json, draft);
    if (pipeline->record->retain) {
        return EXCHANGE_NOT_RETAINED;
    }
    if (refusal == EXCHANGE_NOT_BAD_COMMAND) {
        return refusal;
    }
    if (pipeline->record->session != SESSION_UP) {
        return EXCHANGE_NOT_AWAY; /* and its id stays free */
    }
    if (exchanges_seen(turn, by, draft->id)) {
        return EXCHANGE_NOT_REPEATED;
    }
    draft->order.by = by;
    if (refusal == EXCHANGE_NOT_NONE && draft->order.names.size > 0) {
        refusal = key_order(pipeline, exchanges_peer(turn, draft->order.device).key, draft);
    }
    return refusal != EXCHANGE_NOT_NONE ? refusal : exchanges_ask(turn, &draft->order);
}

void exchange_command(struct pipeline *pipeline, struct slice by, struct slice payload)
{
    struct flat_json json;
    struct order_draft draft = {0};
    struct exchange_turn turn = turn_of(pipeline);
    enum exchange_refusal refusal = EXCHANGE_NOT_BAD_COMMAND;
    assert(by.size <= EXCHANGE_BY_SIZE);
    if (flat_json_read(&json, payload)) {
        refusal = obey(pipeline, &turn, &json, by, &draft);
    }
    if (refusal != EXCHANGE_NOT_NONE) {
        say_refusal(pipeline, refusal, by, &draft);
    }
}

struct request_figures pipeline_requests(const struct pipeline *pipeline)
{
    struct exchange_figures figures = exchanges_figures(revision_exchanges(pipeline->revision));
    return (struct request_figures){
        .open = figures.open,
        .done = figures.ended[EXCHANGE_DONE],
        .failed = figures.ended[EXCHANGE_FAILED],
        .refused = figures.ended[EXCHANGE_REFUSED],
        .timed_out = figures.ended[EXCHANGE_TIMED_OUT],
        .unknown = figures.ended[EXCHANGE_UNKNOWN],
        .unheard = figures.unheard,
        .gaps = figures.gaps,
    };
}

void exchange_hear(struct pipeline *pipeline, const struct message *message)
{
    struct exchange_turn turn = turn_of(pipeline);
    exchanges_hear(&turn, message);
}

void exchange_hear_new(struct pipeline *pipeline, const struct message *message)
{
    struct exchange_turn turn = turn_of(pipeline);
    exchanges_hear_new(&turn, pipeline->to->name, message);
}

void exchange_time(struct pipeline *pipeline)
{
    struct exchange_turn turn = turn_of(pipeline);
    exchanges_time(&turn);
}

void exchange_tick(struct pipeline *pipeline)
{
    struct exchange_turn turn = turn_of(pipeline);
    exchanges_tick(&turn);
}

void exchange_restart(struct pipeline *pipeline)
{
    struct exchange_turn turn = turn_of(pipeline);
    exchanges_restart(&turn);
}

void exchange_drop(struct pipeline *pipeline, const struct registry *to)
{
    struct exchange_turn turn = turn_of(pipeline);
    exchanges_drop(&turn, to);
}
