#include "schemas/message.h"

/* The part of a message or reading that a rule speaks of. */
struct part_rule {
    enum validity_rule id;
    size_t offset; /* of a slice */
};

static const struct part_rule FIELD_RULES[] = {
    {RULE_MN_EMPTY, offsetof(struct message, mn)},
    {RULE_MN_LENGTH, offsetof(struct message, mn)},
    {RULE_MN_UNKNOWN, offsetof(struct message, mn)},
    {RULE_MN_NOT_TOPIC, offsetof(struct message, mn)},
    {RULE_QN_FORM, offsetof(struct message, qn)},
    {RULE_KEY_REUSED, offsetof(struct message, qn)},
    {RULE_QN_REUSED, offsetof(struct message, qn)},
    {RULE_ST_FORM, offsetof(struct message, st)},
    {RULE_CN_FORM, offsetof(struct message, cn)},
    {RULE_CN_UNKNOWN, offsetof(struct message, cn)},
    {RULE_CN_EDITION, offsetof(struct message, cn)},
    {RULE_DIRECTION, offsetof(struct message, cn)},
    {RULE_FLAG_FORM, offsetof(struct message, flag)},
    {RULE_PNUM_FLAG, offsetof(struct message, flag)},
    {RULE_PW_LENGTH, offsetof(struct message, pw)},
    {RULE_PW_WRONG, offsetof(struct message, pw)},
    {RULE_RF_FORM, offsetof(struct message, rf)},
    {RULE_RESEND_FRESH, offsetof(struct message, rf)},
    {RULE_DATATIME_IMPOSSIBLE, offsetof(struct message, datatime)},
    {RULE_DATATIME_DIGITS, offsetof(struct message, datatime)},
    {RULE_PERIOD_ALIGNMENT, offsetof(struct message, datatime)},
    {RULE_LATE, offsetof(struct message, datatime)},
};

static const struct part_rule READING_RULES[] = {
    {RULE_VALUE_NOT_NUMBER, offsetof(struct reading, text)},
    {RULE_VALUE_SENTINEL, offsetof(struct reading, text)},
    {RULE_VALUE_WIDTH, offsetof(struct reading, text)},
    {RULE_MIN_AVG_MAX, offsetof(struct reading, text)},
    {RULE_FACTOR_UNKNOWN, offsetof(struct reading, factor)},
    {RULE_SUFFIX_UNKNOWN, offsetof(struct reading, field)},
    {RULE_DATA_FLAG_UNKNOWN, offsetof(struct reading, flag)},
};

enum {
    FIELD_RULE_COUNT = sizeof FIELD_RULES / sizeof FIELD_RULES[0],
    READING_RULE_COUNT = sizeof READING_RULES / sizeof READING_RULES[0],
};

void message_break(struct message *message, enum validity_rule id, struct slice at)
{
    rule_set_add(&message->verdict.broken, id);
    if (!rule_set_has(&message->placed, id)) {
        rule_set_add(&message->placed, id);
        message->places[id] = at;
    }
}

/* The part of `whole` that the rule speaks of; none: nobody has said. */
static struct slice part_place(
    const struct part_rule *rows, size_t count, const void *whole, enum validity_rule id)
{
    size_t i = 0;
    while (i < count && rows[i].id != id) {
        i += 1;
    }
    return i == count
               ? (struct slice){0}
               : *(const struct slice *)(const void *)((const uint8_t *)whole + rows[i].offset);
}

/* Else from its factor's code to the end of its value, where both stand so in the payload. */
static struct slice reading_place(const struct reading *reading, enum validity_rule id)
{
    struct slice part = part_place(READING_RULES, READING_RULE_COUNT, reading, id);
    if (part.ptr != NULL) {
        return part;
    }
    uintptr_t from = (uintptr_t)reading->factor.ptr, to = (uintptr_t)reading->text.ptr;
    bool whole = to >= from && to - from <= reading->factor.size + reading->field.size + 8;
    return whole ? slice_from(reading->factor.ptr, (size_t)(to - from) + reading->text.size)
                 : reading->factor;
}

static struct slice find_place(const struct message *message, enum validity_rule id)
{
    bool placed = rule_set_has(&message->placed, id);
    struct slice at = placed ? message->places[id] : (struct slice){0};
    for (size_t i = 0; i < message->reading_count; i++) {
        if (rule_set_has(&message->readings[i].broken, id)) {
            struct slice place = reading_place(&message->readings[i], id);
            return placed && (uintptr_t)at.ptr < (uintptr_t)place.ptr ? at : place;
        }
    }
    return placed ? at : part_place(FIELD_RULES, FIELD_RULE_COUNT, message, id);
}

bool message_place(const struct message *message, enum validity_rule id, struct slice *at)
{
    uintptr_t first = (uintptr_t)message->payload.ptr;
    *at = find_place(message, id);
    if (at->ptr == NULL) {
        return false;
    }
    uintptr_t from = (uintptr_t)at->ptr; /* a text may have been made, and stand elsewhere */
    return from >= first && from - first + at->size <= message->payload.size;
}

static const char *const CRC_KINDS[] = {"standard", "modbus", "modbus-swapped"};
static const char *const FORMATS[] = {"hj212", "senml"};

enum {
    CRC_KIND_COUNT = sizeof CRC_KINDS / sizeof CRC_KINDS[0],
    FORMAT_COUNT = sizeof FORMATS / sizeof FORMATS[0],
};

/* The index of the name in its list, or `count`. */
static size_t name_index(const char *const *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(name, names[i])) {
            return i;
        }
    }
    return count;
}

const char *crc_kind_name(enum crc_kind kind)
{
    assert((size_t)kind < CRC_KIND_COUNT);
    return CRC_KINDS[kind];
}

bool crc_kind_from(struct slice name, enum crc_kind *kind)
{
    size_t index = name_index(CRC_KINDS, CRC_KIND_COUNT, name);
    *kind = index < CRC_KIND_COUNT ? (enum crc_kind)index : CRC_STANDARD;
    return index < CRC_KIND_COUNT;
}

bool length_unit_from(struct slice name, enum length_unit *unit)
{
    *unit = slice_is(name, "characters") ? LENGTH_CHARACTERS : LENGTH_BYTES;
    return *unit == LENGTH_CHARACTERS || slice_is(name, "bytes");
}

bool charset_from(struct slice name, enum charset *charset)
{
    *charset = slice_is(name, "gbk") ? CHARSET_GBK : CHARSET_UTF8;
    return *charset == CHARSET_GBK || slice_is(name, "utf-8");
}

const char *format_name(enum format format)
{
    assert((size_t)format < FORMAT_COUNT);
    return FORMATS[format];
}

bool format_from(struct slice name, enum format *format)
{
    size_t index = name_index(FORMATS, FORMAT_COUNT, name);
    *format = index < FORMAT_COUNT ? (enum format)index : FORMAT_HJ212;
    return index < FORMAT_COUNT;
}
