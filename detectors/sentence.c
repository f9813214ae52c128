#include <string.h>

#include "detectors/evaluate.h"
#include "detectors/silence.h"

/* A rule's sentence while it is written. */
struct sentence {
    const struct program *program;
    void *state;
    const struct moment *books; /* of it what people told, and the tallies of alarms */
    const struct bound *bound;
    const struct rule *rule;
    enum language language;
    int64_t lasted_ms;
    struct event_time onset;
    struct text *out;
};

static struct slice choose(const struct sentence *sentence, struct slice zh, struct slice en)
{
    return sentence->language == LANGUAGE_EN && en.size > 0 ? en : zh;
}

static const char *word(const struct sentence *sentence, const char *zh, const char *en)
{
    return sentence->language == LANGUAGE_ZH ? zh : en;
}

static void add_duration(struct sentence *sentence, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *zh, *en;
    } PARTS[] = {{DAY_MS, "天", " d"}, {HOUR_MS, "小时", " h"}, {MINUTE_MS, "分", " min"},
        {SECOND_MS, "秒", " s"}};
    bool any = false;
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        int64_t count = ms / PARTS[i].ms;
        ms %= PARTS[i].ms;
        bool last = i + 1 == sizeof PARTS / sizeof PARTS[0];
        if (count > 0 || (last && !any)) {
            text_add(sentence->out, any && sentence->language == LANGUAGE_EN ? " " : "");
            text_add_int(sentence->out, count);
            text_add(sentence->out, word(sentence, PARTS[i].zh, PARTS[i].en));
            any = true;
        }
    }
}

/* The digits as they were sent, and the unit. */
static void add_signal(struct sentence *sentence, uint32_t signal)
{
    const struct signal_state *state = signal_of(sentence->program, sentence->state, signal);
    struct slice unit = sentence->program->registry->signals[signal].unit;
    if (!state->seen || state->digits_size == 0) {
        text_add(sentence->out, word(sentence, "未知", "unknown"));
        return;
    }
    text_add_slice(sentence->out, slice_from(state->digits, state->digits_size));
    if (unit.size > 0) {
        text_add_byte(sentence->out, ' ');
        text_add_slice(sentence->out, slice_is(unit, "degC") ? slice_of("℃") : unit);
    }
}

static void add_truth(struct sentence *sentence, const struct binding *binding)
{
    const struct estimator_state *state = estimator_of(
        sentence->program, sentence->state, sentence->program->elements[binding->first]);
    text_add(sentence->out, state->settled == SETTLED_ON    ? word(sentence, "是", "yes")
                            : state->settled == SETTLED_OFF ? word(sentence, "否", "no")
                                                            : word(sentence, "未知", "unknown"));
}

static void add_constant(struct sentence *sentence, const struct input *input, double constant)
{
    uint32_t signal = sentence->bound->signal;
    if (isnan(constant)) {
        text_add(sentence->out, word(sentence, "无", "none"));
        return;
    }
    if (signal == NONE) { /* device.interval: seconds */
        text_add_number(sentence->out, constant, 3);
        bool time = dimension_equal(input->dimension, unit_find(slice_of("s"))->dimension);
        text_add(sentence->out, input->typed && time ? " s" : "");
        return;
    }
    struct slice unit = sentence->program->registry->signals[signal].unit;
    text_add_number(sentence->out, constant / sentence->program->signals[signal].scale, 3);
    text_add(sentence->out, unit.size > 0 ? " " : "");
    text_add_slice(sentence->out, unit);
}

static void add_dated(
    struct sentence *sentence, const struct input *input, const struct binding *binding)
{
    const struct moment moment = moment_of(sentence->state, sentence->books);
    const struct evaluation evaluation = evaluation_of(sentence->program, sentence->state, &moment,
        &sentence->rule->names, sentence->bound->binding_first);
    add_constant(sentence, input, dated_value(&evaluation, binding).number);
}

