#include "broker-bridge/pipeline_state.h"
#include "validators/hj212_crc.h"

enum { CN_NOTICE_ANSWER = 9013, CN_DATA_ANSWER = 9014 };

/* Data (2000 to 3999) is answered 9014, notices 9013: HJ 212-2017 6.5. */
static int answer_code(int cn)
{
    return cn >= 2000 && cn < 4000 ? CN_DATA_ANSWER : CN_NOTICE_ANSWER;
}

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

static void write_frame(struct text *text, struct slice segment, enum crc_kind crc)
{
    static const char HEX[] = "0123456789ABCDEF";
    uint16_t value = hj212_crc(crc, segment);
    text_add(text, "##");
    for (size_t unit = 1000; unit > 0; unit /= 10) {
        text_add_byte(text, (char)('0' + segment.size / unit % 10));
    }
    text_add_slice(text, segment);
    for (int shift = 12; shift >= 0; shift -= 4) {
        text_add_byte(text, HEX[value >> shift & 15]);
    }
    text_add(text, "\r\n");
}

static void answer_frame(struct pipeline *pipeline, const struct message *message, uint32_t device)
{
    char space[512];
    struct text segment = text_in(space, sizeof space);
    write_segment(&segment, message, answer_code(message->cn_code));
    if (segment.truncated) {
        return; /* a PW or MN of absurd length: such a frame is not answered */
    }
    enum crc_kind crc =
        device == NONE ? CRC_STANDARD : pipeline->revision->registry.devices[device].crc;
    write_frame(&pipeline->answers, text_slice(&segment), crc);
}

/* One line of JSON a message: what a device maker needs to mend it. */
static void verdict_line(struct text *text, const struct message *message)
{
    text_add_byte(text, '{');
    text_add_field(text, "verdict", slice_of(verdict_name(message->verdict.kind)));
    text_add_key(text, "rules");
    text_add_byte(text, '[');
    bool first = true;
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (rule_set_has(&message->verdict.broken, (enum validity_rule)id)) {
            const struct validity_rule_row *row = validity_rule((enum validity_rule)id);
            text_add(text, first ? "{" : ",{");
            text_add_field(text, "id", slice_of(row->name));
            text_add_field(text, "consequence", slice_of(consequence_name(row->consequence)));
            text_add_field(text, "zh", slice_of(row->zh));
            text_add_field(text, "en", slice_of(row->en));
            text_add_byte(text, '}');
            first = false;
        }
    }
    text_add_byte(text, ']');
    text_add_field(text, "mn", message->mn);
    text_add_field(text, "qn", message->qn);
    text_add_field(text, "st", message->st);
    text_add_field(text, "cn", message->cn);
    text_add_field_int(text, "offset", (int64_t)message->offset);
    text_add_field_int(text, "size", (int64_t)message->size);
    text_add(text, "}\n");
}

void answers_begin(struct pipeline *pipeline)
{
    pipeline->answers = text_in(pipeline->answer_space, sizeof pipeline->answer_space);
    pipeline->verdicts = text_in(pipeline->verdict_space, sizeof pipeline->verdict_space);
}

/* design, "Verdicts" and "The bus": rejected is never answered; a verdict goes for what was not
 * accepted, and for everything where the registry or a Response Topic asks. */
void answer_message(struct pipeline *pipeline, const struct message *message, uint32_t device)
{
    if (message->verdict.kind != VERDICT_REJECTED && message->answer_wanted) {
        answer_frame(pipeline, message, device);
    }
    bool asked = pipeline->record->response_topic.size > 0 ||
                 (device != NONE && pipeline->revision->registry.devices[device].verdict_always);
    if (message->verdict.kind != VERDICT_ACCEPTED || asked) {
        verdict_line(&pipeline->verdicts, message);
    }
}

static void send_to_device(struct pipeline *pipeline, enum topic_kind kind,
    const struct topic *topic, struct slice payload)
{
    struct text where = text_in(pipeline->topic_space, sizeof pipeline->topic_space);
    if (payload.size == 0) {
        return;
    }
    topic_write(&where, kind, topic->area, topic->name);
    struct effect effect = {.kind = EFFECT_ANSWER, .topic = text_slice(&where), .payload = payload};
    if (kind == TOPIC_DOWN_VERDICT) {
        effect.correlation = pipeline->record->correlation;
    }
    effect_send(pipeline, effect);
}

void answers_end(struct pipeline *pipeline, const struct topic *topic)
{
    bool new_device = topic->kind == TOPIC_NEW_UP_HJ212;
    send_to_device(pipeline, new_device ? TOPIC_NEW_DOWN_HJ212 : TOPIC_DOWN_HJ212, topic,
        text_slice(&pipeline->answers));
    if (!new_device) {
        send_to_device(pipeline, TOPIC_DOWN_VERDICT, topic, text_slice(&pipeline->verdicts));
    }
}
