#include "detectors/rules.h"

#include <assert.h>

#include "detectors/names.h"
#include "detectors/rules_reading.h"

enum { STATES_MAX = 64, QUANTITIES_MAX = 256 };

static void read_state(struct rules_reading *reading, yaml_node_t *item)
{
    static const char *const KEYS[] = {"state", "of", "on_when", "on_after", "off_when",
        "off_after", "parameters", "source", NULL};
    if (reading->rules->state_count == STATES_MAX) {
        yaml_say(reading->tree, item, "more than %d states", STATES_MAX);
        return;
    }
    struct state_rule *state = &reading->rules->states[reading->rules->state_count];
    *state = (struct state_rule){.place = yaml_place(reading->tree, item),
        .name = copied(reading, item, "state"),
        .of = copied(reading, item, "of")};
    struct meaning meaning = {reading->registry, reading->rules, SCOPE_STATE, state->of};
    struct vocabulary vocabulary = {&meaning, name_describe, name_is_of};
    yaml_check_keys(reading->tree, item, KEYS);
    state->names.vocabulary = &vocabulary;
    read_parameters(reading, item, &state->names);
    read_expression(
        reading, yaml_get(reading->tree, item, "on_when"), &state->names, &state->on_when);
    read_expression(
        reading, yaml_get(reading->tree, item, "off_when"), &state->names, &state->off_when);
    read_duration(reading, item, "on_after", 0, &state->on_after_ms);
    read_duration(reading, item, "off_after", 0, &state->off_after_ms);
    state->names.vocabulary = NULL;
    if (state->name.size == 0 || state->of.size == 0) {
        yaml_say(reading->tree, item, "a state has a name, and says of which quantity it is");
    }
    for (uint32_t i = 0; i < reading->rules->state_count; i++) {
        const struct state_rule *before = &reading->rules->states[i];
        if (slice_equal(before->name, state->name) && slice_equal(before->of, state->of)) {
            yaml_say(reading->tree, item, "the state stands twice: %.*s:%u too",
                (int)before->place.file.size, (const char *)before->place.file.ptr,
                before->place.line);
        }
    }
    reading->rules->state_count += 1;
}

static void read_quantity(struct rules_reading *reading, yaml_node_t *item)
{
    static const char *const KEYS[] = {"quantity", "unit", "zh", "en", NULL};
    yaml_node_t *node = yaml_get(reading->tree, item, "unit");
    struct slice unit = yaml_scalar(node);
    const struct unit *known = unit_find(unit);
    yaml_check_keys(reading->tree, item, KEYS);
    if (node == NULL) {
        yaml_say(reading->tree, item, "a quantity says its unit; a plain number's is \"\"");
        return;
    }
    if (known == NULL) {
        say_unknown_unit(reading, node, unit);
        return;
    }
    for (uint32_t i = 0; i < reading->rules->quantity_count; i++) {
        const struct quantity_rule *before = &reading->rules->quantities[i];
        if (slice_equal(before->name, yaml_text(reading->tree, item, "quantity")) &&
            !slice_equal(before->unit, unit)) {
            yaml_say(reading->tree, node, "the quantity stands twice, with another unit: '%.*s'",
                (int)before->unit.size, (const char *)before->unit.ptr);
            return;
        }
    }
    if (reading->rules->quantity_count == QUANTITIES_MAX) {
        yaml_say(reading->tree, item, "more than %d quantities", QUANTITIES_MAX);
        return;
    }
    reading->rules->quantities[reading->rules->quantity_count++] =
        (struct quantity_rule){copied(reading, item, "quantity"), copied(reading, item, "unit"),
            copied(reading, item, "zh"), copied(reading, item, "en"), known->dimension};
}

/* Quantities come first, then states, then rules: names mean the same wherever they stand. */
enum pass { PASS_QUANTITIES, PASS_STATES, PASS_RULES, PASS_REPORTS, PASS_COUNT };

static void read_items(struct rules_reading *reading, enum pass pass)
{
    static const char *const HEADS[PASS_COUNT] = {"quantity", "state", "rule", "report"};
    yaml_node_t *root = yaml_tree_root(reading->tree);
    yaml_node_t *item;
    for (size_t i = 0; (item = yaml_item(reading->tree, root, i)) != NULL; i++) {
        int head = 0;
        while (head < PASS_COUNT && yaml_get(reading->tree, item, HEADS[head]) == NULL) {
            head += 1;
        }
        if (head == PASS_COUNT && pass == PASS_RULES) {
            yaml_say(
                reading->tree, item, "an item begins with rule:, report:, state: or quantity:");
        }
        if (head != (int)pass) {
            continue;
        }
        switch (pass) {
        case PASS_QUANTITIES:
            read_quantity(reading, item);
            break;
        case PASS_STATES:
            read_state(reading, item);
            break;
        case PASS_RULES:
            read_rule(reading, item);
            break;
        case PASS_REPORTS:
            read_report(reading, item);
            break;
        case PASS_COUNT:
            assert(!"a pass is one of four");
        }
    }
}

static bool next_file(struct slice *rest, struct slice *name, struct slice *text)
{
    uint64_t size;
    struct slice line = slice_cut(rest, '\n');
    if (!slice_starts(line, "--- ")) {
        return false;
    }
    line = slice_tail(line, 4);
    *name = slice_cut(&line, ' ');
    if (!slice_to_uint(line, rest->size, &size)) {
        return false;
    }
    *text = slice_head(*rest, (size_t)size);
    *rest = slice_tail(*rest, (size_t)size);
    return slice_cut(rest, '\n').size == 0;
}

enum status rules_read(struct slice bundle, const struct registry *registry, struct arena *arena,
    struct rules *rules, struct report *report)
{
    size_t before = report->count;
    rules->states = arena_take(arena, STATES_MAX, sizeof *rules->states);
    rules->quantities = arena_take(arena, QUANTITIES_MAX, sizeof *rules->quantities);
    for (int pass = 0; pass < PASS_COUNT; pass++) {
        struct slice rest = bundle, name, text;
        while (rest.size > 0) {
            struct yaml_tree tree;
            if (!next_file(&rest, &name, &text)) {
                report_say(report, slice_of("rules"), 0, 0, "the bundle is broken");
                return STATUS_INVALID;
            }
            struct rules_reading reading = {registry, arena, rules, report, &tree, text};
            size_t errors = report->count;
            if (yaml_tree_open(&tree, name, text, report)) {
                read_items(&reading, (enum pass)pass);
                yaml_tree_close(&tree);
            }
            if (pass == PASS_QUANTITIES && report->count > errors && text.size == 0) {
                return STATUS_INVALID;
            }
        }
        if (report->count > before) {
            return STATUS_INVALID; /* what follows would only repeat it in other words */
        }
    }
    check_parents(rules, report);
    return report->count > before ? STATUS_INVALID : STATUS_OK;
}
