#include "detectors/rules.h"

#include <assert.h>
#include <string.h>

#include "core/hash.h"
#include "detectors/names.h"
#include "detectors/yaml_tree.h"

enum { RULES_MAX = 1024, STATES_MAX = 64, QUANTITIES_MAX = 256 };
enum { DURATION_MAX_S = 366 * 24 * 3600 };

struct rules_reading {
    const struct registry *registry;
    struct arena *arena;
    struct rules *rules;
    struct report *report;
    struct yaml_tree *tree;
    struct slice text; /* of the file */
};

/* --- small values --- */

static bool read_duration(struct rules_reading *reading, const yaml_node_t *item, const char *key,
    int64_t missing_ms, int64_t *ms)
{
    double seconds;
    struct dimension dimension;
    yaml_node_t *node = yaml_get(reading->tree, item, key);
    *ms = missing_ms;
    if (node == NULL) {
        return true;
    }
    if (!quantity_parse(yaml_scalar(node), &seconds, &dimension) ||
        !dimension_equal(dimension, unit_find(slice_of("s"))->dimension) || seconds < 0 ||
        seconds > DURATION_MAX_S) {
        yaml_say(reading->tree, node, "%s is a time, such as 60 s or 5 min, at most 366 d", key);
        return false;
    }
    *ms = (int64_t)(seconds * SECOND_MS + 0.5);
    return true;
}

static bool read_severity(
    struct rules_reading *reading, const yaml_node_t *node, enum severity *severity)
{
    struct slice text = yaml_scalar(node);
    if (text.size == 2 && text.ptr[0] == 'S' && text.ptr[1] >= '1' && text.ptr[1] <= '4') {
        *severity = (enum severity)(text.ptr[1] - '0');
        return true;
    }
    yaml_say(reading->tree, node, "a severity is S1, S2, S3 or S4");
    return false;
}

static void read_filter(struct rules_reading *reading, yaml_node_t *node, struct filter *filter)
{
    yaml_node_t *word;
    for (size_t i = 0; (word = yaml_item(reading->tree, node, i)) != NULL; i++) {
        if (yaml_scalar(word).size == 0) {
            yaml_say(reading->tree, word, "a list of words is wanted here: [one, another]");
            return;
        }
        if (filter->count == FILTER_MAX) {
            yaml_say(reading->tree, word, "more than %d words", FILTER_MAX);
            return;
        }
        filter->words[filter->count++] = arena_copy(reading->arena, yaml_scalar(word));
    }
}

static struct slice copied(struct rules_reading *reading, const yaml_node_t *item, const char *key)
{
    return arena_copy(reading->arena, yaml_text(reading->tree, item, key));
}

static void read_expression(struct rules_reading *reading, yaml_node_t *node,
    struct expression_scope *names, struct code *code)
{
    struct place place = yaml_place(reading->tree, node);
    struct slice text = arena_copy(reading->arena, yaml_scalar(node));
    if (text.size == 0) {
        yaml_say(reading->tree, node, "an expression is wanted here");
        return;
    }
    bool fine = expression_compile(names, text, true, place, code, reading->report);
    (void)fine; /* the finding is in the report */
}

static void say_unknown_unit(
    struct rules_reading *reading, const yaml_node_t *node, struct slice unit)
{
    yaml_say(reading->tree, node, "unknown unit '%.*s': schemas/units.def and docs/rules.md",
        (int)(unit.size < 40 ? unit.size : 40), (const char *)unit.ptr);
}

/* --- parameters --- */

/* A number with a unit that is none, or no number at all. */
static void say_no_quantity(struct rules_reading *reading, const yaml_node_t *node)
{
    struct slice unit = yaml_scalar(node);
    struct slice number = slice_cut(&unit, ' ');
    double value;
    struct dimension dimension;
    if (unit.size > 0 && quantity_parse(number, &value, &dimension)) {
        say_unknown_unit(reading, node, unit);
    } else {
        yaml_say(reading->tree, node, "a parameter is a number with its unit, such as 5 %%");
    }
}