/* What messages or alarms told, as it stands now: yes or no, a time, a number. */
static void add_asked(
    struct sentence *sentence, const struct input *input, const struct binding *binding)
{
    const struct moment moment = moment_of(sentence->state, sentence->books);
    struct evaluation evaluation = evaluation_of(sentence->program, sentence->state, &moment,
        &sentence->rule->names, sentence->bound->binding_first);
    struct value value = binding->kind == BINDING_ASK ? ask_value(&evaluation, binding, &input->ask)
                         : binding->kind == BINDING_ALARMS
                             ? alarms_value(&evaluation, binding, &input->ask)
                             : inside_value(&evaluation, binding, &input->ask);
    if (!is_known(value)) {
        text_add(sentence->out, word(sentence, "未知", "unknown"));
    } else if (input->truth) {
        text_add(sentence->out,
            value.number != 0 ? word(sentence, "是", "yes") : word(sentence, "否", "no"));
    } else if (dimension_equal(input->dimension, unit_find(slice_of("s"))->dimension)) {
        add_duration(sentence, (int64_t)(value.number * SECOND_MS));
    } else {
        text_add_number(sentence->out, value.number, 3);
    }
}

static void add_silence(struct sentence *sentence, const struct binding *binding)
{
    const struct silence_group *group =
        silence_group_of(sentence->program, sentence->state, binding->first);
    text_add_int(
        sentence->out, binding->kind == BINDING_SILENT ? group->silent : silence_together(group));
}

static bool add_input(struct sentence *sentence, struct slice name)
{
    const size_t index = expression_input(&sentence->rule->names, name);
    if (index == INPUTS_MAX) {
        return false;
    }
    const struct input *input = &sentence->rule->names.inputs[index];
    const struct binding *binding =
        &sentence->program->bindings[sentence->bound->binding_first + index];
    switch ((enum binding_kind)binding->kind) {
    case BINDING_ABSENT:
        text_add(sentence->out, word(sentence, "无", "none"));
        break;
    case BINDING_SIGNALS:
        add_signal(sentence, sentence->program->elements[binding->first]);
        break;
    case BINDING_ESTIMATORS:
        add_truth(sentence, binding);
        break;
    case BINDING_CONSTANT:
        add_constant(sentence, input, binding->constant);
        break;
    case BINDING_DATED:
        add_dated(sentence, input, binding);
        break;
    case BINDING_AGE:
        add_duration(sentence, device_age_ms(sentence->program, sentence->state, binding->first));
        break;
    case BINDING_ASK:
    case BINDING_INSIDE:
    case BINDING_ALARMS:
        add_asked(sentence, input, binding);
        break;
    case BINDING_SILENT:
    case BINDING_TOGETHER:
        add_silence(sentence, binding);
        break;
    }
    return true;
}

/* The lets as they stand, without anything being remembered. */
static struct value let_now(const struct sentence *sentence, size_t index)
{
    const struct program *program = sentence->program;
    const struct bound *bound = sentence->bound;
    const struct moment moment = moment_of(sentence->state, sentence->books);
    struct value lets[LETS_MAX];
    struct evaluation evaluation = evaluation_of(
        program, sentence->state, &moment, &sentence->rule->names, bound->binding_first);
    evaluation.place = &bound->place;
    evaluation.looks = program->looks + bound->look_first;
    evaluation.lets = lets;
    evaluation.local_ms = local_now(program, sentence->state, bound->clock_device, moment.hub_ms);
    evaluate_lets(&evaluation, sentence->rule->lets, NULL);
    return lets[index];
}

