#include <assert.h>

#include "detectors/program_state.h"
#include "detectors/rules_reading.h"

static size_t let_named(const struct rule *rule, struct slice name)
{
    size_t let = 0;
    while (let < rule->names.let_count && !slice_equal(rule->names.lets[let].name, name)) {
        let += 1;
    }
    return let;
}

/* Which of the figures it is; told_count: none. */
static size_t figure_named(const struct rule *rule, struct slice name)
{
    size_t figure = 0;
    while (figure < rule->told_count &&
           !slice_equal(rule->names.lets[rule->told[figure]].name, name)) {
        figure += 1;
    }
    return figure;
}

/* rates: {name: [part, whole]}, both of them told. */
static void read_rates(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    yaml_node_t *key, *value;
    yaml_node_t *mapping = yaml_get(reading->tree, item, "rates");
    while (yaml_pair(reading->tree, mapping, rule->rate_count, &key, &value)) {
        struct filter names = {0};
        read_filter(reading, value, &names);
        struct figure_rate rate = {.name = arena_copy(reading->arena, yaml_scalar(key)),
            .part = names.count == 2 ? figure_named(rule, names.words[0]) : rule->told_count,
            .whole = names.count == 2 ? figure_named(rule, names.words[1]) : rule->told_count};
        if (rate.part == rule->told_count || rate.whole == rule->told_count ||
            rule->rate_count == RATES_MAX) {
            yaml_say(reading->tree, key,
                "a rate is {name: [part, whole]}, two that the report tells; %d at most",
                RATES_MAX);
            return;
        }
        rule->rates[rule->rate_count++] = rate;
    }
}

/* excuses: a figure, the hours for which a device has nothing to send. */
static void read_excuses(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    yaml_node_t *node = yaml_get(reading->tree, item, "excuses");
    rule->excuses = node == NULL ? rule->told_count : figure_named(rule, yaml_scalar(node));
    if (node != NULL && (rule->excuses == rule->told_count || rule->scope != SCOPE_DEVICE)) {
        yaml_say(reading->tree, node,
            "excuses: one of the hours that the report tells, of scope device: for so long nothing "
            "is "
            "expected of it");
    }
}

void read_told(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    struct filter names = {0};
    yaml_node_t *node = yaml_get(reading->tree, item, "tells");
    static_assert((int)FIGURES_MAX == (int)FILTER_MAX, "what is told is a list of words");
    read_filter(reading, node, &names);
    for (size_t i = 0; i < names.count; i++) {
        size_t let = let_named(rule, names.words[i]);
        if (let == rule->names.let_count || rule->names.lets[let].truth ||
            !dimension_equal(rule->names.lets[let].dimension, (struct dimension){{0}})) {
            yaml_say(reading->tree, node,
                "'%.*s' is told: a name of let that is a plain number, such as seen(t, last "
                "hour) / 1 h",
                (int)names.words[i].size, (const char *)names.words[i].ptr);
            return;
        }
        rule->names.lets[let].read = true;
        rule->told[rule->told_count++] = (uint8_t)let;
    }
    if (names.count == 0) {
        yaml_say(reading->tree, item, "a report tells a name of let at least");
    }
    read_rates(reading, item, rule);
    read_excuses(reading, item, rule);
}

bool program_report(const struct program *program, uint32_t instance, struct report_shape *shape)
{
    const struct rule *rule = &program->rules.rules[program->bounds[instance].rule];
    *shape = (struct report_shape){
        .count = rule->told_count, .rate_count = rule->rate_count, .excuses = rule->excuses};
    for (size_t i = 0; i < rule->told_count; i++) {
        shape->names[i] = rule->names.lets[rule->told[i]].name;
    }
    for (size_t i = 0; i < rule->rate_count; i++) {
        shape->rates[i] = rule->rates[i];
    }
    return rule->told_count > 0;
}
