#include "core/marks.h"
#include "validators/hj212_fields.h"

enum { APART_FLAGS_MAX = 32 };

/* A factor's code, and its row: where there is one, it tells it from others. */
struct code {
    struct slice text;
    const struct factor_row *row; /* NULL: unknown */
};

struct factor_flag {
    struct code factor;
    struct slice flag;
};

/* CP while it is read. */
struct items {
    struct message *message;
    struct hj212_names *names;
    struct marks marks; /* of what stands between the ampersands */
    struct code before; /* the factor of the item before; empty: a plain field, or none yet */
    struct code run;    /* the factor of the last reading, and of those in front of it back to */
    size_t run_first;   /* this one */
    struct factor_flag last; /* the last -Flag, which may stand before its readings */
    struct factor_flag apart[APART_FLAGS_MAX]; /* those that stand away from theirs */
    size_t apart_count;
    size_t looks;   /* of flags for readings that are not beside them: so many at most */
    bool logs_done; /* no log text that is closed begins any more */
};

static bool code_equal(const struct code *a, const struct code *b)
{
    return a->row == b->row && (a->row != NULL || slice_equal(a->text, b->text));
}

/* The closing ampersands are the last: a log text may hold some. */
struct slice hj212_unwrap(struct slice cp, struct message *message)
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
static bool flag_earlier(struct items *items, const struct factor_flag *apart)
{
    struct message *message = items->message;
    bool found = false;
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        if (!slice_equal(reading->factor, apart->factor.text)) {
            continue;
        }
        found = true;
        if (reading->flag.size == 0) {
            reading->flag = apart->flag;
        } else if (reading->flag.ptr != apart->flag.ptr) {
            rule_set_add(&reading->broken, RULE_ITEM_REPEATED);
            message_break(message, RULE_ITEM_REPEATED, apart->flag);
        }
    }
    return found;
}

/* A -Flag speaks of the readings of its factor: mostly of those beside it, before and behind. */
static void take_flag(struct items *items, const struct code *factor, struct slice flag)
{
    struct message *message = items->message;
    items->last = (struct factor_flag){*factor, flag};
    if (flag.size == 0) {
        return; /* says nothing */
    }
    bool beside = false;
    size_t first = code_equal(factor, &items->run) ? items->run_first : message->reading_count;
    for (size_t i = message->reading_count; i > first && message->readings[i - 1].flag.size == 0;
         i--) {
        message->readings[i - 1].flag = flag;
        beside = true;
    }
    if (beside) {
        return;
    }
    if (items->looks == APART_FLAGS_MAX) {
        message_break(message, RULE_TOO_MANY_ITEMS, flag);
        return;
    }
    items->looks += 1;
    if (!flag_earlier(items, &items->last)) {
        items->apart[items->apart_count++] = items->last;
    }
}

/* The flags that stood before their readings; a flag without any is noted. */
static void take_apart_flags(struct items *items)
{
    for (size_t i = 0; i < items->apart_count; i++) {
        if (!flag_earlier(items, &items->apart[i])) {
            message_break(items->message, RULE_FLAG_ALONE, items->apart[i].factor.text);
        }
    }
}

/* Does this field stand already in the run of readings of this factor? */
static bool stands_already(const struct items *items, const struct reading *reading)
{
    const struct reading *first = &items->message->readings[items->run_first];
    for (const struct reading *before = first; before < reading; before++) {
        if (before->suffix == reading->suffix &&
            (reading->suffix != SUFFIX_UNKNOWN || slice_equal(before->field, reading->field))) {
            return true;
        }
    }
    return false;
}

/* Member by member: a literal of the whole struct is made beside it first, for each reading of each frame. */
static void reading_begin(
    struct reading *reading, struct slice factor, struct slice field, struct slice value)
{
    reading->factor = factor;
    reading->field = field;
    reading->text = value;
    reading->flag = reading->unit = (struct slice){0};
    reading->value = 0;
    reading->has_value = reading->is_text = reading->joins = false;
    reading->time.ms = 0;
}