/* Yes or no, a time in words, or up to three decimals and the unit. */
static void add_let_value(struct sentence *sentence, const struct let *let, struct value value)
{
    const bool time =
        let->typed && dimension_equal(let->dimension, unit_find(slice_of("s"))->dimension);
    if (value_status(value) == VALUE_ABSENT) {
        text_add(sentence->out, word(sentence, "无", "none"));
    } else if (!is_known(value)) {
        text_add(sentence->out, word(sentence, "未知", "unknown"));
    } else if (let->truth) {
        text_add(sentence->out,
            value.number != 0 ? word(sentence, "是", "yes") : word(sentence, "否", "no"));
    } else if (time && value.number >= 0) {
        add_duration(sentence, (int64_t)(value.number * SECOND_MS));
    } else {
        struct slice unit = let->typed ? dimension_unit(let->dimension) : (struct slice){0};
        text_add_number(sentence->out, value.number, 3);
        text_add(sentence->out, unit.size > 0 ? " " : "");
        text_add_slice(sentence->out, slice_is(unit, "degC") ? slice_of("℃") : unit);
    }
}

static bool add_let(struct sentence *sentence, struct slice name)
{
    const struct expression_scope *names = &sentence->rule->names;
    for (size_t i = 0; i < names->let_count; i++) {
        if (slice_equal(names->lets[i].name, name)) {
            add_let_value(sentence, &names->lets[i], let_now(sentence, i));
            return true;
        }
    }
    return false;
}

static bool add_parameter(struct sentence *sentence, struct slice name)
{
    const struct expression_scope *names = &sentence->rule->names;
    for (size_t i = 0; i < names->parameter_count; i++) {
        if (slice_equal(names->parameters[i].name, name)) {
            text_add_slice(sentence->out, names->parameters[i].text);
            return true;
        }
    }
    return false;
}

/* The names of the equipment in a role. */
static bool add_role(struct sentence *sentence, struct slice role)
{
    const struct registry *registry = sentence->program->registry;
    bool any = false;
    if (sentence->bound->place.linkage == NONE) {
        return false;
    }
    const struct linkage *linkage = &registry->linkages[sentence->bound->place.linkage];
    for (uint32_t i = 0; i < linkage->member_count; i++) {
        const struct linkage_member *member = &registry->members[linkage->member_first + i];
        if (slice_equal(member->role, role)) {
            const struct equipment *equipment = &registry->equipment[member->equipment];
            text_add(sentence->out, any ? word(sentence, "、", ", ") : "");
            text_add_slice(sentence->out, choose(sentence, equipment->name, equipment->name_en));
            any = true;
        }
    }
    return any;
}

/* The meter, and whose current it measures: one meter has several. */
static void add_feeder(struct sentence *sentence)
{
    const struct registry *registry = sentence->program->registry;
    const struct device *device = &registry->devices[sentence->bound->clock_device];
    const uint32_t equipment = sentence->bound->place.equipment;
    text_add_slice(sentence->out, choose(sentence, device->name, device->name_en));
    if (equipment != NONE) {
        const struct equipment *of = &registry->equipment[equipment];
        text_add(sentence->out, word(sentence, "（", " ("));
        text_add_slice(sentence->out, choose(sentence, of->name, of->name_en));
        text_add(sentence->out, word(sentence, "）", ")"));
    }
}

static void add_subject(struct sentence *sentence)
{
    const struct registry *registry = sentence->program->registry;
    const struct bound *bound = sentence->bound;
    if (sentence->rule->scope == SCOPE_LINKAGE) {
        const struct linkage *linkage = &registry->linkages[bound->place.linkage];
        text_add_slice(sentence->out, choose(sentence, linkage->name, linkage->name_en));
    } else if (sentence->rule->scope == SCOPE_DEVICE) {
        const struct device *device = &registry->devices[bound->clock_device];
        text_add_slice(sentence->out, choose(sentence, device->name, device->name_en));
    } else if (sentence->rule->scope == SCOPE_FEEDER) {
        add_feeder(sentence);
    } else if (sentence->rule->scope == SCOPE_ENTERPRISE) {
        const struct enterprise *enterprise = &registry->enterprises[bound->shown->enterprise];
        text_add_slice(sentence->out, choose(sentence, enterprise->name, enterprise->name_en));
    } else if (sentence->rule->scope == SCOPE_EQUIPMENT) {
        const struct equipment *equipment =
            &registry->equipment[table_find(&registry->equipment_by_id, bound->shown->subject)];
        text_add_slice(sentence->out, choose(sentence, equipment->name, equipment->name_en));
    } else {
        text_add_slice(sentence->out, bound->shown->subject);
    }
}

