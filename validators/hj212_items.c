#include "core/marks.h"
#include "validators/hj212_fields.h"

/* CP while it is read. */
struct items {
    struct message *message;
    struct hj212_reader *reader;
    struct name_cell *cell; /* of the name of the last item */
    struct slice text;      /* what stands between the ampersands */
    struct marks marks;     /* of it, */
    size_t walked;          /* as far as they have been walked */
    uint8_t separator;      /* in front of it; 0: it is the first */
    struct code before;     /* the factor of the item before; empty: a plain field, or none yet */
    struct code run;  /* the factor of the last reading, and of those in front of it back to */
    size_t run_first; /* this one */
    struct factor_flag last; /* the last -Flag, which may stand before its readings */
    size_t apart_count;
    size_t looks;   /* of flags for readings that are not beside them: so many at most */
    bool logs_done; /* no log text that is closed begins any more */
};

/* An item as it is found. */
struct item {
    struct slice name, value;
    const struct item_name
        *known;            /* of its name; NULL: there is none, nothing between two separators */
    bool is_number;        /* the value has been read, */
    struct decimal number; /* and is this */
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
        items->reader->apart[items->apart_count++] = items->last;
    }
}

/* The flags that stood before their readings; a flag without any is noted. */
static void take_apart_flags(struct items *items)
{
    for (size_t i = 0; i < items->apart_count; i++) {
        if (!flag_earlier(items, &items->reader->apart[i])) {
            message_break(items->message, RULE_FLAG_ALONE, items->reader->apart[i].factor.text);
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

static void take_reading(struct items *items, const struct code *factor, const struct item *item)
{
    struct message *message = items->message;
    const struct reading_form *form = &item->known->form;
    if (message->reading_count == READINGS_MAX) {
        message_break(message, RULE_TOO_MANY_ITEMS, factor->text);
        return;
    }
    struct reading *reading = &message->readings[message->reading_count++];
    reading_begin(
        reading, factor->text, slice_tail(item->name, factor->text.size + 1), item->value);
    if (code_equal(factor, &items->last.factor)) {
        reading->flag = items->last.flag;
    }
    reading->joins = message->reading_count > 1 && code_equal(factor, &items->run);
    if (!reading->joins) {
        items->run = *factor;
        items->run_first = message->reading_count - 1;
    }
    message->families |= form->family;
    if (item->is_number) {
        hj212_number_judge(form, &item->number, reading);
    } else {
        hj212_reading_judge(form, message, reading);
    }
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
static void judge_separator(
    struct items *items, size_t at, const struct item *item, const struct code *factor)
{
    bool same = factor->text.size > 0 && code_equal(factor, &items->before);
    bool broken = items->separator == ';' ? same : items->separator == ',' && !same;
    if (broken && !slice_is(item->name, "CalibrationType") && !slice_is(item->name, "NewSK")) {
        message_break(items->message, RULE_SEPARATOR, slice_from(items->text.ptr + at - 1, 1));
    }
    items->before = *factor;
}

static bool at_slashes(struct slice text, size_t at)
{
    return at + 1 < text.size && text.ptr[at] == '/' && text.ptr[at + 1] == '/';
}

static bool at_separator(struct slice text, size_t at)
{
    return text.ptr[at] == ';' || text.ptr[at] == ',';
}

/* A log text opened at `from` reaches to the next // with which its item ends. When there is none, none later
 * is closed either, and nobody looks again. */
static void skip_log(struct items *items, size_t from)
{
    struct slice text = items->text;
    if (items->logs_done || !at_slashes(text, from)) {
        return;
    }
    for (size_t at = from + 2; at + 2 <= text.size; at++) {
        if (at_slashes(text, at) && (at + 2 == text.size || at_separator(text, at + 2))) {
            marks_seek(&items->marks, at + 2);
            return;
        }
    }
    items->logs_done = true;
}

static struct slice stretch(struct slice text, size_t from, size_t to)
{
    return from < to ? (struct slice){text.ptr + from, to - from} : (struct slice){NULL, 0};
}

/* The item that begins at `at`; where it ends: at a `;` or `,` outside a log text, which stands between =// and //. */
static size_t cut_item(struct items *items, size_t at, struct item *item)
{
    struct message *message = items->message;
    struct slice text = items->text;
    size_t equals, end;
    if (items->walked != at) { /* what was usual has been passed without */
        marks_seek(&items->marks, at);
    }
    uint8_t byte = marks_next(&items->marks, &equals);
    for (end = equals; byte == '='; byte = marks_next(&items->marks, &end)) {
        skip_log(items, end + 1);
    }
    items->walked = end + 1;
    struct slice name = {text.ptr + at, equals - at};
    item->name = hj212_trim(name, message);
    item->value = hj212_trim(stretch(text, equals + 1, end), message);
    item->known = NULL;
    item->is_number = false;
    if (equals == end) { /* a name alone, or two separators and nothing between */
        message_break(message, RULE_SEPARATOR, name);
        if (item->name.size == 0) {
            return end;
        }
    }
    items->cell = names_find(&items->reader->names, items->cell, item->name, message->edition);
    item->known = &items->cell->name;
    if (item->known->lower) {
        message_break(
            message, RULE_NAME_CASE, slice_tail(item->name, item->known->factor_size + 1));
    }
    return end;
}

/* The same of an item as most are written: its name is the one that was foretold, its value a short number or a letter, and
 * another item stands behind it. 0: it is to be cut in the other way. */
static inline size_t cut_usual(struct items *items, size_t at, struct item *item)
{
    const uint8_t *name = items->text.ptr + at;
    struct name_cell *cell = names_next(&items->reader->names, items->cell);
    if (items->text.size - at < NAMES_SIZE_MAX + DECIMAL_FRONT_SIZE ||
        !name_stands(cell, name, items->message->edition)) {
        return 0;
    }
    const uint8_t *value = name + cell->item_size;
    size_t size = cell->name.usage == USAGE_LETTER && value[0] >= 'A' ? 1 : 0;
    item->is_number = cell->name.usage == USAGE_NUMBER;
    if (item->is_number) {
        size = decimal_front(value, &item->number);
    }
    if (size == 0 || (value[size] != ',' && value[size] != ';')) {
        return 0;
    }
    items->cell = cell;
    item->known = &cell->name;
    item->name = (struct slice){name, cell->item_size - 1U};
    item->value = (struct slice){value, size};
    return at + cell->item_size + size;
}

static void take_item(struct items *items, size_t at, const struct item *item)
{
    struct code factor = {{item->name.ptr, item->known->factor_size}, item->known->row};
    judge_separator(items, at, item, &factor);
    switch (item->known->kind) {
    case ITEM_PLAIN:
        take_plain_item(items, item->name, item->value);
        break;
    case ITEM_FLAG:
        take_flag(items, &factor, item->value);
        break;
    case ITEM_READING:
        take_reading(items, &factor, item);
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

void hj212_items_read(struct message *message, struct hj212_reader *reader, struct slice cp)
{
    struct items items = {.message = message, .reader = reader, .cell = &reader->names.beginning};
    struct slice text = hj212_unwrap(cp, message);
    if (is_blank(text)) {
        if (text.size > 0) {
            message_break(message, RULE_STRAY_SPACE, text);
        }
        return;
    }
    struct item item;
    items.text = text;
    items.marks = marks_begin(text, "=;,");
    for (size_t at = 0, end; at < text.size; at = end + 1) {
        end = cut_usual(&items, at, &item);
        if (end == 0) {
            end = cut_item(&items, at, &item);
        }
        if (item.known != NULL) {
            take_item(&items, at, &item);
        }
        items.separator = end < text.size ? text.ptr[end] : 0;
    }
    if (items.separator != 0) { /* one stands behind the last item */
        message_break(message, RULE_SEPARATOR, slice_tail(text, text.size - 1));
    }
    take_apart_flags(&items);
}
