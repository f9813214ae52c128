#include <assert.h>

#include "core/hash.h"
#include "detectors/binder.h"
#include "detectors/evaluate.h"

static void add_binding(struct binder *binder, struct binding binding)
{
    struct program *program = binder->program;
    program->bindings = array_grow(&program->arena, program->bindings, program->binding_count,
        &binder->binding_capacity, sizeof *program->bindings);
    program->bindings[program->binding_count++] = binding;
}

/* The clock of an instance is that of the device of the first signal that it reads, and only where it
 * reads none that of the first state: a bypass, not the furnace it belongs to. */
static uint32_t first_device(const struct program *program, uint32_t binding_first, size_t count)
{
    uint32_t device = NONE;
    for (size_t i = 0; i < count; i++) {
        const struct binding *binding = &program->bindings[binding_first + i];
        if (binding->kind == BINDING_AGE || binding->kind == BINDING_ASK) {
            return binding->first;
        }
        if (binding->kind == BINDING_SIGNALS || binding->kind == BINDING_INSIDE) {
            return program->registry->signals[program->elements[binding->first]].device;
        }
        if (binding->kind == BINDING_ESTIMATORS && device == NONE) {
            device = program->estimators[program->elements[binding->first]].clock_device;
        }
    }
    return device;
}

static void add_signal_name(const struct registry *registry, uint32_t signal, struct text *text)
{
    const struct signal *of = &registry->signals[signal];
    text_add_slice(text, registry->devices[of->device].mn);
    text_add_byte(text, ':');
    text_add_slice(text, of->factor);
    text_add(text, of->field.size > 0 ? "-" : "");
    text_add_slice(text, of->field);
}

static struct slice signal_subject(struct binder *binder, const struct subject *subject)
{
    char space[400];
    struct text text = text_in(space, sizeof space);
    add_signal_name(binder->registry, subject->signal, &text);
    if (subject->scope == SCOPE_PAIR) {
        text_add_byte(&text, '~');
        add_signal_name(binder->registry, subject->other, &text);
    }
    return arena_copy(&binder->program->arena, text_slice(&text));
}

static void describe_subject(
    struct binder *binder, const struct subject *subject, struct instance *shown)
{
    const struct registry *registry = binder->registry;
    shown->outlet = subject->outlet;
    shown->enterprise = NONE;
    switch (subject->scope) {
    case SCOPE_LINKAGE:
        shown->subject = registry->linkages[subject->linkage].id;
        shown->enterprise = registry->linkages[subject->linkage].enterprise;
        break;
    case SCOPE_DEVICE:
        shown->subject = registry->devices[subject->device].mn;
        shown->enterprise = registry->devices[subject->device].enterprise;
        break;
    case SCOPE_OUTLET:
        shown->subject = registry->outlets[subject->outlet].id;
        shown->enterprise = registry->outlets[subject->outlet].enterprise;
        break;
    case SCOPE_SIGNAL:
    case SCOPE_PAIR:
        shown->subject = signal_subject(binder, subject);
        shown->enterprise = registry->devices[registry->signals[subject->signal].device].enterprise;
        break;
    case SCOPE_FEEDER:
        shown->subject = feeder_subject(binder, subject);
        shown->enterprise = registry->devices[subject->device].enterprise;
        break;
    case SCOPE_EQUIPMENT:
        shown->subject = registry->equipment[subject->equipment].id;
        shown->enterprise = registry->equipment[subject->equipment].enterprise;
        break;
    case SCOPE_ENTERPRISE:
        shown->subject = registry->enterprises[subject->enterprise].id;
        shown->enterprise = subject->enterprise;
        break;
    case SCOPE_TOWN:
        shown->subject = registry->enterprises[subject->enterprise].town;
        break;
    case SCOPE_AREA:
        shown->subject = registry->area;
        break;
    case SCOPE_STATE:
        assert(!"no rule has this scope");
    }
}

