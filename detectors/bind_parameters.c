#include <string.h>

#include "core/hash.h"
#include "detectors/binder.h"

/* A row of parameters.csv whose rule and parameter were found. */
struct use {
    uint32_t rule; /* NONE: refused */
    uint32_t parameter;
    double value; /* base unit */
};

static void say(struct binder *binder, const struct override *row, uint32_t column,
    const char *before, struct slice word, const char *behind)
{
    report_say(binder->report, slice_of("parameters.csv"), row->line, column, "%s '%.*s'%s", before,
        (int)(word.size < 60 ? word.size : 60), (const char *)word.ptr, behind);
}

static void say_unknown_rule(struct binder *binder, const struct override *row)
{
    char space[300];
    struct text words = text_in(space, sizeof space);
    rule_say_unknown(&binder->program->rules, row->rule, &words);
    report_add(binder->report, slice_of("parameters.csv"), row->line, row->rule_column,
        text_slice(&words));
}

static uint32_t parameter_in(const struct expression_scope *names, struct slice name)
{
    uint32_t i = 0;
    while (i < names->parameter_count && !slice_equal(names->parameters[i].name, name)) {
        i += 1;
    }
    return i;
}

/* What is not bounded by its rule on both sides is not for a registry to change. */
static bool allowed(struct binder *binder, const struct override *row,
    const struct parameter *parameter, double *value)
{
    struct dimension dimension;
    if (!quantity_parse(row->value, value, &dimension) ||
        !dimension_equal(dimension, parameter->dimension)) {
        say(binder, row, row->value_column, "not a number in the parameter's unit, as", row->value,
            "");
        return false;
    }
    if (!(*value >= parameter->min && *value <= parameter->max)) {
        say(binder, row, row->value_column, "the rule does not allow", row->value,
            ": see the parameter's min and max; one that has not both stands as it is");
        return false;
    }
    return true;
}

static struct use use_of(struct binder *binder, const struct override *row)
{
    struct use use = {.rule = NONE};
    const struct rule *rule = rule_named(&binder->program->rules, row->rule);
    if (rule == NULL) {
        say_unknown_rule(binder, row);
        return use;
    }
    const struct expression_scope *names = &rule->names;
    use.rule = rule->index;
    use.parameter = parameter_in(names, row->parameter);
    if (use.parameter == names->parameter_count) {
        say(binder, row, row->parameter_column, "the rule has no parameter", row->parameter, "");
        use.rule = NONE;
    } else if (!allowed(binder, row, &names->parameters[use.parameter], &use.value)) {
        use.rule = NONE;
    }
    return use;
}

/* All subjects of all tables in one row of numbers: what rows are found by. */
static uint32_t subject_number(const struct registry *registry, enum reach reach, uint32_t subject)
{
    const uint32_t counts[] = {
        [REACH_ALL] = 1,
        [REACH_ENTERPRISE] = registry->enterprise_count,
        [REACH_OUTLET] = registry->outlet_count,
        [REACH_LINKAGE] = registry->linkage_count,
    };
    uint32_t number = reach == REACH_ALL ? 0 : subject;
    for (int before = REACH_ALL; before < (int)reach; before++) {
        number += counts[before];
    }
    return number;
}

void bind_overrides(struct binder *binder)
{
    const struct registry *registry = binder->registry;
    struct pairs pairs = {.arena = &binder->program->arena};
    binder->uses =
        arena_take(&binder->program->arena, registry->override_count, sizeof *binder->uses);
    for (uint32_t i = 0; i < registry->override_count; i++) {
        const struct override *row = &registry->overrides[i];
        binder->uses[i] = use_of(binder, row);
        pairs_add(&pairs, subject_number(registry, row->reach, row->subject), i);
    }
    binder->overrides =
        pairs_index(&pairs, subject_number(registry, REACH_DEVICE, registry->device_count));
}