static void read_parameter(struct rules_reading *reading, struct expression_scope *names,
    yaml_node_t *key, yaml_node_t *value)
{
    static const char *const KEYS[] = {"value", "min", "max", NULL};
    static const char *const BOUNDS[] = {"min", "max"};
    yaml_node_t *plain =
        value->type == YAML_MAPPING_NODE ? yaml_get(reading->tree, value, "value") : value;
    struct parameter parameter = {.name = arena_copy(reading->arena, yaml_scalar(key)),
        .text = arena_copy(reading->arena, yaml_scalar(plain))};
    yaml_check_keys(reading->tree, value, KEYS);
    if (!quantity_parse(parameter.text, &parameter.value, &parameter.dimension)) {
        say_no_quantity(reading, plain == NULL ? value : plain);
        return;
    }
    for (int i = 0; i < 2; i++) {
        yaml_node_t *node = yaml_get(reading->tree, value, BOUNDS[i]);
        double bound;
        struct dimension dimension;
        if (node == NULL) {
            continue;
        }
        if (!quantity_parse(yaml_scalar(node), &bound, &dimension) ||
            !dimension_equal(dimension, parameter.dimension)) {
            yaml_say(reading->tree, node, "a bound is a number in the parameter's unit");
        } else if (i == 0 ? parameter.value < bound : parameter.value > bound) {
            yaml_say(reading->tree, plain, "the value is beyond its own %s", BOUNDS[i]);
        }
    }
    if (names->parameter_count == PARAMETERS_MAX) {
        yaml_say(reading->tree, key, "more than %d parameters", PARAMETERS_MAX);
        return;
    }
    names->parameters[names->parameter_count++] = parameter;
}

static void read_parameters(
    struct rules_reading *reading, const yaml_node_t *item, struct expression_scope *names)
{
    yaml_node_t *key, *value;
    yaml_node_t *mapping = yaml_get(reading->tree, item, "parameters");
    for (size_t i = 0; yaml_pair(reading->tree, mapping, i, &key, &value); i++) {
        read_parameter(reading, names, key, value);
    }
}

/* --- rules --- */

static void read_grades(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    static const char *const KEYS[] = {"to", "when", NULL};
    static const char *const LISTS[] = {"grades", "lower"};
    for (int list = 0; list < 2; list++) {
        yaml_node_t *grades = yaml_get(reading->tree, item, LISTS[list]);
        yaml_node_t *node;
        for (size_t i = 0; (node = yaml_item(reading->tree, grades, i)) != NULL; i++) {
            if (rule->grade_count == GRADES_MAX) {
                yaml_say(reading->tree, node, "more than %d grades", GRADES_MAX);
                return;
            }
            struct grade *grade = &rule->grades[rule->grade_count++];
            yaml_check_keys(reading->tree, node, KEYS);
            yaml_node_t *to = yaml_get(reading->tree, node, "to");
            yaml_node_t *when = yaml_get(reading->tree, node, "when");
            if (to == NULL || when == NULL) {
                yaml_say(reading->tree, node, "a grade is {to: S1, when: an expression}");
            } else if (read_severity(reading, to, &grade->to)) {
                read_expression(reading, when, &rule->names, &grade->when);
            }
        }
    }
}

static void read_laws(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    static const char *const KEYS[] = {"from", "until", "cite", NULL};
    yaml_node_t *laws = yaml_get(reading->tree, item, "law");
    yaml_node_t *node;
    for (size_t i = 0; (node = yaml_item(reading->tree, laws, i)) != NULL && i < CITES_MAX; i++) {
        yaml_check_keys(reading->tree, node, KEYS);
        rule->laws[rule->law_count++] = (struct law){copied(reading, node, "from"),
            copied(reading, node, "until"), copied(reading, node, "cite")};
    }
}