static uint64_t hash_constants(
    const struct program *program, const struct bound *bound, size_t count, uint64_t hash)
{
    for (size_t i = 0; i < count; i++) {
        const struct binding *binding = &program->bindings[bound->binding_first + i];
        uint8_t kind = binding->kind;
        hash = hash64_seeded(slice_from(&kind, 1), hash);
        if (binding->kind == BINDING_CONSTANT) {
            hash = hash64_seeded(slice_from(&binding->constant, sizeof binding->constant), hash);
        }
        for (uint32_t k = 0; binding->kind == BINDING_DATED && k < binding->count; k++) {
            const struct spell *spell = &program->spells[binding->first + k];
            hash = hash64_seeded(slice_from(spell, sizeof *spell), hash);
        }
        for (uint32_t k = 0; binding->kind == BINDING_SIGNALS && k < binding->count; k++) {
            const struct signal *signal =
                &program->registry->signals[program->elements[binding->first + k]];
            hash = hash64_seeded(program->registry->devices[signal->device].mn, hash);
            hash = hash64_seeded(signal->factor, hash);
            hash = hash64_seeded(signal->field, hash);
        }
    }
    return hash;
}

/* Evaluating without a state tells whether anything is there at all. */
static bool speaks_of_something(struct program *program, const struct bound *bound)
{
    bool absent = false;
    const struct rule *rule = &program->rules.rules[bound->rule];
    struct moment moment = {0};
    struct value lets[LETS_MAX];
    struct evaluation evaluation =
        evaluation_of(program, NULL, &moment, &rule->names, bound->binding_first);
    evaluation.place = &bound->place;
    evaluation.lets = lets;
    evaluate_lets(&evaluation, rule->lets, NULL);
    if (rule->told_count > 0) {
        return value_status(lets[rule->told[0]]) != VALUE_ABSENT;
    }
    evaluate_truth(&evaluation, &rule->when, &absent);
    return !absent;
}

void bind_subject(struct binder *binder, uint32_t rule_index, struct subject subject)
{
    struct program *program = binder->program;
    struct bound bound = {
        .binding_first = program->binding_count, .signal = subject.signal, .other = subject.other};
    struct instance shown = {0};
    describe_subject(binder, &subject, &shown);
    bound.rule = bind_variant(binder, rule_index, &subject, shown.enterprise);
    const struct rule *rule = &program->rules.rules[bound.rule];
    for (size_t i = 0; i < rule->names.input_count; i++) {
        add_binding(binder, bind_input(binder, &subject, &rule->names.inputs[i]));
    }
    bound.place = (struct filing_place){shown.enterprise, subject.outlet, subject.linkage,
        subject.equipment, subject.scope == SCOPE_LINKAGE ? NONE : subject.device};
    if (!speaks_of_something(program, &bound)) {
        program->binding_count = bound.binding_first;
        return;
    }
    bound.clock_device = subject.device != NONE && subject.scope != SCOPE_LINKAGE
                             ? subject.device
                             : first_device(program, bound.binding_first, rule->names.input_count);
    rule_show(rule, &shown);
    shown.device = bound.clock_device;
    shown.fingerprint = hash_constants(
        program, &bound, rule->names.input_count, hash64_seeded(shown.subject, rule->text_hash));
    bound.shown = arena_take(&program->arena, 1, sizeof *bound.shown);
    *bound.shown = shown;
    bound.judged = rule->each == PERIOD_SLIDING ? NONE : program->judged_count++;
    bound.look_first = bind_looks(binder, &rule->names, bound.binding_first, &bound);
    program->bounds = array_grow(&program->arena, program->bounds, program->bound_count,
        &binder->bound_capacity, sizeof *program->bounds);
    program->bounds[program->bound_count++] = bound;
}

