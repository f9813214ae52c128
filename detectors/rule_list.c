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

/* What a look keeps, of a device that reports each minute: how much a rule costs can be told without a registry. */
static struct window look_window(const struct rule *rule, const struct look *look)
{
    static const enum keeps KEEPS_OF[OPS] = {
#define FUNCTION(id, name, takes, gives, keeps, value, zh, en) [OP_##id] = keeps,
#include "detectors/functions.def"
#undef FUNCTION
    };
    struct window window = {.span = look->span, .interval_ms = MINUTE_MS, .spacing_ms = MINUTE_MS};
    window_shape(&window, KEEPS_OF[look->op],
        look->at == LOOK_AT_LET && rule->names.lets[look->index].sets_aside);
    return window;
}

static void add_span(const struct span *span, struct text *out)
{
    char space[40];
    struct text words = text_in(space, sizeof space);
    if (span->period != PERIOD_SLIDING) {
        text_add(&words, span->last ? "last " : "this ");
        text_add(&words, period_name((enum period)span->period));
    } else if (span->width_ms > 0) {
        text_add_int(&words, span->width_ms / SECOND_MS);
        text_add(&words, " s");
    }
    text_add_field(out, "over", text_slice(&words));
}

static void add_look(const struct rule *rule, const struct look *look, struct text *out)
{
    static const char *const NAMES[OPS] = {
#define FUNCTION(id, name, takes, gives, keeps, value, zh, en) [OP_##id] = #name,
#include "detectors/functions.def"
#undef FUNCTION
    };
    const struct window window = look_window(rule, look);
    char space[200];
    struct text of = text_in(space, sizeof space);
    if (look->at == LOOK_AT_LET) {
        text_add_slice(&of, rule->names.lets[look->index].name);
    } else {
        const struct input *input = &rule->names.inputs[look->index];
        text_add_slice(&of, input->role);
        text_add(&of, input->role.size > 0 ? "." : "");
        text_add_slice(&of, input->name);
    }
    text_add_byte(out, '{');
    text_add_field(out, "function", slice_of(NAMES[look->op]));
    text_add_field(out, "of", text_slice(&of));
    add_span(&look->span, out);
    text_add_field_int(out, "bytes", (int64_t)window_size(&window));
    text_add_byte(out, '}');
}

/* Its windows with their bytes, and all that an instance keeps. What looks at a signal is shared by all rules
 * that ask the same of it. */
static void add_bytes(const struct rule *rule, size_t alarm_bytes, struct text *out)
{
    enum { MANY = 1024 }; /* a place among so many: the heap is of blocks */
    size_t bytes = alarm_bytes + (timers_size(MANY) + MANY - 1) / MANY +
                   (rule->each == PERIOD_SLIDING ? 0 : sizeof(int32_t));
    text_add_key(out, "looks");
    text_add_byte(out, '[');
    for (size_t i = 0; i < rule->names.look_count; i++) {
        const struct window window = look_window(rule, &rule->names.looks[i]);
        text_add(out, i == 0 ? "" : ",");
        add_look(rule, &rule->names.looks[i], out);
        bytes += window_size(&window);
    }
    text_add_byte(out, ']');
    text_add_field_int(out, "alarm_bytes", (int64_t)alarm_bytes);
    text_add_field_int(out, "bytes_per_instance", (int64_t)bytes);
}

void program_rule_json(
    const struct program *program, uint32_t index, size_t alarm_bytes, struct text *out)
{
    static const char *const SCOPES[] = {
#define SCOPE(id, name) #name,
#include "detectors/scopes.def"
#undef SCOPE
    };
    const struct rule *rule = &program->rules.rules[index];
    text_add_byte(out, '{');
    text_add_field(out, "id", rule->id);
    text_add_field(out, "kind", slice_of(rule->told_count > 0 ? "report" : "detection"));
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
    add_bytes(rule, alarm_bytes, out);
    text_add_byte(out, '}');
}
