#include "detectors/rules_reading.h"

static bool name_is_taken(const struct expression_scope *names, struct slice name)
{
    for (size_t i = 0; i < names->let_count; i++) {
        if (slice_equal(names->lets[i].name, name)) {
            return true;
        }
    }
    for (size_t i = 0; i < names->parameter_count; i++) {
        if (slice_equal(names->parameters[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool name_is_fit(struct slice name)
{
    bool fit = name.size > 0 && (name.ptr[0] < '0' || name.ptr[0] > '9');
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.ptr[i];
        fit = fit && ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_');
    }
    return fit;
}

static void read_let(struct rules_reading *reading, yaml_node_t *key, yaml_node_t *value,
    struct expression_scope *names, struct code *code)
{
    struct slice name = arena_copy(reading->arena, yaml_scalar(key));
    struct slice text = arena_copy(reading->arena, yaml_scalar(value));
    if (!name_is_fit(name)) {
        yaml_say(reading->tree, key, "a name of let: small letters, digits and _");
    } else if (name_is_taken(names, name)) {
        yaml_say(reading->tree, key, "the name '%.*s' stands twice", (int)name.size,
            (const char *)name.ptr);
    } else if (text.size == 0) {
        yaml_say(reading->tree, value, "an expression is wanted here");
    } else {
        bool fine = expression_compile_let(
            names, name, text, yaml_place(reading->tree, value), code, reading->report);
        (void)fine; /* the finding is in the report */
    }
}

void read_lets(struct rules_reading *reading, const yaml_node_t *item,
    struct expression_scope *names, struct code **lets)
{
    yaml_node_t *key, *value;
    yaml_node_t *mapping = yaml_get(reading->tree, item, "let");
    size_t count = 0;
    while (yaml_pair(reading->tree, mapping, count, &key, &value)) {
        count += 1;
    }
    if (count > LETS_MAX) {
        yaml_say(reading->tree, mapping, "more than %d names in let", LETS_MAX);
        return;
    }
    *lets = arena_take(reading->arena, count + 1, sizeof **lets);
    for (size_t i = 0; i < count; i++) {
        size_t findings = reading->report->count;
        yaml_pair(reading->tree, mapping, i, &key, &value);
        read_let(reading, key, value, names, *lets + i);
        if (reading->report->count > findings) {
            return; /* those behind may read it */
        }
    }
}

void check_lets(
    struct rules_reading *reading, const yaml_node_t *item, const struct expression_scope *names)
{
    for (size_t i = 0; i < names->let_count; i++) {
        if (!names->lets[i].read) {
            yaml_say(reading->tree, yaml_get(reading->tree, item, "let"),
                "'%.*s' of let is never read", (int)names->lets[i].name.size,
                (const char *)names->lets[i].name.ptr);
        }
    }
}

void note_fed_lets(struct rule *rule)
{
    struct expression_scope *names = &rule->names;
    for (size_t i = 0; i < names->look_count; i++) {
        if (names->looks[i].at == LOOK_AT_LET) {
            names->lets[names->looks[i].index].fed = true;
        }
    }
    for (size_t i = names->let_count; i > 0; i--) { /* a let is made of lets before it */
        const struct code *code = &rule->lets[i - 1];
        for (size_t k = 0; names->lets[i - 1].fed && k < code->size; k++) {
            if (code->steps[k].op == OP_LET) {
                names->lets[code->steps[k].index].fed = true;
            }
        }
    }
}