/* The rule's parameters as this subject has them; false: as the rule says. */
static bool choose(struct binder *binder, uint32_t rule, const uint32_t subjects[REACH_DEVICE + 1],
    struct parameter *parameters)
{
    bool any = false;
    for (int reach = REACH_ALL; reach <= REACH_DEVICE; reach++) { /* the narrower comes later */
        if (reach != REACH_ALL && subjects[reach] == NONE) {
            continue;
        }
        uint32_t at = subject_number(binder->registry, (enum reach)reach, subjects[reach]);
        for (uint32_t k = binder->overrides.first[at]; k < binder->overrides.first[at + 1]; k++) {
            uint32_t row = binder->overrides.list[k];
            const struct use *use = &binder->uses[row];
            if (use->rule == rule) {
                parameters[use->parameter].value = use->value;
                parameters[use->parameter].text = binder->registry->overrides[row].value;
                any = true;
            }
        }
    }
    return any;
}

static bool same_parameters(const struct parameter *a, const struct parameter *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].value != b[i].value || !slice_equal(a[i].text, b[i].text)) {
            return false;
        }
    }
    return true;
}

static void put_into_code(const struct expression_scope *names, struct code *code)
{
    for (size_t i = 0; i < code->size; i++) {
        if (code->steps[i].parameter > 0) {
            code->steps[i].number = names->parameters[code->steps[i].parameter - 1].value;
        }
    }
}

static void put_into_looks(struct expression_scope *names)
{
    for (size_t i = 0; i < names->look_count; i++) {
        struct look *look = &names->looks[i];
        if (look->span_parameter > 0) {
            look->span.width_ms = span_ms(names->parameters[look->span_parameter - 1].value);
        }
        if (look->number_parameter > 0) {
            look->number = names->parameters[look->number_parameter - 1].value;
        }
    }
}

/* The lets' code stands in the arena: the variant has its own. */
static void put_into_rule(
    struct rule *rule, const struct parameter *parameters, struct arena *arena)
{
    struct expression_scope *names = &rule->names;
    struct code *lets = arena_take(arena, names->let_count + 1, sizeof *lets);
    memcpy(names->parameters, parameters, names->parameter_count * sizeof *parameters);
    if (names->let_count > 0) {
        memcpy(lets, rule->lets, names->let_count * sizeof *lets);
    }
    rule->lets = lets;
    put_into_looks(names);
    for (size_t i = 0; rule_code(rule, i) != NULL; i++) {
        put_into_code(names, rule_code(rule, i));
    }
    rule->parameter_hash = rule_hash_parameters(names);
    if (rule->raise_parameter > 0) {
        rule->raise_after_ms = delay_ms(parameters[rule->raise_parameter - 1].value);
    }
    if (rule->clear_parameter > 0) {
        rule->clear_after_ms = delay_ms(parameters[rule->clear_parameter - 1].value);
    }
    for (size_t i = 0; i < names->parameter_count; i++) {
        double value = parameters[i].value;
        rule->text_hash = hash64_seeded(slice_from(&value, sizeof value), rule->text_hash);
    }
}

/* Instances with other numbers watch a rule of their own: the same one with these numbers in it. */
uint32_t bind_variant(
    struct binder *binder, uint32_t index, const struct subject *subject, uint32_t enterprise)
{
    struct rules *rules = &binder->program->rules;
    const uint32_t subjects[REACH_DEVICE + 1] = {
        [REACH_ENTERPRISE] = enterprise,
        [REACH_OUTLET] = subject->outlet,
        [REACH_LINKAGE] = subject->linkage,
        [REACH_DEVICE] = subject->device,
    };
    struct parameter parameters[PARAMETERS_MAX];
    size_t count = rules->rules[index].names.parameter_count;
    memcpy(parameters, rules->rules[index].names.parameters, count * sizeof *parameters);
    if (!choose(binder, index, subjects, parameters) ||
        same_parameters(parameters, rules->rules[index].names.parameters, count)) {
        return index;
    }
    for (uint32_t i = rules->rule_count; i < rules->rule_count + rules->variant_count; i++) {
        if (rules->rules[i].index == index &&
            same_parameters(parameters, rules->rules[i].names.parameters, count)) {
            return i;
        }
    }
    struct rule *variant = rules_next(rules, &binder->program->arena);
    *variant = rules->rules[index];
    put_into_rule(variant, parameters, &binder->program->arena);
    return rules->rule_count + rules->variant_count++;
}