static void read_scope(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    static const char *const SCOPES[] = {"linkage", "device", "outlet", "signal"};
    static const char *const KEYS[] = {"kind", "quantity", "period", NULL};
    static const struct {
        const char *name;
        int cn;
    } PERIODS[] = {{"realtime", 2011}, {"minute", 2051}, {"hour", 2061}, {"day", 2031}};
    yaml_node_t *node = yaml_get(reading->tree, item, "scope");
    yaml_node_t *of = yaml_get(reading->tree, item, "of");
    struct slice period = yaml_text(reading->tree, of, "period");
    bool known = false;
    for (size_t i = 0; i < sizeof SCOPES / sizeof SCOPES[0]; i++) {
        if (slice_is(yaml_scalar(node), SCOPES[i])) {
            rule->scope = (enum scope)i;
            known = true;
        }
    }
    if (!known) {
        yaml_say(reading->tree, node == NULL ? item : node,
            "scope is linkage, device, outlet or signal");
    }
    yaml_check_keys(reading->tree, of, KEYS);
    read_filter(reading, yaml_get(reading->tree, of, "kind"), &rule->kinds);
    read_filter(reading, yaml_get(reading->tree, of, "quantity"), &rule->quantities);
    rule->cn = 2011;
    known = period.size == 0;
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++) {
        if (slice_is(period, PERIODS[i].name)) {
            rule->cn = PERIODS[i].cn;
            known = true;
        }
    }
    if (!known) {
        yaml_say(reading->tree, of, "period is realtime, minute, hour or day");
    }
    if (rule->scope == SCOPE_SIGNAL && rule->quantities.count == 0) {
        yaml_say(reading->tree, item, "scope signal names its quantities: of: {quantity: [...]}");
    }
}

