#include "detectors/rules_reading.h"

#include <math.h>

enum { DURATION_MAX_S = 366 * 24 * 3600 };

bool read_duration(struct rules_reading *reading, const yaml_node_t *item, const char *key,
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
    *ms = delay_ms(seconds);
    return true;
}

int64_t delay_ms(double seconds)
{
    return (int64_t)(seconds * SECOND_MS + 0.5);
}

uint16_t read_delay(struct rules_reading *reading, const yaml_node_t *item, const char *key,
    const struct expression_scope *names, int64_t *ms)
{
    yaml_node_t *node = yaml_get(reading->tree, item, key);
    for (size_t i = 0; node != NULL && i < names->parameter_count; i++) {
        const struct parameter *parameter = &names->parameters[i];
        if (!slice_equal(parameter->name, yaml_scalar(node))) {
            continue;
        }
        if (!dimension_equal(parameter->dimension, unit_find(slice_of("s"))->dimension) ||
            parameter->value < 0 || parameter->value > DURATION_MAX_S) {
            yaml_say(reading->tree, node, "%s names a parameter that is no time", key);
        }
        *ms = delay_ms(parameter->value);
        return (uint16_t)(i + 1);
    }
    read_duration(reading, item, key, 0, ms);
    return 0;
}

bool read_severity(struct rules_reading *reading, const yaml_node_t *node, enum severity *severity)
{
    struct slice text = yaml_scalar(node);
    if (text.size == 2 && text.ptr[0] == 'S' && text.ptr[1] >= '1' && text.ptr[1] <= '4') {
        *severity = (enum severity)(text.ptr[1] - '0');
        return true;
    }
    yaml_say(reading->tree, node, "a severity is S1, S2, S3 or S4");
    return false;
}

void read_filter(struct rules_reading *reading, yaml_node_t *node, struct filter *filter)
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

struct slice copied(struct rules_reading *reading, const yaml_node_t *item, const char *key)
{
    return arena_copy(reading->arena, yaml_text(reading->tree, item, key));
}

void read_expression(struct rules_reading *reading, yaml_node_t *node,
    struct expression_scope *names, struct code *code)
{
    struct place place = yaml_place(reading->tree, node);
    struct slice text = arena_copy(reading->arena, yaml_scalar(node));
    if (text.size == 0) {
        yaml_say(reading->tree, node, "an expression is wanted here");
        return;
    }
    bool fine = expression_compile(names, text, place, code, reading->report);
    (void)fine; /* the finding is in the report */
}

void say_unknown_unit(struct rules_reading *reading, const yaml_node_t *node, struct slice unit)
{
    yaml_say(reading->tree, node, "unknown unit '%.*s': schemas/units.def and docs/rules.md",
        (int)(unit.size < 40 ? unit.size : 40), (const char *)unit.ptr);
}

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
        .text = arena_copy(reading->arena, yaml_scalar(plain)),
        .min = (double)NAN,
        .max = (double)NAN};
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
        } else {
            *(i == 0 ? &parameter.min : &parameter.max) = bound;
        }
    }
    for (size_t i = 0; i < names->parameter_count; i++) {
        if (slice_equal(names->parameters[i].name, parameter.name)) {
            yaml_say(reading->tree, key, "the parameter stands twice");
        }
    }
    if (names->parameter_count == PARAMETERS_MAX) {
        yaml_say(reading->tree, key, "more than %d parameters", PARAMETERS_MAX);
        return;
    }
    names->parameters[names->parameter_count++] = parameter;
}

void read_parameters(
    struct rules_reading *reading, const yaml_node_t *item, struct expression_scope *names)
{
    yaml_node_t *key, *value;
    yaml_node_t *mapping = yaml_get(reading->tree, item, "parameters");
    for (size_t i = 0; yaml_pair(reading->tree, mapping, i, &key, &value); i++) {
        read_parameter(reading, names, key, value);
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
        "enterprise", "outlet", "subject", "quantity", "other_outlet", "flag", "lasted", "onset"};
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
    for (size_t i = 0; i < names->let_count; i++) {
        if (slice_equal(names->lets[i].name, name)) {
            names->lets[i].read = true;
            return true;
        }
    }
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

void read_sentence(struct rules_reading *reading, const yaml_node_t *both, const char *key,
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
        char why_space[300];
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