/* Each piece of equipment that has the quantity a state is told from. */
static void bind_states(struct binder *binder)
{
    struct program *program = binder->program;
    const struct registry *registry = binder->registry;
    for (uint32_t state = 0; state < program->rules.state_count; state++) {
        const struct state_rule *rule = &program->rules.states[state];
        for (uint32_t i = 0; i < registry->signal_count; i++) {
            const struct signal *signal = &registry->signals[i];
            if (signal->equipment == NONE || signal->cn != 2011 ||
                !slice_equal(signal->quantity, rule->of)) {
                continue;
            }
            struct subject subject = {
                SCOPE_STATE, NONE, signal->device, NONE, i, signal->equipment, NONE, NONE};
            struct estimator estimator = {.state = state,
                .equipment = signal->equipment,
                .binding_first = program->binding_count,
                .clock_device = signal->device};
            for (size_t k = 0; k < rule->names.input_count; k++) {
                add_binding(binder, bind_input(binder, &subject, &rule->names.inputs[k]));
            }
            estimator.look_first = bind_looks(binder, &rule->names, estimator.binding_first, NULL);
            program->estimators = array_grow(&program->arena, program->estimators,
                program->estimator_count, &binder->estimator_capacity, sizeof *program->estimators);
            program->estimators[program->estimator_count++] = estimator;
        }
    }
}

struct slice estimator_key(const struct estimator *estimator)
{
    return slice_from(&estimator->fingerprint, sizeof estimator->fingerprint);
}

struct slice bound_key(const struct bound *bound)
{
    return slice_from(&bound->shown->fingerprint, sizeof bound->shown->fingerprint);
}

/* Instances of equal fingerprint (twice the same row): the first. */
static void index_bounds(struct program *program)
{
    program->bound_by_fingerprint = table_new(&program->arena, program->bound_count);
    for (uint32_t i = 0; i < program->bound_count; i++) {
        table_add(&program->bound_by_fingerprint, bound_key(&program->bounds[i]), i);
    }
}

static void index_estimators(struct binder *binder)
{
    struct program *program = binder->program;
    struct pairs pairs = {.arena = &binder->scratch};
    program->estimator_by_fingerprint = table_new(&program->arena, program->estimator_count);
    for (uint32_t i = 0; i < program->estimator_count; i++) {
        struct estimator *estimator = &program->estimators[i];
        const struct state_rule *state = &program->rules.states[estimator->state];
        estimator->fingerprint = hash64_seeded(
            state->of, hash64_seeded(state->name,
                           hash64(binder->registry->equipment[estimator->equipment].id)));
        table_add(&program->estimator_by_fingerprint, estimator_key(estimator), i);
        pairs_add(&pairs, estimator->equipment, i);
    }
    binder->equipment_estimators = pairs_index(&pairs, binder->registry->equipment_count);
}

static void note_facts(struct program *program)
{
    const struct registry *registry = program->registry;
    program->signals =
        arena_take(&program->arena, registry->signal_count, sizeof *program->signals);
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        program->signals[i].scale = unit_find(registry->signals[i].unit)->scale;
        program->signals[i].device = registry->signals[i].device;
    }
}

enum status program_bind(struct program *program, struct report *report)
{
    struct binder binder = {.program = program, .registry = program->registry, .report = report};
    size_t before = report->count;
    note_facts(program);
    binder.places = places_find(program->registry, &binder.scratch);
    bind_groups(&binder);
    binder.last_windows =
        arena_take(&binder.scratch, program->registry->signal_count, sizeof *binder.last_windows);
    binder.last_tallies =
        arena_take(&binder.scratch, program->registry->device_count, sizeof *binder.last_tallies);
    for (uint32_t i = 0; i < program->registry->signal_count; i++) {
        binder.last_windows[i] = NONE;
    }
    for (uint32_t i = 0; i < program->registry->device_count; i++) {
        binder.last_tallies[i] = NONE;
    }
    bind_overrides(&binder);
    bind_states(&binder);
    index_estimators(&binder);
    bind_subjects(&binder);
    bind_families(&binder);
    bind_group_readers(&binder);
    index_bounds(program);
    bind_panes(&binder);
    bind_index(&binder);
    bind_lay_out(program);
    arena_free(&binder.scratch);
    return report->count == before ? STATUS_OK : STATUS_INVALID;
}