static bool is_parameter(const struct expression_scope *names, struct slice name)
{
    for (size_t i = 0; i < names->parameter_count; i++) {
        if (slice_equal(names->parameters[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Words of every sentence, the rule's parameters, and the roles that it reads. */
static bool is_shown_word(const struct expression_scope *names, struct slice name)
{
    static const char *const WORDS[] = {
        "enterprise", "outlet", "subject", "quantity", "lasted", "onset"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (slice_is(name, WORDS[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < names->input_count; i++) {
        if (name.size > 0 && slice_equal(names->inputs[i].role, name)) {
            return true;
        }
    }
    return is_parameter(names, name);
}

/* What a sentence shows is bound too, even where no expression reads it. */
static bool bind_shown(struct expression_scope *names, struct slice name, struct text *why)
{
    struct input input = {.name = name};
    size_t dot = slice_find(name, 0, '.');
    if (dot < name.size) {
        input.role = slice_head(name, dot);
        input.name = slice_tail(name, dot + 1);
    } else if (is_shown_word(names, name)) {
        return true;
    }
    for (size_t i = 0; i < names->input_count; i++) {
        if (slice_equal(names->inputs[i].role, input.role) &&
            slice_equal(names->inputs[i].name, input.name)) {
            return true;
        }
    }
    if (names->input_count == INPUTS_MAX ||
        !names->vocabulary->describe(names->vocabulary->context, &input, why)) {
        return false;
    }
    names->inputs[names->input_count++] = input;
    return true;
}

static void read_sentence(struct rules_reading *reading, const yaml_node_t *both, const char *key,
    struct expression_scope *names, struct slice *text)
{
    const yaml_node_t *node = yaml_get(reading->tree, both, key);
    *text = arena_copy(reading->arena, yaml_scalar(node));
    if (text->size == 0) {
        yaml_say(reading->tree, node == NULL ? both : node, "a sentence is wanted in zh and in en");
    }
    for (size_t at = 0; (at = slice_find(*text, at, '{')) < text->size; at++) {
        size_t end = slice_find(*text, at, '}');
        struct slice name = slice_from(text->ptr + at + 1, end - at - 1);
        char why_space[200];
        struct text why = text_in(why_space, sizeof why_space);
        if (end == text->size) {
            yaml_say(reading->tree, node, "a { of the sentence is never closed");
            return;
        }
        if (!bind_shown(names, name, &why)) {
            yaml_say(reading->tree, node,
                "the sentence shows '%.*s', which the rule does not read%.*s",
                (int)(name.size < 60 ? name.size : 60), (const char *)name.ptr, (int)why.size,
                why.at);
        }
    }
}

/* Number the steps that look back, so that each instance can have its windows. */
static void number_windows(struct rule *rule, struct code *code)
{
    for (size_t i = 0; i < code->size; i++) {
        if (code->steps[i].op >= OP_MEAN && code->steps[i].op <= OP_SAME_FOR) {
            code->steps[i].count = (uint8_t)rule->window_count++;
        }
    }
}

/* The rule of this name that was read before, or NULL. */
static const struct rule *namesake(const struct rules *rules, struct slice id)
{
    for (uint32_t i = 0; i < rules->rule_count; i++) {
        if (slice_equal(rules->rules[i].id, id)) {
            return &rules->rules[i];
        }
    }
    return NULL;
}

/* It stands in alarms, file names and URLs. */
static bool name_is_fit(struct slice id)
{
    bool hyphen = true; /* none may stand first, last or twice */
    for (size_t i = 0; i < id.size; i++) {
        uint8_t byte = id.ptr[i];
        bool sign = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        if (!sign && (byte != '-' || hyphen)) {
            return false;
        }
        hyphen = byte == '-';
    }
    return !hyphen;
}

/* The rule's own bytes: its identity, as far as state may be kept over a reload. */
static uint64_t hash_item(const struct rules_reading *reading, const yaml_node_t *item)
{
    size_t from = item->start_mark.index, to = item->end_mark.index;
    to = to < reading->text.size ? to : reading->text.size;
    return from < to ? hash64(slice_from(reading->text.ptr + from, to - from)) : 0;
}

/* A place for one rule more. */
static struct rule *next_rule(struct rules_reading *reading)
{
    struct rules *rules = reading->rules;
    if (rules->rule_count == rules->rule_capacity) {
        uint32_t capacity = rules->rule_capacity * 2 + 16;
        struct rule *grown = arena_take(reading->arena, capacity, sizeof *grown);
        if (rules->rule_count > 0) {
            memcpy(grown, rules->rules, rules->rule_count * sizeof *grown);
        }
        rules->rules = grown;
        rules->rule_capacity = capacity;
    }
    return &rules->rules[rules->rule_count];
}

/* What every rule has. */
static bool is_complete(struct rules_reading *reading, const yaml_node_t *item)
{
    static const char *const NEEDED[] = {"title", "scope", "when", "severity", "text", "source"};
    bool complete = true;
    for (size_t i = 0; i < sizeof NEEDED / sizeof NEEDED[0]; i++) {
        if (yaml_get(reading->tree, item, NEEDED[i]) == NULL) {
            yaml_say(reading->tree, item, "the rule has no %s:", NEEDED[i]);
            complete = false;
        }
    }
    return complete;
}

static void read_rule(struct rules_reading *reading, yaml_node_t *item)
{
    static const char *const KEYS[] = {"rule", "title", "scope", "of", "when", "raise_after",
        "clear_when", "clear_after", "severity", "grades", "lower", "under", "parameters", "text",
        "law", "source", "tests", NULL};
    struct yaml_tree *tree = reading->tree;
    if (reading->rules->rule_count == RULES_MAX) {
        yaml_say(tree, item, "more than %d rules", RULES_MAX);
        return;
    }
    struct rule *rule = next_rule(reading);
    *rule = (struct rule){.place = yaml_place(tree, item), .severity = SEVERITY_S4};
    rule->id = copied(reading, item, "rule");
    rule->text_hash = hash_item(reading, item);
    yaml_check_keys(tree, item, KEYS);
    if (!name_is_fit(rule->id)) {
        yaml_say(tree, yaml_get(tree, item, "rule"),
            "a rule's name: small letters and digits, with hyphens between");
    } else if (namesake(reading->rules, rule->id) != NULL) {
        const struct place *first = &namesake(reading->rules, rule->id)->place;
        yaml_say(tree, yaml_get(tree, item, "rule"), "the name '%.*s' stands twice: %.*s:%u too",
            (int)rule->id.size, (const char *)rule->id.ptr, (int)first->file.size,
            (const char *)first->file.ptr, first->line);
    }
    if (!is_complete(reading, item)) {
        return;
    }
    read_scope(reading, item, rule);
    struct meaning meaning = {reading->registry, reading->rules, rule->scope,
        rule->quantities.count > 0 ? rule->quantities.words[0] : (struct slice){0}};
    struct vocabulary vocabulary = {&meaning, name_describe};
    rule->names.vocabulary = &vocabulary;
    read_parameters(reading, item, &rule->names);
    yaml_node_t *clear = yaml_get(tree, item, "clear_when");
    yaml_node_t *when = yaml_get(tree, item, "when");
    read_expression(reading, when, &rule->names, &rule->when);
    if (clear != NULL) {
        read_expression(reading, clear, &rule->names, &rule->clear_when);
    }
    read_severity(reading, yaml_get(tree, item, "severity"), &rule->severity);
    read_grades(reading, item, rule);
    read_duration(reading, item, "raise_after", 0, &rule->raise_after_ms);
    read_duration(reading, item, "clear_after", 0, &rule->clear_after_ms);
    yaml_node_t *title = yaml_get(tree, item, "title");
    rule->title_zh = copied(reading, title, "zh");
    rule->title_en = copied(reading, title, "en");
    yaml_node_t *text = yaml_get(tree, item, "text");
    read_sentence(reading, text, "zh", &rule->names, &rule->text_zh);
    read_sentence(reading, text, "en", &rule->names, &rule->text_en);
    yaml_node_t *source = yaml_get(tree, item, "source");
    rule->source_cite = copied(reading, source, "cite");
    rule->source_sure = copied(reading, source, "sure");
    if (rule->source_cite.size == 0) {
        yaml_say(tree, item, "a rule has a source: {cite: ..., sure: ...}");
    }
    read_filter(reading, yaml_get(tree, item, "under"), &rule->under);
    read_laws(reading, item, rule);
    rule->has_tests = yaml_get(tree, item, "tests") != NULL;
    number_windows(rule, &rule->when);
    number_windows(rule, &rule->clear_when);
    for (size_t i = 0; i < rule->grade_count; i++) {
        number_windows(rule, &rule->grades[i].when);
    }
    rule->names.vocabulary = NULL; /* it stood on this function's stack */
    reading->rules->rule_count += 1;
}

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
    struct meaning meaning = {reading->registry, reading->rules, SCOPE_EQUIPMENT, state->of};
    struct vocabulary vocabulary = {&meaning, name_describe};
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
    reading->rules->state_count += 1;
}

static void read_quantity(struct rules_reading *reading, yaml_node_t *item)
{
    static const char *const KEYS[] = {"quantity", "unit", "zh", "en", NULL};
    yaml_node_t *node = yaml_get(reading->tree, item, "unit");
    struct slice unit = yaml_scalar(node);
    const struct unit *known = unit_find(unit);
    yaml_check_keys(reading->tree, item, KEYS);
    if (node == NULL || known == NULL) {
        say_unknown_unit(reading, node == NULL ? item : node, unit);
        return;
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
enum pass { PASS_QUANTITIES, PASS_STATES, PASS_RULES, PASS_COUNT };

static void read_items(struct rules_reading *reading, enum pass pass)
{
    static const char *const HEADS[PASS_COUNT] = {"quantity", "state", "rule"};
    yaml_node_t *root = yaml_tree_root(reading->tree);
    yaml_node_t *item;
    for (size_t i = 0; (item = yaml_item(reading->tree, root, i)) != NULL; i++) {
        int head = 0;
        while (head < PASS_COUNT && yaml_get(reading->tree, item, HEADS[head]) == NULL) {
            head += 1;
        }
        if (head == PASS_COUNT && pass == PASS_RULES) {
            yaml_say(reading->tree, item, "an item begins with rule:, state: or quantity:");
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
        case PASS_COUNT:
            assert(!"a pass is one of three");
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
    return STATUS_OK;
}
