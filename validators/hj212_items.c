#include "core/decimal.h"
#include "schemas/hj212.h"
#include "validators/hj212_fields.h"

enum { ST_WORKING_CONDITION = 45 };

/* CP while it is read. */
struct items {
    struct message *message;
    struct rule_set *broken;
    struct slice flag_factor, flag; /* the last -Flag, which may stand before its readings */
};

/* What stands between the ampersands. The closing ones are the last: a log text may hold some. */
static struct slice unwrap(struct slice cp, struct rule_set *broken)
{
    size_t opening = slice_starts(cp, "&&") ? 2 : slice_starts(cp, "&") ? 1 : 0;
    if (opening != 2) {
        rule_set_add(broken, RULE_CP_AMPERSAND);
    }
    struct slice inner = slice_tail(cp, opening);
    size_t end = inner.size;
    while (end >= 2 && !(inner.ptr[end - 1] == '&' && inner.ptr[end - 2] == '&')) {
        end -= 1;
    }
    if (end >= 2) {
        if (end < inner.size) {
            rule_set_add(broken, RULE_AFTER_CP);
        }
        return slice_head(inner, end - 2);
    }
    rule_set_add(broken, RULE_CP_AMPERSAND);
    if (inner.size > 0 && inner.ptr[inner.size - 1] == '&') {
        inner.size -= 1;
    }
    return inner;
}

static struct slice trim(struct slice text, struct rule_set *broken)
{
    size_t before = text.size;
    while (text.size > 0 && text.ptr[0] == ' ') {
        text = slice_tail(text, 1);
    }
    while (text.size > 0 && text.ptr[text.size - 1] == ' ') {
        text.size -= 1;
    }
    if (text.size != before) {
        rule_set_add(broken, RULE_STRAY_SPACE);
    }
    return text;
}

/* All nines in the shape of the factor's type stand for "no value" (2025, 8.1.1). */
static bool is_sentinel(struct slice digits, const struct factor_row *factor)
{
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.ptr[i] != '9' && digits.ptr[i] != '.') {
            return false;
        }
    }
    if (slice_is(digits, "9999.99")) {
        return true;
    }
    uint64_t integers = 0, decimals = 0;
    if (factor == NULL || factor->format[0] != 'N') {
        return false;
    }
    struct slice format = slice_of(factor->format + 1);
    if (!slice_to_uint(slice_cut(&format, '.'), 20, &integers)) {
        return false;
    }
    if (format.size > 0 && !slice_to_uint(format, 20, &decimals)) {
        return false;
    }
    size_t point = slice_find(digits, 0, '.');
    size_t behind = point == digits.size ? 0 : digits.size - point - 1;
    return integers >= 3 && point == integers && behind == decimals;
}

static void judge_number(struct items *items, struct reading *reading)
{
    struct decimal number;
    if (reading->text.size == 0) {
        rule_set_add(&reading->broken, RULE_VALUE_EMPTY);
    } else if (!decimal_parse(reading->text, &number)) {
        if (items->message->st_code == ST_WORKING_CONDITION && slice_is(reading->field, "Rtd")) {
            reading->is_text = true; /* ST=45: marks such as St, N, Sr are no numbers by nature */
        } else {
            rule_set_add(&reading->broken, RULE_VALUE_NOT_NUMBER);
        }
    } else if (is_sentinel(reading->text, factor_find(reading->factor))) {
        rule_set_add(&reading->broken, RULE_VALUE_SENTINEL);
    } else {
        reading->value = number.value;
        reading->has_value = true;
    }
}

/* Facilities (SBn) and process codes (e or g, process, parameter, device: HJ 212-2017 6.4.1) are
 * numbered by the plant: their shape is all there is to know. */
static bool known_by_shape(struct slice factor)
{
    return slice_starts(factor, "SB") ||
           (factor.size == 6 && (factor.ptr[0] == 'e' || factor.ptr[0] == 'g'));
}

static void judge_reading(struct items *items, struct reading *reading)
{
    struct decimal number;
    const struct suffix_row *suffix = suffix_find(reading->field);
    bool is_number =
        suffix == NULL ? decimal_parse(reading->text, &number) : suffix->kind == SUFFIX_NUMBER;
    if (suffix == NULL) {
        rule_set_add(&reading->broken, RULE_SUFFIX_UNKNOWN);
    }
    if (is_number) {
        judge_number(items, reading);
    } else {
        reading->is_text = true;
    }
    if (!known_by_shape(reading->factor) && factor_find(reading->factor) == NULL) {
        rule_set_add(&reading->broken, RULE_FACTOR_UNKNOWN);
    }
}

