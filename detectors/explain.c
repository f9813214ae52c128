#include "detectors/evaluate.h"

/* An instance while it is explained. */
struct explanation {
    struct evaluation evaluation;
    const struct bound *bound;
    const struct rule *rule;
    struct text *out;
    bool any; /* an element of the list that is written is there */
};

static void begin_list(struct explanation *explanation, const char *key)
{
    text_add_key(explanation->out, key);
    text_add_byte(explanation->out, '[');
    explanation->any = false;
}

static void begin_item(struct explanation *explanation)
{
    text_add(explanation->out, explanation->any ? ",{" : "{");
    explanation->any = true;
}

static const char *const TRUTHS[] = {[TRI_NO] = "no", [TRI_YES] = "yes", [TRI_UNKNOWN] = "unknown"};

/* As a rule sees it: a number in the unit of its kind, yes or no, unknown, absent. */
static void add_value(
    struct text *out, const char *key, struct value value, bool truth, struct dimension dimension)
{
    char space[64];
    struct text words = text_in(space, sizeof space);
    struct slice unit = truth ? (struct slice){0} : dimension_unit(dimension);
    if (value_status(value) == VALUE_ABSENT) {
        text_add(&words, "absent");
    } else if (!is_known(value)) {
        text_add(&words, "unknown");
    } else if (truth) {
        text_add(&words, value.number != 0 ? "yes" : "no");
    } else {
        text_add_number(&words, value.number, 4);
        text_add(&words, unit.size > 0 ? " " : "");
        text_add_slice(&words, unit);
    }
    text_add_field(out, key, text_slice(&words));
}

static void add_input_name(struct text *out, const struct input *input)
{
    text_add_slice(out, input->role);
    text_add(out, input->role.size > 0 ? "." : "");
    text_add_slice(out, input->name);
}

/* Why a signal has no value now; NULL: it has. */
static const char *why_unknown(const struct signal_state *state, const struct signal_state *held)
{
    return !state->seen     ? "nothing came yet"
           : held == NULL   ? "too old"
           : !state->usable ? "flagged or withheld"
                            : NULL;
}

static void explain_signal(struct explanation *explanation, uint32_t signal)
{
    struct evaluation *evaluation = &explanation->evaluation;
    const struct program *program = evaluation->program;
    const struct signal *of = &program->registry->signals[signal];
    const struct signal_state *state = signal_of(program, evaluation->state, signal);
    const char *why = why_unknown(state, signal_held(evaluation, signal));
    struct text *out = explanation->out;
    begin_item(explanation);
    text_add_field(out, "mn", program->registry->devices[of->device].mn);
    text_add_field(out, "factor", of->factor);
    text_add_field(out, "sent", slice_from(state->digits, state->digits_size));
    text_add_field(out, "unit", of->unit);
    if (state->seen) {
        int64_t now_ms =
            local_now(program, evaluation->state, of->device, evaluation->moment->hub_ms);
        text_add_field_time(out, "time", (struct event_time){state->event_ms});
        text_add_field_int(out, "age_ms", now_ms - state->event_ms);
        text_add_field_int(out, "held_for_ms", program->signals[signal].held_ms);
    }
    if (why != NULL) {
        text_add_field(out, "why", slice_of(why));
    }
    text_add_byte(out, '}');
}

static void explain_estimator(struct explanation *explanation, uint32_t index)
{
    static const char *const TOLD[] = {
        [SETTLED_NOT] = "unknown", [SETTLED_OFF] = "off", [SETTLED_ON] = "on"};
    const struct program *program = explanation->evaluation.program;
    const struct estimator *of = &program->estimators[index];
    const struct estimator_state *state =
        estimator_of(program, explanation->evaluation.state, index);
    const struct state_rule *rule = &program->rules.states[of->state];
    struct text *out = explanation->out;
    begin_item(explanation);
    text_add_field(out, "equipment", program->registry->equipment[of->equipment].id);
    text_add_field(out, "told", slice_of(TOLD[estimator_told(state)]));
    text_add_field(out, "on_when", slice_of(TRUTHS[state->on_vote]));
    text_add_field_int(out, "on_held_ms", state->on_held_ms);
    text_add_field_int(out, "on_after_ms", rule->on_after_ms);
    text_add_field(out, "off_when", slice_of(TRUTHS[state->off_vote]));
    text_add_field_int(out, "off_held_ms", state->off_held_ms);
    text_add_field_int(out, "off_after_ms", rule->off_after_ms);
    if (state->since_ms > 0) {
        text_add_field_time(out, "since", (struct event_time){state->since_ms});
    }
    text_add_byte(out, '}');
}

