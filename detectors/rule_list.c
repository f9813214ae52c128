#include "detectors/program_state.h"

uint32_t program_rule_count(const struct program *program)
{
    return program->rules.rule_count;
}

static void add_inputs(const struct rule *rule, struct text *out)
{
    text_add_key(out, "reads");
    text_add_byte(out, '[');
    for (size_t i = 0; i < rule->names.input_count; i++) {
        const struct input *input = &rule->names.inputs[i];
        char space[200];
        struct text name = text_in(space, sizeof space);
        text_add_slice(&name, input->role);
        text_add(&name, input->role.size > 0 ? "." : "");
        text_add_slice(&name, input->name);
        text_add(out, i == 0 ? "" : ",");
        text_add_json(out, text_slice(&name));
    }
    text_add_byte(out, ']');
}

/* Of the windows of a look; those of a signal may serve other rules too. */
static uint64_t look_bytes(const struct program *program, const struct bound *bound, size_t look)
{
    const struct look *of = &program->rules.rules[bound->rule].names.looks[look];
    uint32_t first = program->looks[bound->look_first + look];
    uint32_t count = first == NONE ? 0
                     : of->at == LOOK_AT_SIGNALS
                         ? program->bindings[bound->binding_first + of->index].count
                         : 1;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t window = program->look_windows[first + i];
        bytes += window == NONE ? 0 : window_size(&program->windows[window]);
    }
    return bytes;
}

static void add_bytes(const struct program *program, uint32_t index, struct text *out)
{
    enum { TIMER_SIZE = 20 }; /* a place in the heap */
    const struct rule *rule = &program->rules.rules[index];
    uint32_t instances = 0;
    uint64_t own_bytes = 0;
    for (uint32_t i = 0; i < program->bound_count; i++) {
        const struct bound *bound = &program->bounds[i];
        for (size_t k = 0;
             program->rules.rules[bound->rule].index == index && k < rule->names.look_count; k++) {
            own_bytes += look_bytes(program, bound, k);
        }
        instances += program->rules.rules[bound->rule].index == index ? 1 : 0;
    }
    text_add_field_int(out, "instances", instances);
    text_add_field_int(out, "bytes_per_instance",
        (int64_t)(TIMER_SIZE + (instances == 0 ? 0 : own_bytes / instances)));
}

void program_rule_json(const struct program *program, uint32_t index, struct text *out)
{
    static const char *const SCOPES[] = {
#define SCOPE(id, name) #name,
#include "detectors/scopes.def"
#undef SCOPE
    };
    const struct rule *rule = &program->rules.rules[index];
    text_add_byte(out, '{');
    text_add_field(out, "id", rule->id);
    text_add_field(out, "kind", slice_of("detection"));
    text_add_field(out, "zh", rule->title_zh);
    text_add_field(out, "en", rule->title_en);
    text_add_field(out, "severity", slice_of(severity_name(rule->severity)));
    text_add_field(out, "scope", slice_of(SCOPES[rule->scope]));
    text_add_field_int(out, "raise_after_ms", rule->raise_after_ms);
    text_add_field_int(out, "clear_after_ms", rule->clear_after_ms);
    add_inputs(rule, out);
    text_add_field(out, "source", rule->source_cite);
    text_add_field(out, "sure", rule->source_sure);
    text_add_field(out, "file", rule->place.file);
    text_add_field_int(out, "line", rule->place.line);
    add_bytes(program, index, out);
    text_add_byte(out, '}');
}
