#include "cli/rule_terms.h"

#include "detectors/expression.h"

static int64_t read_ms(struct yaml_tree *tree, yaml_node_t *node, struct slice text)
{
    double seconds = 0;
    struct dimension dimension;
    if (!quantity_parse(text, &seconds, &dimension)) {
        yaml_say(tree, node, "a time is wanted, such as 60 s, or two: 60 s .. 600 s");
    }
    return (int64_t)(seconds * SECOND_MS + 0.5);
}

static struct slice trimmed(struct slice text)
{
    while (text.size > 0 && text.ptr[0] == ' ') {
        text = slice_tail(text, 1);
    }
    while (text.size > 0 && text.ptr[text.size - 1] == ' ') {
        text.size -= 1;
    }
    return text;
}

/* "a .. b": true, and both sides; without the points all of it is the first. */
static bool split(struct slice text, struct slice *first, struct slice *second)
{
    size_t at = 0;
    while (at + 1 < text.size && (text.ptr[at] != '.' || text.ptr[at + 1] != '.')) {
        at += 1;
    }
    bool both = at + 1 < text.size;
    *first = trimmed(both ? slice_head(text, at) : text);
    *second = both ? trimmed(slice_tail(text, at + 2)) : (struct slice){0};
    return both;
}

static void read_filed(struct yaml_tree *tree, yaml_node_t *key, yaml_node_t *value,
    struct rule_terms *terms, size_t index)
{
    static const char *const KEYS[] = {"number", "from", "to", "of", NULL};
    struct slice from = yaml_text(tree, value, "from"), to = yaml_text(tree, value, "to");
    enum filing_kind kind = FILING_STOP;
    if (!filing_kind_find(yaml_scalar(key), &kind)) {
        yaml_say(tree, key, "no such kind: 'hjhub filing kinds' shows them");
    }
    if (yaml_scalar(value).size > 0) {
        split(yaml_scalar(value), &from, &to);
    } else {
        yaml_check_keys(tree, value, KEYS);
    }
    terms->filed[index].kind = kind;
    terms->filed[index].from_ms = from.size == 0 ? 0 : read_ms(tree, value, from);
    terms->filed[index].to_ms = to.size == 0 ? INT64_MAX : read_ms(tree, value, to);
    terms->filed[index].number = yaml_text(tree, value, "number");
    terms->filed[index].of = yaml_text(tree, value, "of");
}

static void read_hours(struct yaml_tree *tree, yaml_node_t *key, yaml_node_t *value,
    struct rule_terms *terms, size_t index)
{
    static const char *const KEYS[] = {"from", "to", "share", "of", NULL};
    terms->hours[index].id = yaml_scalar(key);
    terms->hours[index].from = yaml_text(tree, value, "from");
    terms->hours[index].to = yaml_text(tree, value, "to");
    terms->hours[index].share = yaml_text(tree, value, "share");
    terms->hours[index].of = yaml_text(tree, value, "of");
    if (yaml_scalar(value).size > 0) {
        split(yaml_scalar(value), &terms->hours[index].from, &terms->hours[index].to);
    } else {
        yaml_check_keys(tree, value, KEYS);
    }
}

static void read_standing(struct yaml_tree *tree, yaml_node_t *key, yaml_node_t *value,
    struct rule_terms *terms, size_t index)
{
    (void)tree;
    terms->standing[index].role = yaml_scalar(key);
    terms->standing[index].status = yaml_scalar(value);
}

typedef void read_term(struct yaml_tree *tree, yaml_node_t *key, yaml_node_t *value,
    struct rule_terms *terms, size_t index);

static size_t read_all(
    struct yaml_tree *tree, yaml_node_t *mapping, struct rule_terms *terms, read_term *read)
{
    yaml_node_t *key, *value;
    size_t count = 0;
    for (; yaml_pair(tree, mapping, count, &key, &value); count++) {
        if (count == TERMS_MAX) {
            yaml_say(tree, key, "more than %d of a kind", TERMS_MAX);
            break;
        }
        read(tree, key, value, terms, count);
    }
    return count;
}

void rule_terms_read(struct yaml_tree *tree, yaml_node_t *test, struct rule_terms *terms)
{
    terms->filed_count = read_all(tree, yaml_get(tree, test, "filed"), terms, read_filed);
    terms->hours_count = read_all(tree, yaml_get(tree, test, "calendars"), terms, read_hours);
    terms->standing_count = read_all(tree, yaml_get(tree, test, "status"), terms, read_standing);
}

void rule_terms_calendars(const struct rule_terms *terms, struct text *rows)
{
    for (size_t i = 0; i < terms->hours_count; i++) {
        const struct slice cells[] = {terms->hours[i].id, slice_of("E1"), terms->hours[i].from,
            terms->hours[i].to, terms->hours[i].of, terms->hours[i].share};
        for (size_t k = 0; k < sizeof cells / sizeof cells[0]; k++) {
            text_add(rows, k == 0 ? "" : ",");
            text_add_slice(rows, cells[k]);
        }
        text_add_byte(rows, '\n');
    }
}

struct slice rule_terms_status(const struct rule_terms *terms, struct slice role)
{
    for (size_t i = 0; i < terms->standing_count; i++) {
        if (slice_equal(terms->standing[i].role, role)) {
            return terms->standing[i].status;
        }
    }
    return (struct slice){0};
}

int64_t rule_terms_told_ms(const struct rule_terms *terms, size_t index)
{
    bool recorded = filing_kind_row(terms->filed[index].kind)->sort == FILING_RECORDED;
    return recorded ? terms->filed[index].from_ms : 0;
}

void rule_terms_filing(
    const struct rule_terms *terms, size_t index, int64_t base_ms, struct text *payload)
{
    const struct filing_kind_row *row = filing_kind_row(terms->filed[index].kind);
    struct slice of = terms->filed[index].of;
    text_add(payload, "{\"id\":\"t");
    text_add_int(payload, (int64_t)index);
    text_add_byte(payload, '"');
    text_add_field(payload, "kind", slice_of(row->name));
    text_add_field(
        payload, of.size > 0 ? "equipment" : "enterprise", of.size > 0 ? of : slice_of("E1"));
    text_add_field_time(
        payload, "from", (struct event_time){base_ms + terms->filed[index].from_ms});
    if (terms->filed[index].to_ms != INT64_MAX) {
        text_add_field_time(
            payload, "to", (struct event_time){base_ms + terms->filed[index].to_ms});
    }
    if (terms->filed[index].number.size > 0) {
        text_add_key(payload, "number");
        text_add_slice(payload, terms->filed[index].number);
    }
    text_add_byte(payload, '}');
}