/* A -Flag speaks of the readings of its factor beside it, before it and behind it. */
static void take_flag(struct items *items, struct slice factor, struct slice flag)
{
    struct message *message = items->message;
    items->flag_factor = factor;
    items->flag = flag;
    for (size_t i = message->reading_count; i > 0; i--) {
        struct reading *reading = &message->readings[i - 1];
        if (!slice_equal(reading->factor, factor) || reading->flag.size > 0) {
            break;
        }
        reading->flag = flag;
    }
}

static void take_reading(
    struct items *items, struct slice factor, struct slice field, struct slice value)
{
    struct message *message = items->message;
    if (message->reading_count == READINGS_MAX) {
        rule_set_add(items->broken, RULE_TOO_MANY_ITEMS);
        return;
    }
    struct reading *reading = &message->readings[message->reading_count++];
    *reading = (struct reading){.factor = factor, .field = field, .text = value};
    if (slice_equal(items->flag_factor, factor)) {
        reading->flag = items->flag;
    }
    judge_reading(items, reading);
    const struct reading *before = message->reading_count < 2 ? NULL : reading - 1;
    if (before != NULL && slice_equal(before->factor, factor) &&
        slice_equal(before->field, field)) {
        rule_set_add(&reading->broken, RULE_ITEM_REPEATED);
    }
    rule_set_join(items->broken, &reading->broken);
}

static void take_plain(struct items *items, struct slice name, struct slice value)
{
    struct message *message = items->message;
    if (slice_is(name, "DataTime") && message->datatime.size == 0) {
        message->datatime = value;
    } else if (message->field_count == PLAIN_FIELDS_MAX) {
        rule_set_add(items->broken, RULE_TOO_MANY_ITEMS);
    } else {
        message->fields[message->field_count++] = (struct plain_field){name, value};
    }
}

/* datatime, -rtd and the like: the standard's spelling is the first letter upper case. */
static bool first_is_lower(struct slice word)
{
    return word.size > 0 && word.ptr[0] >= 'a' && word.ptr[0] <= 'z';
}

static void take_item(struct items *items, struct slice item)
{
    struct slice value = trim(item, items->broken);
    if (value.size == 0) {
        rule_set_add(items->broken, RULE_SEPARATOR);
        return;
    }
    struct slice name = trim(slice_cut(&value, '='), items->broken);
    value = trim(value, items->broken);
    size_t hyphen = slice_find(name, 0, '-');
    if (hyphen == name.size) {
        if (slice_is(name, "datatime")) {
            rule_set_add(items->broken, RULE_NAME_CASE);
            name = slice_of("DataTime");
        }
        take_plain(items, name, value);
        return;
    }
    struct slice factor = slice_head(name, hyphen);
    struct slice field = slice_tail(name, hyphen + 1);
    if (first_is_lower(field)) {
        rule_set_add(items->broken, RULE_NAME_CASE);
    }
    if (slice_is(field, "Flag") || slice_is(field, "flag")) {
        take_flag(items, factor, value);
    } else {
        take_reading(items, factor, field, value);
    }
}

/* The end of the item at `from`: a `;` or `,` outside a log text, which stands between // and //. */
static size_t item_end(struct slice text, size_t from)
{
    bool in_log = false;
    for (size_t at = from; at < text.size; at++) {
        if (text.ptr[at] == '/' && at + 1 < text.size && text.ptr[at + 1] == '/') {
            in_log = !in_log;
            at += 1;
        } else if (!in_log && (text.ptr[at] == ';' || text.ptr[at] == ',')) {
            return at;
        }
    }
    return text.size;
}

/* Different factors joined by a comma, or a factor's items apart: both are read. */
static void note_separators(struct items *items, struct slice text)
{
    if (text.size > 0 && (text.ptr[text.size - 1] == ';' || text.ptr[text.size - 1] == ',')) {
        rule_set_add(items->broken, RULE_SEPARATOR);
    }
}

void hj212_items_read(struct message *message, struct slice cp)
{
    struct items items = {.message = message, .broken = &message->verdict.broken};
    struct slice text = unwrap(cp, items.broken);
    bool blank = true;
    for (size_t i = 0; i < text.size; i++) {
        blank = blank && text.ptr[i] == ' ';
    }
    if (blank) {
        if (text.size > 0) {
            rule_set_add(items.broken, RULE_STRAY_SPACE);
        }
        return;
    }
    note_separators(&items, text);
    for (size_t at = 0; at < text.size;) {
        size_t end = item_end(text, at);
        take_item(&items, slice_from(text.ptr + at, end - at));
        at = end + 1;
    }
}
