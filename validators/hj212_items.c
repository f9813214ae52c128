#include "core/marks.h"
#include "validators/hj212_fields.h"
#include "validators/hj212_reading.h"

enum { APART_FLAGS_MAX = 32 };

struct factor_flag {
    struct slice factor, flag;
};

/* CP while it is read. */
struct items {
    struct message *message;
    struct marks marks;           /* of what stands between the ampersands */
    const struct factor_row *row; /* of the last reading's factor; NULL: unknown */
    struct slice item;            /* as it stands between its separators */
    struct slice factor;          /* of the item before; empty: a plain field, or none yet */
    struct factor_flag last;      /* the last -Flag, which may stand before its readings */
    struct factor_flag apart[APART_FLAGS_MAX]; /* those that stand away from theirs */
    size_t apart_count;
    bool logs_done; /* no log text that is closed begins any more */
};

/* What stands between the ampersands. The closing ones are the last: a log text may hold some. */
static struct slice unwrap(struct slice cp, struct message *message)
{
    size_t opening = slice_starts(cp, "&&") ? 2 : slice_starts(cp, "&") ? 1 : 0;
    if (opening != 2) {
        message_break(message, RULE_CP_AMPERSAND, slice_head(cp, opening));
    }
    struct slice inner = slice_tail(cp, opening);
    size_t end = inner.size;
    while (end >= 2 && !(inner.ptr[end - 1] == '&' && inner.ptr[end - 2] == '&')) {
        end -= 1;
    }
    if (end >= 2) {
        if (end < inner.size) {
            message_break(message, RULE_AFTER_CP, slice_tail(inner, end));
        }
        return slice_head(inner, end - 2);
    }
    message_break(message, RULE_CP_AMPERSAND, slice_from(cp.ptr + cp.size, 0));
    if (inner.size > 0 && inner.ptr[inner.size - 1] == '&') {
        inner.size -= 1;
    }
    return inner;
}

/* Readings of this factor anywhere before; the first flag that a reading was given stands. */
static bool flag_earlier(struct items *items, struct slice factor, struct slice flag)
{
    struct message *message = items->message;
    bool found = false;
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        if (!slice_equal(reading->factor, factor)) {
            continue;
        }
        found = true;
        if (reading->flag.size == 0) {
            reading->flag = flag;
        } else if (reading->flag.ptr != flag.ptr) {
            rule_set_add(&reading->broken, RULE_ITEM_REPEATED);
            message_break(message, RULE_ITEM_REPEATED, flag);
        }
    }
    return found;
}

/* A -Flag speaks of the readings of its factor: mostly of those beside it, before and behind. */
static void take_flag(struct items *items, struct slice factor, struct slice flag)
{
    struct message *message = items->message;
    bool beside = flag.size == 0; /* says nothing */
    for (size_t i = message->reading_count; i > 0 && flag.size > 0; i--) {
        struct reading *reading = &message->readings[i - 1];
        if (!slice_equal(reading->factor, factor) || reading->flag.size > 0) {
            break;
        }
        reading->flag = flag;
        beside = true;
    }
    if (!beside && !flag_earlier(items, factor, flag) && items->apart_count < APART_FLAGS_MAX) {
        items->apart[items->apart_count++] = (struct factor_flag){factor, flag};
    }
    items->last = (struct factor_flag){factor, flag};
}

/* The flags that stood before their readings; a flag without any is noted. */
static void take_apart_flags(struct items *items)
{
    for (size_t i = 0; i < items->apart_count; i++) {
        if (!flag_earlier(items, items->apart[i].factor, items->apart[i].flag)) {
            message_break(items->message, RULE_FLAG_ALONE, items->apart[i].factor);
        }
    }
}

/* Does this field stand already in the run of items of this factor? */
static bool stands_already(const struct message *message, const struct reading *reading)
{
    for (const struct reading *before = reading - 1;
         before >= message->readings && slice_equal(before->factor, reading->factor); before--) {
        if (slice_equal(before->field, reading->field)) {
            return true;
        }
    }
    return false;
}

static void take_reading(
    struct items *items, struct slice factor, struct slice field, struct slice value)
{
    struct message *message = items->message;
    if (message->reading_count == READINGS_MAX) {
        message_break(message, RULE_TOO_MANY_ITEMS, factor);
        return;
    }
    struct reading *reading = &message->readings[message->reading_count++];
    *reading = (struct reading){.factor = factor, .field = field, .text = value};
    if (slice_equal(items->last.factor, factor)) {
        reading->flag = items->last.flag;
    }
    bool same = message->reading_count > 1 && slice_equal((reading - 1)->factor, factor);
    items->row = same ? items->row : factor_find_in(factor, message->edition);
    hj212_reading_judge(message, items->row, reading);
    if (same && stands_already(message, reading)) {
        rule_set_add(&reading->broken, RULE_ITEM_REPEATED);
    }
    rule_set_join(&message->verdict.broken, &reading->broken);
}

/* Of a name that stands twice the first counts, as everywhere. */
static void take_plain(struct items *items, struct slice name, struct slice value)
{
    struct message *message = items->message;
    bool datatime = slice_is(name, "DataTime");
    bool repeated = datatime && message->datatime.size > 0;
    for (size_t i = 0; i < message->field_count && !repeated; i++) {
        repeated = slice_equal(message->fields[i].name, name);
    }
    if (repeated) {
        message_break(message, RULE_ITEM_REPEATED, name);
    } else if (datatime) {
        message->datatime = value;
    } else if (message->field_count == PLAIN_FIELDS_MAX) {
        message_break(message, RULE_TOO_MANY_ITEMS, name);
    } else {
        message->fields[message->field_count++] = (struct plain_field){name, value};
    }
}