static void take_reading(struct items *items, const struct code *factor,
    const struct reading_form *form, struct slice field, struct slice value)
{
    struct message *message = items->message;
    if (message->reading_count == READINGS_MAX) {
        message_break(message, RULE_TOO_MANY_ITEMS, factor->text);
        return;
    }
    struct reading *reading = &message->readings[message->reading_count++];
    reading_begin(reading, factor->text, field, value);
    if (code_equal(factor, &items->last.factor)) {
        reading->flag = items->last.flag;
    }
    reading->joins = message->reading_count > 1 && code_equal(factor, &items->run);
    if (!reading->joins) {
        items->run = *factor;
        items->run_first = message->reading_count - 1;
    }
    message->families |= form->family;
    hj212_reading_judge(form, message, reading);
    if (stands_already(items, reading)) {
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

static void take_plain_item(struct items *items, struct slice name, struct slice value)
{
    if (slice_is(name, "datatime")) {
        message_break(items->message, RULE_NAME_CASE, name);
        name = slice_of("DataTime");
    }
    take_plain(items, name, value);
}

/* `,` joins the kinds of one factor, and two plain pairs of 2025 (3011, 1014); `;` what differs. */
static void judge_separator(struct items *items, uint8_t separator, const uint8_t *behind,
    const struct code *factor, struct slice name)
{
    bool same = factor->text.size > 0 && code_equal(factor, &items->before);
    bool broken = separator == ';' ? same : separator == ',' && !same;
    if (broken && !slice_is(name, "CalibrationType") && !slice_is(name, "NewSK")) {
        message_break(items->message, RULE_SEPARATOR, slice_from(behind - 1, 1));
    }
    items->before = *factor;
}

/* An item as it is found: where it ends, and in front of that the first =. */
struct span {
    size_t equals, end; /* the same: there is no = */
    uint8_t separator;  /* at its end; 0: nothing follows */
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
    struct span span;
    uint8_t byte = marks_next(&items->marks, &span.equals);
    span.end = span.equals;
    while (byte == '=') {
        skip_log(items, span.end + 1);
        byte = marks_next(&items->marks, &span.end);
    }
    span.separator = byte;
    return span;
}

static struct slice stretch(const uint8_t *text, size_t from, size_t to)
{
    return from < to ? (struct slice){text + from, to - from} : (struct slice){NULL, 0};
}

/* The item that begins at `from`, and the separator in front of it, 0 at the first. */
static void take_item(struct items *items, uint8_t separator, size_t from, const struct span *span)
{
    struct message *message = items->message;
    const uint8_t *text = items->marks.text.ptr;
    struct slice name = hj212_trim((struct slice){text + from, span->equals - from}, message);
    struct slice value = hj212_trim(stretch(text, span->equals + 1, span->end), message);
    if (span->equals == span->end) {
        /* a name alone, or two of them and nothing between */
        message_break(message, RULE_SEPARATOR, slice_from(text + from, span->end - from));
        if (name.size == 0) {
            return;
        }
    }
    const struct item_name *known = names_find(items->names, name, message->edition);
    struct code factor = {{name.ptr, known->factor_size}, known->row};
    struct slice field = stretch(name.ptr, known->factor_size + 1, name.size);
    judge_separator(items, separator, text + from, &factor, name);
    if (known->lower) {
        message_break(message, RULE_NAME_CASE, field);
    }
    switch (known->kind) {
    case ITEM_PLAIN:
        take_plain_item(items, name, value);
        break;
    case ITEM_FLAG:
        take_flag(items, &factor, value);
        break;
    case ITEM_READING:
        take_reading(items, &factor, &known->form, field, value);
        break;
    }
}

static bool is_blank(struct slice text)
{
    size_t at = 0;
    while (at < text.size && text.ptr[at] == ' ') {
        at += 1;
    }
    return at == text.size;
}

void hj212_items_read(struct message *message, struct hj212_names *names, struct slice cp)
{
    struct items items = {.message = message, .names = names};
    struct slice text = hj212_unwrap(cp, message);
    if (is_blank(text)) {
        if (text.size > 0) {
            message_break(message, RULE_STRAY_SPACE, text);
        }
        return;
    }
    uint8_t separator = 0;
    items.marks = marks_begin(text, "=;,");
    for (size_t at = 0; at < text.size;) {
        struct span span = next_span(&items);
        take_item(&items, separator, at, &span);
        separator = span.separator;
        at = span.end + 1;
    }
    if (separator != 0) { /* one stands behind the last item */
        message_break(message, RULE_SEPARATOR, slice_tail(text, text.size - 1));
    }
    take_apart_flags(&items);
}