/* What the signal measures, by the name that a quantity file gives it. */
static void add_quantity(struct sentence *sentence)
{
    const struct program *program = sentence->program;
    struct slice quantity = program->registry->signals[sentence->bound->signal].quantity;
    for (uint32_t i = 0; i < program->rules.quantity_count; i++) {
        const struct quantity_rule *rule = &program->rules.quantities[i];
        if (slice_equal(rule->name, quantity) && rule->zh.size > 0) {
            quantity = choose(sentence, rule->zh, rule->en);
        }
    }
    text_add_slice(sentence->out, quantity);
}

static void add_flag(struct sentence *sentence)
{
    enum data_flag flag =
        (enum data_flag)signal_of(sentence->program, sentence->state, sentence->bound->signal)
            ->flag;
    text_add(sentence->out, word(sentence, data_flag_zh(flag), data_flag_en(flag)));
}

/* Of scope pair: the outlet that `other` stands for. */
static void add_other_outlet(struct sentence *sentence)
{
    const struct registry *registry = sentence->program->registry;
    uint32_t device = registry->signals[sentence->bound->other].device;
    const struct outlet *outlet = &registry->outlets[registry->devices[device].outlet];
    text_add_slice(sentence->out, choose(sentence, outlet->name, outlet->name_en));
}

static void add_named(struct sentence *sentence, struct slice name)
{
    const struct registry *registry = sentence->program->registry;
    const struct instance *shown = sentence->bound->shown;
    if (slice_is(name, "enterprise")) {
        if (shown->enterprise != NONE) {
            const struct enterprise *enterprise = &registry->enterprises[shown->enterprise];
            text_add_slice(sentence->out, choose(sentence, enterprise->name, enterprise->name_en));
        }
    } else if (slice_is(name, "outlet") && shown->outlet != NONE) {
        const struct outlet *outlet = &registry->outlets[shown->outlet];
        text_add_slice(sentence->out, choose(sentence, outlet->name, outlet->name_en));
    } else if (slice_is(name, "other_outlet") && sentence->rule->scope == SCOPE_PAIR) {
        add_other_outlet(sentence);
    } else if (slice_is(name, "subject")) {
        add_subject(sentence);
    } else if (slice_is(name, "lasted")) {
        add_duration(sentence, sentence->lasted_ms);
    } else if (slice_is(name, "onset")) {
        text_add_time(sentence->out, sentence->onset);
    } else if (slice_is(name, "quantity") && sentence->bound->signal != NONE) {
        add_quantity(sentence);
    } else if (slice_is(name, "flag") && sentence->bound->signal != NONE) {
        add_flag(sentence);
    } else if (!add_parameter(sentence, name) && !add_let(sentence, name) &&
               !add_input(sentence, name) && !add_role(sentence, name)) {
        text_add(sentence->out, word(sentence, "无", "none"));
    }
}

void detectors_text(const struct program *program, const void *state, const struct moment *books,
    uint32_t instance, enum language language, int64_t lasted_ms, struct event_time onset,
    struct text *out)
{
    const struct bound *bound = &program->bounds[instance];
    struct sentence sentence = {program, (void *)(uintptr_t)state, books, bound,
        &program->rules.rules[bound->rule], language, lasted_ms, onset, out};
    struct slice rest = language == LANGUAGE_ZH ? sentence.rule->text_zh : sentence.rule->text_en;
    while (rest.size > 0) {
        size_t open = slice_find(rest, 0, '{');
        size_t close = slice_find(rest, open, '}');
        text_add_slice(out, slice_head(rest, open));
        if (close == rest.size) {
            text_add_slice(out, slice_tail(rest, open));
            return;
        }
        add_named(&sentence, slice_from(rest.ptr + open + 1, close - open - 1));
        rest = slice_tail(rest, close + 1);
    }
}