/* datatime, -rtd and the like: the standard's spelling is the first letter upper case. */
static bool first_is_lower(struct slice word)
{
    return word.size > 0 && word.ptr[0] >= 'a' && word.ptr[0] <= 'z';
}

static void take_plain_item(struct items *items, struct slice name, struct slice value)
{
    if (slice_is(name, "datatime")) {
        message_break(items->message, RULE_NAME_CASE, name);
        name = slice_of("DataTime");
    }
    take_plain(items, name, value);
}

static void take_factor_item(
    struct items *items, struct slice factor, struct slice field, struct slice value)
{
    if (first_is_lower(field)) {
        message_break(items->message, RULE_NAME_CASE, field);
    }
    if (slice_is(field, "Flag") || slice_is(field, "flag")) {
        take_flag(items, factor, value);
    } else {
        take_reading(items, factor, field, value);
    }
}

/* `,` joins the kinds of one factor, and two plain pairs of 2025 (3011, 1014); `;` what differs. */
static void judge_separator(
    struct items *items, uint8_t separator, struct slice factor, struct slice name)
{
    bool same = factor.size > 0 && slice_equal(factor, items->factor);
    bool joined = same || slice_is(name, "CalibrationType") || slice_is(name, "NewSK");
    if ((separator == ',' && !joined) || (separator == ';' && same)) {
        message_break(items->message, RULE_SEPARATOR, slice_from(items->item.ptr - 1, 1));
    }
    items->factor = factor;
}

/* An item as it is found: where it ends, and in front of that the first = and the first - of its name. */
struct span {
    size_t end, equals, hyphen; /* at the end: there is none */
};

static bool at_slashes(struct slice text, size_t at)
{
    return at + 1 < text.size && text.ptr[at] == '/' && text.ptr[at + 1] == '/';
}

static bool is_separator(uint8_t byte)
{
    return byte == ';' || byte == ',';
}

/* A log text opened at `from` reaches to the next // with which its item ends. When there is none, none later
 * is closed either, and nobody looks again. */
static void skip_log(struct items *items, size_t from)
{
    struct slice text = items->marks.text;
    if (items->logs_done || !at_slashes(text, from)) {
        return;
    }
    for (size_t at = from + 2; at + 2 <= text.size; at++) {
        if (at_slashes(text, at) && (at + 2 == text.size || is_separator(text.ptr[at + 2]))) {
            marks_seek(&items->marks, at + 2);
            return;
        }
    }
    items->logs_done = true;
}

/* The end is a `;` or `,` outside a log text, which stands between =// and //. */
static struct span next_span(struct items *items)
{
    struct slice text = items->marks.text;
    struct span span = {text.size, text.size, text.size};
    for (size_t at = marks_next(&items->marks); at < text.size; at = marks_next(&items->marks)) {
        if (is_separator(text.ptr[at])) {
            span.end = at;
            span.equals = span.equals < at ? span.equals : at;
            span.hyphen = span.hyphen < at ? span.hyphen : at;
            break;
        }
        if (text.ptr[at] == '=') {
            span.equals = span.equals < at ? span.equals : at;
            skip_log(items, at + 1);
        } else if (span.equals == text.size && span.hyphen == text.size) {
            span.hyphen = at;
        }
    }
    return span;
}

/* The item at `from`; its end. separator: the byte before it, 0 at the first. */
static size_t take_item(struct items *items, uint8_t separator, size_t from)
{
    struct span span = next_span(items);
    const uint8_t *ptr = items->marks.text.ptr;
    struct slice item = slice_from(ptr + from, span.end - from);
    items->item = item;
    struct slice name = hj212_trim(slice_head(item, span.equals - from), items->message);
    struct slice value = hj212_trim(slice_tail(item, span.equals - from + 1), items->message);
    if (span.equals == span.end) {
        /* a name alone, or two of them and nothing between */
        message_break(items->message, RULE_SEPARATOR, item);
    }
    if (name.size == 0 && span.equals == span.end) {
        return span.end;
    }
    if (span.hyphen == span.end) {
        judge_separator(items, separator, (struct slice){0}, name);
        take_plain_item(items, name, value);
    } else {
        size_t size = (size_t)(ptr + span.hyphen - name.ptr);
        struct slice factor = slice_head(name, size);
        judge_separator(items, separator, factor, name);
        take_factor_item(items, factor, slice_tail(name, size + 1), value);
    }
    return span.end;
}

static bool is_blank(struct slice text)
{
    size_t at = 0;
    while (at < text.size && text.ptr[at] == ' ') {
        at += 1;
    }
    return at == text.size;
}

void hj212_items_read(struct message *message, struct slice cp)
{
    struct items items = {.message = message};
    struct slice text = unwrap(cp, message);
    if (is_blank(text)) {
        if (text.size > 0) {
            message_break(message, RULE_STRAY_SPACE, text);
        }
        return;
    }
    uint8_t separator = 0;
    items.marks = marks_begin(text, "=-;,");
    for (size_t at = 0; at < text.size;) {
        size_t end = take_item(&items, separator, at);
        separator = end < text.size ? text.ptr[end] : 0;
        at = end + 1;
    }
    if (separator != 0) { /* one stands behind the last item */
        message_break(message, RULE_SEPARATOR, slice_tail(text, text.size - 1));
    }
    take_apart_flags(&items);
}