static void explain_elements(struct explanation *explanation, const struct binding *binding)
{
    begin_list(explanation, "of");
    for (uint32_t i = 0; i < binding->count; i++) {
        uint32_t element = explanation->evaluation.program->elements[binding->first + i];
        if (binding->kind == BINDING_SIGNALS) {
            explain_signal(explanation, element);
        } else {
            explain_estimator(explanation, element);
        }
    }
    text_add_byte(explanation->out, ']');
}

static void explain_inputs(struct explanation *explanation)
{
    const struct expression_scope *names = &explanation->rule->names;
    struct text *out = explanation->out;
    begin_list(explanation, "inputs");
    for (size_t i = 0; i < names->input_count; i++) {
        const struct input *input = &names->inputs[i];
        const struct binding *binding = &explanation->evaluation.bindings[i];
        struct code code = {.steps = {{.op = OP_INPUT, .index = (uint16_t)i}}, .size = 1};
        char space[160];
        struct text name = text_in(space, sizeof space);
        add_input_name(&name, input);
        explanation->any = i > 0;
        begin_item(explanation);
        text_add_field(out, "name", text_slice(&name));
        add_value(
            out, "is", evaluate(&explanation->evaluation, &code), input->truth, input->dimension);
        if (binding->kind == BINDING_SIGNALS || binding->kind == BINDING_ESTIMATORS) {
            explain_elements(explanation, binding);
        }
        text_add_byte(out, '}');
    }
    text_add_byte(out, ']');
}

static void explain_lets(struct explanation *explanation)
{
    const struct expression_scope *names = &explanation->rule->names;
    begin_list(explanation, "lets");
    for (size_t i = 0; i < names->let_count; i++) {
        const struct let *let = &names->lets[i];
        begin_item(explanation);
        text_add_field(explanation->out, "name", let->name);
        add_value(explanation->out, "is", explanation->evaluation.lets[i], let->truth,
            let->typed ? let->dimension : (struct dimension){{0}});
        text_add_byte(explanation->out, '}');
    }
    text_add_byte(explanation->out, ']');
}

/* --- functions: windows, gates --- */

static const struct {
    const char *name, *takes, *gives;
} FUNCTIONS[OPS] = {
#define FUNCTION(id, name, takes, gives, keeps, value, zh, en) [OP_##id] = {#name, #takes, #gives},
#include "detectors/functions.def"
#undef FUNCTION
};

static bool is(const char *word, const char *other)
{
    return slice_is(slice_of(word), other);
}

static void add_argument(
    struct text *out, const struct expression_scope *names, const struct code_step *step)
{
    const char *takes = FUNCTIONS[step->op].takes;
    bool names_input = is(takes, "NAME") || is(takes, "NAME_AND_FLAGS");
    if (is(takes, "WORD")) {
        text_add_slice(out, names->words[step->index]);
    } else if (is(takes, "KIND")) {
        text_add(out, filing_kind_row((enum filing_kind)step->count)->name);
    } else if (names_input) {
        add_input_name(out, &names->inputs[step->index]);
    } else if (!is(takes, "HOURS")) {
        const struct look *look = &names->looks[step->count];
        if (look->at == LOOK_AT_LET) {
            text_add_slice(out, names->lets[look->index].name);
        } else {
            add_input_name(out, &names->inputs[look->index]);
        }
        if (look->span.width_ms > 0) {
            text_add(out, ", ");
            text_add_number(out, (double)look->span.width_ms / SECOND_MS, 3);
            text_add(out, " s");
        }
    }
}

