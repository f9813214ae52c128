#include "broker-bridge/pipeline_message.h"
#include "broker-bridge/pipeline_state.h"
#include "schemas/hj212.h"
#include "validators/hj212_frame.h"

enum { VERDICT_REST = 48 }; /* room for how many lines were left out */

/* HJ 212-2017 C.13, C.15: ST=91; QN, PW and MN as received; Flag names the edition and asks for
 * nothing; CP empty. 2005 (one source): no QN of its own, the request's stands in CP. */
static void write_segment(struct text *text, const struct message *message, int code)
{
    bool old = message->edition == EDITION_2005;
    if (!old) {
        text_add(text, "QN=");
        text_add_slice(text, message->qn);
        text_add_byte(text, ';');
    }
    text_add(text, "ST=91;CN=");
    text_add_int(text, code);
    text_add(text, ";PW=");
    text_add_slice(text, message->pw);
    text_add(text, ";MN=");
    text_add_slice(text, message->mn);
    text_add(text, old ? ";Flag=0" : message->edition == EDITION_2025 ? ";Flag=8" : ";Flag=4");
    text_add(text, ";CP=&&");
    if (old && message->qn.size > 0) {
        text_add(text, "QN=");
        text_add_slice(text, message->qn);
    }
    text_add(text, "&&");
}

static void send_to_device(struct pipeline *pipeline, enum topic_kind kind, struct text *payload)
{
    const struct topic *to = pipeline->to;
    struct text where = text_in(pipeline->topic_space, sizeof pipeline->topic_space);
    if (to == NULL || payload->size == 0) {
        return;
    }
    topic_write(&where, kind, to->area, to->name);
    struct effect effect = {
        .kind = EFFECT_ANSWER, .topic = text_slice(&where), .payload = text_slice(payload)};
    struct slice correlation = pipeline->record->correlation;
    if (kind == TOPIC_DOWN_VERDICT && payload->size + correlation.size <= DOWN_SIZE_MAX) {
        effect.correlation = correlation; /* else the packet would be too large */
    }
    effect_send(pipeline, effect);
    text_reset(payload);
}

void answers_send(struct pipeline *pipeline)
{
    send_to_device(pipeline, answers_new(pipeline) ? TOPIC_NEW_DOWN_HJ212 : TOPIC_DOWN_HJ212,
        &pipeline->answers);
}

/* An answer can be longer than what it answers: those of one payload may need two. */
static void answer_frame(struct pipeline *pipeline, const struct message *message)
{
    char space[512];
    struct text segment = text_in(space, sizeof space);
    write_segment(&segment, message, command_answer(message->cn_code));
    if (segment.truncated) {
        return; /* a PW or MN of absurd length: such a frame is not answered */
    }
    size_t before = pipeline->answers.size;
    hj212_frame_write(&pipeline->answers, text_slice(&segment), message->crc);
    if (pipeline->answers.truncated) {
        pipeline->answers.size = before;
        answers_send(pipeline);
        hj212_frame_write(&pipeline->answers, text_slice(&segment), message->crc);
    }
}

/* One line of JSON a message: what a device maker needs to mend it, and what `hjhub check --at` says. */
static bool verdict_line(
    struct pipeline *pipeline, const struct message *message, enum message_form form)
{
    struct text *text = &pipeline->verdicts;
    size_t before = text->size;
    text_add_byte(text, '{');
    text_add_field_time(text, "at", pipeline->arrival);
    message_json_add(text, message, form);
    text_add(text, "}\n");
    bool fits = !text->truncated && text->size + VERDICT_REST <= text->capacity;
    if (!fits) {
        text->size = before;
        text->truncated = false;
    }
    return fits;
}

void answers_begin(struct pipeline *pipeline, const struct topic *to, struct event_time arrival)
{
    pipeline->answers = text_in(pipeline->answer_space, sizeof pipeline->answer_space);
    pipeline->verdicts = text_in(pipeline->verdict_space, sizeof pipeline->verdict_space);
    pipeline->verdicts_omitted = 0;
    pipeline->arrival = arrival;
    pipeline->to = to;
}

/* design, "Verdicts" and "The bus": rejected is never answered; a verdict goes for what was not
 * accepted, and for everything where the registry or a Response Topic asks. */
void answer_message(struct pipeline *pipeline, const struct message *message, uint32_t device)
{
    if (message->verdict.kind != VERDICT_REJECTED && message->answer_wanted) {
        answer_frame(pipeline, message);
    }
    bool asked = pipeline->record->response_topic.size > 0 ||
                 (device != NONE && pipeline->revision->registry.devices[device].verdict_always);
    if ((message->verdict.kind != VERDICT_ACCEPTED || asked) &&
        !verdict_line(pipeline, message, MESSAGE_TOLD) &&
        !verdict_line(pipeline, message, MESSAGE_HEAD)) {
        pipeline->verdicts_omitted += 1;
    }
}

/* When its last part came, behind that one's line; when its time is out, by itself. */
void answer_joined(struct pipeline *pipeline, const struct joined *joined)
{
    const struct message *message = &joined->message;
    bool here = pipeline->to != NULL && slice_equal(pipeline->to->name, message->mn);
    bool asked = pipeline->revision->registry.devices[message->device].verdict_always ||
                 (here && pipeline->record->response_topic.size > 0);
    if (!asked && rule_set_empty(&message->verdict.broken)) {
        return;
    }
    text_add_byte(&pipeline->json, '\n');
    struct slice line = text_slice(&pipeline->json);
    if (!here) {
        struct text where = text_in(pipeline->topic_space, sizeof pipeline->topic_space);
        topic_write(&where, TOPIC_DOWN_VERDICT, pipeline->area, message->mn);
        effect_send(pipeline,
            (struct effect){.kind = EFFECT_ANSWER, .topic = text_slice(&where), .payload = line});
    } else if (pipeline->verdicts.size + line.size + VERDICT_REST <= pipeline->verdicts.capacity) {
        text_add_slice(&pipeline->verdicts, line);
    } else {
        pipeline->verdicts_omitted += 1;
    }
}

void answers_end(struct pipeline *pipeline)
{
    answers_send(pipeline);
    if (pipeline->verdicts_omitted > 0) {
        text_add(&pipeline->verdicts, "{\"omitted\":");
        text_add_int(&pipeline->verdicts, (int64_t)pipeline->verdicts_omitted);
        text_add(&pipeline->verdicts, "}\n");
    }
    if (!answers_new(pipeline)) {
        send_to_device(pipeline, TOPIC_DOWN_VERDICT, &pipeline->verdicts);
    }
    pipeline->to = NULL;
}
