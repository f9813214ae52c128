#include "broker-bridge/pipeline_message.h"

#include "schemas/content.h"

static void add_rule(struct text *out, enum validity_rule id)
{
    const struct validity_rule_row *row = validity_rule(id);
    text_add_field(out, "id", slice_of(row->name));
    text_add_field(out, "consequence", slice_of(consequence_name(row->consequence)));
}

static void add_words(struct text *out, enum validity_rule id)
{
    text_add_field(out, "zh", slice_of(validity_rule(id)->zh));
    text_add_field(out, "en", slice_of(validity_rule(id)->en));
}

static void add_rules(struct text *out, const struct rule_set *set, bool words)
{
    bool first = true;
    text_add_key(out, "rules");
    text_add_byte(out, '[');
    for (unsigned id = 0; (id = rule_set_next(set, id)) < RULE_COUNT; id++) {
        text_add(out, first ? "{" : ",{");
        add_rule(out, (enum validity_rule)id);
        if (words) {
            add_words(out, (enum validity_rule)id);
        }
        text_add_byte(out, '}');
        first = false;
    }
    text_add_byte(out, ']');
}

/* Where in the payload the rules are broken whose place is known. */
static void add_places(struct text *out, const struct message *message)
{
    struct slice at;
    bool first = true;
    text_add_key(out, "places");
    text_add_byte(out, '[');
    const struct rule_set *broken = &message->verdict.broken;
    for (unsigned id = 0; (id = rule_set_next(broken, id)) < RULE_COUNT; id++) {
        enum validity_rule rule = (enum validity_rule)id;
        if (message_place(message, rule, &at)) {
            text_add(out, first ? "{" : ",{");
            text_add_field(out, "rule", slice_of(validity_rule(rule)->name));
            text_add_field_int(out, "offset", at.ptr - message->payload.ptr);
            text_add_field_int(out, "size", (int64_t)at.size);
            text_add_byte(out, '}');
            first = false;
        }
    }
    text_add_byte(out, ']');
}

static void add_reading(struct text *out, const struct reading *reading)
{
    text_add_byte(out, '{');
    text_add_field(out, "factor", reading->factor);
    text_add_field(out, "field", reading->field);
    text_add_field(out, reading->has_value ? "value" : "text", reading->text);
    if (reading->flag.size > 0) {
        text_add_field(out, "flag", reading->flag);
    }
    add_rules(out, &reading->broken, false);
    text_add_byte(out, '}');
}

static void add_header(struct text *out, const struct message *message)
{
    const struct {
        const char *key;
        struct slice value;
    } ROWS[] = {
        {"st", message->st},
        {"cn", message->cn},
        {"mn", message->mn},
        {"qn", message->qn},
        {"flag", message->flag},
        {"pnum", message->pnum},
        {"pno", message->pno},
        {"rf", message->rf},
        {"datatime", message->datatime},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        bool empty_mn = ROWS[i].value.ptr == message->mn.ptr && message->has_mn && i == 2;
        if (ROWS[i].value.size > 0 || empty_mn) {
            text_add_field(out, ROWS[i].key, ROWS[i].value);
        }
    }
}

bool message_field_secret(struct slice name)
{
    bool exact;
    enum cp_field field = cp_field_find(name, &exact);
    return field == CP_NEW_SK || field == CP_NEW_PW || field == CP_PW;
}

static void add_content(struct text *out, const struct message *message, enum message_form form)
{
    text_add_key(out, "cp");
    text_add_byte(out, '{');
    for (size_t i = 0; i < message->field_count; i++) {
        text_add(out, i == 0 ? "" : ",");
        text_add_json(out, message->fields[i].name);
        text_add_byte(out, ':');
        bool blank = form != MESSAGE_WHOLE && message_field_secret(message->fields[i].name);
        text_add_json(out, blank ? slice_of("***") : message->fields[i].value);
    }
    text_add_byte(out, '}');
    text_add_key(out, "items");
    text_add_byte(out, '[');
    for (size_t i = 0; i < message->reading_count; i++) {
        text_add(out, i == 0 ? "" : ",");
        add_reading(out, &message->readings[i]);
    }
    text_add_byte(out, ']');
}

void message_json_add(struct text *out, const struct message *message, enum message_form form)
{
    text_add_field(out, "verdict", slice_of(verdict_name(message->verdict.kind)));
    add_rules(out, &message->verdict.broken, form != MESSAGE_WHOLE);
    add_places(out, message);
    text_add_field(out, "edition", slice_of(edition_name(message->edition)));
    add_header(out, message);
    if (form != MESSAGE_HEAD) {
        add_content(out, message, form);
    }
    text_add_field_int(out, "offset", (int64_t)message->offset);
    text_add_field_int(out, "size", (int64_t)message->size);
}

static void add_missing(struct text *out, const struct joined *joined)
{
    bool first = true;
    text_add_key(out, "missing");
    text_add_byte(out, '[');
    for (uint32_t part = 0; part < joined->pnum; part++) {
        if ((joined->came >> part & 1) == 0) {
            text_add(out, first ? "" : ",");
            text_add_int(out, part + 1);
            first = false;
        }
    }
    text_add_byte(out, ']');
}

static void add_broken_items(struct text *out, const struct message *message)
{
    bool first = true;
    text_add_key(out, "items");
    text_add_byte(out, '[');
    for (size_t i = 0; i < message->reading_count; i++) {
        if (!rule_set_empty(&message->readings[i].broken)) {
            text_add(out, first ? "" : ",");
            add_reading(out, &message->readings[i]);
            first = false;
        }
    }
    text_add_byte(out, ']');
}

void joined_json_add(struct text *out, const struct joined *joined, enum message_form form)
{
    bool whole = !rule_set_has(&joined->message.verdict.broken, RULE_PARTS_MISSING);
    text_add_field(out, "joined", slice_of(whole ? "complete" : "incomplete"));
    add_rules(out, &joined->message.verdict.broken, form != MESSAGE_WHOLE);
    text_add_field(out, "edition", slice_of(edition_name(joined->message.edition)));
    add_header(out, &joined->message);
    add_missing(out, joined);
    if (form != MESSAGE_HEAD) {
        add_broken_items(out, &joined->message);
    }
}