static void explain_step(struct explanation *explanation, const struct code_step *step)
{
    const struct expression_scope *names = &explanation->rule->names;
    struct code code = {.steps = {*step}, .size = 1};
    struct dimension seconds = unit_find(slice_of("s"))->dimension;
    bool truth = is(FUNCTIONS[step->op].gives, "TRUTH");
    bool time = is(FUNCTIONS[step->op].gives, "TIME");
    char space[200];
    struct text name = text_in(space, sizeof space);
    text_add(&name, FUNCTIONS[step->op].name);
    text_add_byte(&name, '(');
    add_argument(&name, names, step);
    text_add_byte(&name, ')');
    begin_item(explanation);
    text_add_field(explanation->out, "name", text_slice(&name));
    add_value(explanation->out, "is", evaluate(&explanation->evaluation, &code), truth,
        time ? seconds : (struct dimension){{0}});
    text_add_byte(explanation->out, '}');
}

/* Each call of a function in the rule's expressions, but for those that only put values together. */
static void explain_functions(struct explanation *explanation)
{
    struct rule *rule = (struct rule *)(uintptr_t)explanation->rule;
    const struct code *code;
    begin_list(explanation, "functions");
    for (size_t i = 0; (code = rule_code(rule, i)) != NULL; i++) {
        for (size_t k = 0; k < code->size; k++) {
            const struct code_step *step = &code->steps[k];
            const char *takes = FUNCTIONS[step->op].takes;
            if (takes != NULL && !is(takes, "VALUES") && !is(takes, "WHERE")) {
                explain_step(explanation, step);
            }
        }
    }
    text_add_byte(explanation->out, ']');
}

static void explain_votes(struct explanation *explanation)
{
    struct evaluation *evaluation = &explanation->evaluation;
    const struct rule *rule = explanation->rule;
    struct text *out = explanation->out;
    bool absent;
    text_add_field(out, "when", slice_of(TRUTHS[evaluate_truth(evaluation, &rule->when, &absent)]));
    if (rule->clear_when.size > 0) {
        evaluation->lenient = true;
        enum tri clear = evaluate_truth(evaluation, &rule->clear_when, &absent);
        evaluation->lenient = false;
        text_add_field(out, "clear_when", slice_of(absent ? "absent" : TRUTHS[clear]));
    }
    begin_list(explanation, "grades");
    for (size_t i = 0; i < rule->grade_count; i++) {
        enum tri holds = evaluate_truth(evaluation, &rule->grades[i].when, &absent);
        begin_item(explanation);
        text_add_field(out, "to", slice_of(severity_name(rule->grades[i].to)));
        text_add_field(out, "when", slice_of(TRUTHS[holds]));
        text_add_byte(out, '}');
    }
    text_add_byte(out, ']');
    begin_list(explanation, "under");
    for (size_t i = 0; i < rule->under.count; i++) {
        text_add(out, i == 0 ? "" : ",");
        text_add_json(out, rule->under.words[i]);
    }
    text_add_byte(out, ']');
}

void detectors_explain(const struct program *program, void *state, const struct moment *moment,
    uint32_t instance, struct text *out)
{
    const struct bound *bound = &program->bounds[instance];
    const struct rule *rule = &program->rules.rules[bound->rule];
    struct value lets[LETS_MAX];
    struct explanation explanation = {
        .evaluation = evaluation_of(program, state, moment, &rule->names, bound->binding_first),
        .bound = bound,
        .rule = rule,
        .out = out,
    };
    explanation.evaluation.place = &bound->place;
    explanation.evaluation.looks = program->looks + bound->look_first;
    explanation.evaluation.lets = lets;
    explanation.evaluation.local_ms =
        local_now(program, state, bound->clock_device, moment->hub_ms);
    evaluate_lets(&explanation.evaluation, rule->lets, NULL);
    text_add_field_time(out, "local", (struct event_time){explanation.evaluation.local_ms});
    explain_inputs(&explanation);
    explain_lets(&explanation);
    explain_functions(&explanation);
    if (rule->told_count == 0) { /* a report has no condition */
        explain_votes(&explanation);
    }
}
