#include "validators/hj212_command.h"

#include "schemas/hj212.h"

/* What stands in a CP: bit n for the plain field n, for the family n of suffixes. */
struct seen {
    uint64_t fields;
    uint32_t items;
};

static uint64_t field_bit(enum cp_field field)
{
    return UINT64_C(1) << field;
}

static uint32_t family_bit(const struct reading *reading)
{
    return reading->suffix == SUFFIX_UNKNOWN ? 0
                                             : UINT32_C(1) << suffix_row(reading->suffix)->family;
}

/* The rule that this value breaks; RULE_COUNT: none. */
static enum validity_rule value_fault(
    const struct cp_form *form, struct slice value, enum edition edition)
{
    switch (cp_form_fit(form, value, edition)) {
    case CP_FITS:
        break;
    case CP_ILL_FORMED:
        return RULE_CP_VALUE_FORM;
    case CP_OUT_OF_RANGE:
        return RULE_CP_VALUE_RANGE;
    case CP_CODE_UNKNOWN:
        return RULE_RETURN_CODE_UNKNOWN;
    }
    return RULE_COUNT;
}

static enum cp_field judge_field(struct message *message, const struct plain_field *plain)
{
    bool exact = false;
    enum cp_field field = cp_field_find(plain->name, &exact);
    if (field == CP_NONE) {
        message_break(message, RULE_CP_NAME_UNKNOWN, plain->name);
        return field;
    }
    if (!exact) {
        message_break(message, RULE_NAME_CASE, plain->name);
    }
    enum validity_rule fault =
        value_fault(cp_form_find(field, message->edition), plain->value, message->edition);
    if (fault != RULE_COUNT) {
        message_break(message, fault, plain->value);
    }
    return field;
}

static struct seen look(struct message *message)
{
    struct seen seen = {
        message->datatime.size > 0 ? field_bit(CP_DATA_TIME) : 0, message->families};
    for (size_t i = 0; i < message->field_count; i++) {
        enum cp_field field = judge_field(message, &message->fields[i]);
        seen.fields |= field == CP_NONE ? 0 : field_bit(field);
    }
    return seen;
}

static bool fits(const struct content *content, const struct seen *seen)
{
    return (content->needs & ~seen->fields) == 0 &&
           (seen->fields & ~(content->needs | content->may)) == 0 &&
           (content->items == 0 || (content->items & seen->items) != 0) &&
           (seen->items & ~(content->items | content->also)) == 0;
}

static const struct content *content_of(
    enum direction direction, const struct message *message, const struct seen *seen)
{
    if (direction != DIRECTION_UNKNOWN) {
        return content_find(message->cn_code, message->edition, direction);
    }
    const struct content *up = content_find(message->cn_code, message->edition, DIRECTION_UP);
    if (up != NULL && fits(up, seen)) {
        return up;
    }
    const struct content *down = content_find(message->cn_code, message->edition, DIRECTION_DOWN);
    return up == NULL || (down != NULL && fits(down, seen)) ? down : up;
}

/* Which of them is too much, so that it can be pointed at. */
static void name_unexpected(const struct content *content, struct message *message)
{
    for (size_t i = 0; i < message->field_count; i++) {
        bool exact;
        enum cp_field field = cp_field_find(message->fields[i].name, &exact);
        if (field != CP_NONE && ((content->needs | content->may) & field_bit(field)) == 0) {
            message_break(message, RULE_CP_FIELD_UNEXPECTED, message->fields[i].name);
        }
    }
    if (message->datatime.size > 0 &&
        ((content->needs | content->may) & field_bit(CP_DATA_TIME)) == 0) {
        message_break(message, RULE_CP_FIELD_UNEXPECTED, message->datatime);
    }
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        if ((family_bit(reading) & ~(content->items | content->also)) != 0) {
            message_break_by(message, reading, RULE_ITEM_UNEXPECTED);
        }
    }
}

static void judge_content(
    const struct content *content, const struct seen *seen, struct message *message)
{
    struct rule_set *broken = &message->verdict.broken;
    uint64_t missing = content->needs & ~seen->fields;
    if ((missing & field_bit(CP_DATA_TIME)) != 0) {
        rule_set_add(broken, RULE_DATATIME_MISSING);
    }
    if ((missing & ~field_bit(CP_DATA_TIME)) != 0) {
        rule_set_add(broken, RULE_CP_FIELD_MISSING);
    }
    if (content->items != 0 && (content->items & seen->items) == 0) {
        rule_set_add(broken, RULE_ITEMS_MISSING);
    }
    name_unexpected(content, message);
}

/* A maker's own command: data has a time. */
static void judge_unknown(struct message *message)
{
    if (message->cn_code >= 2000 && message->cn_code < 3000 && message->reading_count > 0 &&
        message->datatime.size == 0) {
        rule_set_add(&message->verdict.broken, RULE_DATATIME_MISSING);
    }
}

void hj212_command_judge(enum direction direction, struct message *message)
{
    struct seen seen = look(message);
    const struct content *content = content_of(direction, message, &seen);
    if (content == NULL) {
        judge_unknown(message);
    } else if (!fits(content, &seen)) {
        judge_content(content, &seen, message);
    }
}
