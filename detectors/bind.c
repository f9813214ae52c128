#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "detectors/places.h"
#include "detectors/program_state.h"

enum { WINDOW_SAMPLES_MAX = 4096 };

/* A subject while its names are bound. */
struct subject {
    enum scope scope;
    uint32_t linkage, device, outlet, signal, equipment; /* NONE where it has none */
};

struct binder {
    struct program *program;
    const struct registry *registry;
    struct report *report;
    struct places places;
    struct pair_index equipment_estimators;
    uint32_t *last_windows; /* of each signal: the one made last, NONE */
    size_t bound_capacity, binding_capacity, element_capacity, window_capacity, map_capacity,
        estimator_capacity;
};

static void add_element(struct binder *binder, uint32_t element)
{
    struct program *program = binder->program;
    program->elements = array_grow(&program->arena, program->elements, program->element_count,
        &binder->element_capacity, sizeof *program->elements);
    program->elements[program->element_count++] = element;
}

static void add_binding(struct binder *binder, struct binding binding)
{
    struct program *program = binder->program;
    program->bindings = array_grow(&program->arena, program->bindings, program->binding_count,
        &binder->binding_capacity, sizeof *program->bindings);
    program->bindings[program->binding_count++] = binding;
}

/* --- which signals a name means --- */

/* Of the signals that stand at a place, those of this period and quantity. */
static void add_signals(struct binder *binder, const struct pair_index *place, uint32_t at,
    const struct input *input, int cn)
{
    const struct registry *registry = binder->registry;
    for (uint32_t i = at == NONE ? 0 : place->first[at]; at != NONE && i < place->first[at + 1];
         i++) {
        const struct signal *signal = &registry->signals[place->list[i]];
        if (signal->cn == cn && slice_equal(signal->quantity, input->name)) {
            add_element(binder, place->list[i]);
        }
    }
}

static void add_device_signals(
    struct binder *binder, uint32_t device, const struct input *input, int cn)
{
    const struct registry *registry = binder->registry;
    for (uint32_t i = registry->device_signal_first[device];
         i < registry->device_signal_first[device + 1]; i++) {
        if (registry->signals[i].cn == cn &&
            slice_equal(registry->signals[i].quantity, input->name)) {
            add_element(binder, i);
        }
    }
}

static void add_estimators(struct binder *binder, uint32_t equipment, const struct input *input)
{
    const struct program *program = binder->program;
    const struct pair_index *index = &binder->equipment_estimators;
    for (uint32_t i = index->first[equipment]; i < index->first[equipment + 1]; i++) {
        const struct estimator *estimator = &program->estimators[index->list[i]];
        if (slice_equal(program->rules.states[estimator->state].name, input->name)) {
            add_element(binder, index->list[i]);
            return; /* several ways to tell one state: the first that the equipment has */
        }
    }
}

/* A role's equipment: a state is a signal of that name if the equipment sends one, else estimated. */
static struct binding bind_role(
    struct binder *binder, const struct subject *subject, const struct input *input, int cn)
{
    const struct registry *registry = binder->registry;
    struct program *program = binder->program;
    struct binding binding = {.kind = BINDING_SIGNALS, .first = program->element_count};
    if (subject->linkage == NONE) {
        return (struct binding){0};
    }
    const struct linkage *linkage = &registry->linkages[subject->linkage];
    for (int pass = 0; pass < (input->truth ? 2 : 1); pass++) {
        for (uint32_t k = 0; k < linkage->member_count; k++) {
            const struct linkage_member *member = &registry->members[linkage->member_first + k];
            if (!slice_equal(member->role, input->role)) {
                continue;
            }
            binding.all = member->mode == LINKAGE_ALL;
            if (pass == 0) {
                add_signals(
                    binder, &binder->places.equipment_signals, member->equipment, input, cn);
            } else {
                add_estimators(binder, member->equipment, input);
            }
        }
        if (program->element_count > binding.first) {
            binding.kind = pass == 0 ? BINDING_SIGNALS : BINDING_ESTIMATORS;
            binding.count = program->element_count - binding.first;
            return binding;
        }
    }
    return (struct binding){0};
}

static bool limit_fits(const struct limit *limit, const struct signal *signal)
{
    static const struct {
        int cn;
        const char *averaging;
    } PERIODS[] = {{2051, "minute"}, {2061, "hour"}, {2031, "day"}};
    bool fits = slice_equal(limit->factor, signal->factor) && slice_is(limit->tier, "legal");
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++) {
        fits = fits &&
               (signal->cn != PERIODS[i].cn || slice_is(limit->averaging, PERIODS[i].averaging));
    }
    return fits;
}

static double limit_of(const struct binder *binder, const struct signal *signal)
{
    const struct registry *registry = binder->registry;
    const struct pair_index *index = &binder->places.outlet_limits;
    uint32_t outlet = registry->devices[signal->device].outlet;
    for (uint32_t i = outlet == NONE ? 0 : index->first[outlet];
         outlet != NONE && i < index->first[outlet + 1]; i++) {
        const struct limit *limit = &registry->limits[index->list[i]];
        if (limit_fits(limit, signal)) {
            return limit->value * unit_find(limit->unit)->scale;
        }
    }
    return (double)NAN;
}

/* A word of the rule's own signal. */
static struct binding bind_word(
    struct binder *binder, const struct subject *subject, const struct input *input)
{
    static const char *const WORDS[COLUMN_COUNT] = {
#define COLUMN(id, name) [COLUMN_##id] = #name,
#include "detectors/columns.def"
#undef COLUMN
    };
    struct binding binding = {.kind = BINDING_CONSTANT};
    if (slice_is(input->name, "value")) {
        binding = (struct binding){
            .kind = BINDING_SIGNALS, .first = binder->program->element_count, .count = 1};
        add_element(binder, subject->signal);
        return binding;
    }
    if (slice_is(input->name, "limit")) {
        binding.constant = limit_of(binder, &binder->registry->signals[subject->signal]);
        return binding;
    }
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (slice_is(input->name, WORDS[i])) {
            binding.constant = signal_column(binder->program, subject->signal, (enum column)i);
            return binding;
        }
    }
    return (struct binding){0};
}

static struct binding bind_input(
    struct binder *binder, const struct subject *subject, const struct input *input)
{
    struct program *program = binder->program;
    struct binding binding = {.kind = BINDING_SIGNALS, .first = program->element_count};
    const int cn = 2011;
    if (input->role.size == 0 && subject->scope == SCOPE_EQUIPMENT) {
        struct binding word =
            subject->signal == NONE ? (struct binding){0} : bind_word(binder, subject, input);
        if (word.kind != BINDING_ABSENT) {
            return word;
        }
        add_signals(binder, &binder->places.equipment_signals, subject->equipment, input, cn);
    } else if (input->role.size == 0) {
        return bind_word(binder, subject, input);
    } else if (slice_is(input->role, "device") && slice_is(input->name, "age")) {
        return (struct binding){.kind = BINDING_AGE, .first = subject->device};
    } else if (slice_is(input->role, "device") && slice_is(input->name, "interval")) {
        return (struct binding){.kind = BINDING_CONSTANT,
            .constant = binder->registry->devices[subject->device].interval_s};
    } else if (slice_is(input->role, "device") && subject->device != NONE) {
        add_device_signals(binder, subject->device, input, cn);
    } else if (slice_is(input->role, "outlet")) {
        add_signals(binder, &binder->places.outlet_signals, subject->outlet, input, cn);
    } else {
        return bind_role(binder, subject, input, cn);
    }
    binding.count = program->element_count - binding.first;
    return binding.count == 0 ? (struct binding){0} : binding;
}

/* The clock of an instance is that of the device of the first signal that it reads, and only where it
 * reads none that of the first state: a bypass, not the furnace it belongs to. */
static uint32_t first_device(const struct program *program, uint32_t binding_first, size_t count)
{
    uint32_t device = NONE;
    for (size_t i = 0; i < count; i++) {
        const struct binding *binding = &program->bindings[binding_first + i];
        if (binding->kind == BINDING_AGE) {
            return binding->first;
        }
        if (binding->kind == BINDING_SIGNALS) {
            return program->registry->signals[program->elements[binding->first]].device;
        }
        if (binding->kind == BINDING_ESTIMATORS && device == NONE) {
            device = program->estimators[program->elements[binding->first]].clock_device;
        }
    }
    return device;
}

/* --- windows --- */

/* How many values a window keeps; more than there is room for is a finding of the rule. */
static uint32_t window_samples(
    struct binder *binder, const struct rule *rule, int64_t width_ms, uint32_t signal)
{
    const struct device *device =
        &binder->registry->devices[binder->registry->signals[signal].device];
    int64_t samples = width_ms / (device->interval_s * INT64_C(1000)) + 4;
    if (samples > WINDOW_SAMPLES_MAX) {
        report_say(binder->report, rule->place.file, rule->place.line, rule->place.column,
            "%.*s looks back over %lld values of %.*s, which reports each %d s: at most %d",
            (int)rule->id.size, (const char *)rule->id.ptr, (long long)samples,
            (int)device->mn.size, (const char *)device->mn.ptr, (int)device->interval_s,
            WINDOW_SAMPLES_MAX);
        samples = WINDOW_SAMPLES_MAX;
    }
    return (uint32_t)samples;
}

static uint32_t window_for(
    struct binder *binder, const struct rule *rule, const struct code_step *step, uint32_t signal)
{
    struct program *program = binder->program;
    bool same = step->op == OP_SAME_FOR;
    double scale = unit_find(binder->registry->signals[signal].unit)->scale;
    struct window wanted = {.signal = signal,
        .kind = same ? WINDOW_SAME : WINDOW_RING,
        .width_ms = same ? 0 : (int64_t)(step->number * SECOND_MS + 0.5),
        .band = same ? step->number / scale : 0,
        .before = binder->last_windows[signal]};
    for (uint32_t i = wanted.before; i != NONE; i = program->windows[i].before) {
        const struct window *window = &program->windows[i];
        if (window->kind == wanted.kind && window->width_ms == wanted.width_ms &&
            window->band == wanted.band) {
            return i;
        }
    }
    if (!same) {
        wanted.capacity = window_samples(binder, rule, wanted.width_ms, signal);
    }
    program->windows = array_grow(&program->arena, program->windows, program->window_count,
        &binder->window_capacity, sizeof *program->windows);
    program->windows[program->window_count] = wanted;
    binder->last_windows[signal] = program->window_count;
    return program->window_count++;
}

static void bind_windows(struct binder *binder, const struct bound *bound, const struct code *code)
{
    struct program *program = binder->program;
    for (size_t i = 0; i < code->size; i++) {
        const struct code_step *step = &code->steps[i];
        if (step->op < OP_MEAN || step->op > OP_SAME_FOR) {
            continue;
        }
        const struct binding *binding = &program->bindings[bound->binding_first + step->index];
        uint32_t window = NONE;
        if (binding->kind == BINDING_SIGNALS) {
            window = window_for(binder, &program->rules.rules[bound->rule], step,
                program->elements[binding->first]);
        }
        program->window_map[bound->window_first + step->count] = window;
    }
}

/* --- subjects --- */

static bool passes(const struct filter *filter, struct slice word)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (slice_equal(filter->words[i], word)) {
            return true;
        }
    }
    return filter->count == 0;
}

static struct slice signal_subject(struct binder *binder, uint32_t signal)
{
    const struct signal *of = &binder->registry->signals[signal];
    const struct device *device = &binder->registry->devices[of->device];
    char space[200];
    struct text text = text_in(space, sizeof space);
    text_add_slice(&text, device->mn);
    text_add_byte(&text, ':');
    text_add_slice(&text, of->factor);
    text_add_byte(&text, '-');
    text_add_slice(&text, of->field);
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
        shown->subject = signal_subject(binder, subject->signal);
        shown->enterprise = registry->devices[registry->signals[subject->signal].device].enterprise;
        break;
    case SCOPE_EQUIPMENT:
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

/* Evaluating in an empty state tells whether anything is there at all. */
static bool speaks_of_something(struct program *program, const struct bound *bound)
{
    bool absent = false;
    const struct rule *rule = &program->rules.rules[bound->rule];
    struct detector_clock clock = {0};
    struct evaluation evaluation = {
        .program = program,
        .clock = &clock,
        .bindings = program->bindings + bound->binding_first,
        .names = &rule->names,
        .enterprise = bound->shown.enterprise,
    };
    evaluate_truth(&evaluation, &rule->when, &absent);
    return !absent;
}

static void bind_subject(struct binder *binder, uint32_t rule_index, struct subject subject)
{
    struct program *program = binder->program;
    const struct rule *rule = &program->rules.rules[rule_index];
    struct bound bound = {.rule = rule_index,
        .binding_first = program->binding_count,
        .window_first = program->map_count,
        .linkage = subject.linkage,
        .signal = subject.signal};
    for (size_t i = 0; i < rule->names.input_count; i++) {
        add_binding(binder, bind_input(binder, &subject, &rule->names.inputs[i]));
    }
    describe_subject(binder, &subject, &bound.shown);
    if (!speaks_of_something(program, &bound)) {
        program->binding_count = bound.binding_first;
        return;
    }
    bound.clock_device = subject.device != NONE && subject.scope != SCOPE_LINKAGE
                             ? subject.device
                             : first_device(program, bound.binding_first, rule->names.input_count);
    bound.shown.rule = rule->id;
    bound.shown.title_zh = rule->title_zh;
    bound.shown.title_en = rule->title_en;
    bound.shown.device = bound.clock_device;
    bound.shown.raise_after_ms = rule->raise_after_ms;
    bound.shown.clear_after_ms = rule->clear_after_ms;
    bound.shown.severity = rule->severity;
    bound.shown.fingerprint = hash_constants(program, &bound, rule->names.input_count,
        hash64_seeded(bound.shown.subject, rule->text_hash));
    for (size_t i = 0; i < rule->window_count; i++) {
        program->window_map = array_grow(&program->arena, program->window_map, program->map_count,
            &binder->map_capacity, sizeof *program->window_map);
        program->window_map[program->map_count++] = NONE;
    }
    bind_windows(binder, &bound, &rule->when);
    bind_windows(binder, &bound, &rule->clear_when);
    for (size_t i = 0; i < rule->grade_count; i++) {
        bind_windows(binder, &bound, &rule->grades[i].when);
    }
    program->bounds = array_grow(&program->arena, program->bounds, program->bound_count,
        &binder->bound_capacity, sizeof *program->bounds);
    program->bounds[program->bound_count++] = bound;
}

static void bind_linkages(struct binder *binder, uint32_t rule)
{
    for (uint32_t i = 0; i < binder->registry->linkage_count; i++) {
        bind_subject(binder, rule,
            (struct subject){
                SCOPE_LINKAGE, i, NONE, binder->registry->linkages[i].outlet, NONE, NONE});
    }
}

static void bind_devices(struct binder *binder, uint32_t rule)
{
    const struct registry *registry = binder->registry;
    for (uint32_t i = 0; i < registry->device_count; i++) {
        struct subject subject = {SCOPE_DEVICE, NONE, i, registry->devices[i].outlet, NONE, NONE};
        uint32_t first = registry->device_signal_first[i];
        if (!passes(&binder->program->rules.rules[rule].kinds, registry->devices[i].kind)) {
            continue;
        }
        if (first < registry->device_signal_first[i + 1]) {
            subject.equipment = registry->signals[first].equipment;
        }
        subject.linkage = places_linkage(&binder->places, subject.outlet, subject.equipment);
        bind_subject(binder, rule, subject);
    }
}

static void bind_outlets(struct binder *binder, uint32_t rule)
{
    for (uint32_t i = 0; i < binder->registry->outlet_count; i++) {
        struct subject subject = {SCOPE_OUTLET, NONE, NONE, i, NONE, NONE};
        subject.linkage = places_linkage(&binder->places, subject.outlet, subject.equipment);
        bind_subject(binder, rule, subject);
    }
}

static void bind_signals(struct binder *binder, uint32_t rule_index)
{
    const struct registry *registry = binder->registry;
    const struct rule *rule = &binder->program->rules.rules[rule_index];
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        const struct signal *signal = &registry->signals[i];
        if (signal->cn != rule->cn || !passes(&rule->quantities, signal->quantity) ||
            !passes(&rule->kinds, registry->devices[signal->device].kind)) {
            continue;
        }
        struct subject subject = {SCOPE_SIGNAL, NONE, signal->device,
            registry->devices[signal->device].outlet, i, signal->equipment};
        subject.linkage = places_linkage(&binder->places, subject.outlet, subject.equipment);
        bind_subject(binder, rule_index, subject);
    }
}

static void bind_rule(struct binder *binder, uint32_t rule)
{
    switch (binder->program->rules.rules[rule].scope) {
    case SCOPE_LINKAGE:
        bind_linkages(binder, rule);
        break;
    case SCOPE_DEVICE:
        bind_devices(binder, rule);
        break;
    case SCOPE_OUTLET:
        bind_outlets(binder, rule);
        break;
    case SCOPE_SIGNAL:
        bind_signals(binder, rule);
        break;
    case SCOPE_EQUIPMENT:
        assert(!"no rule has this scope");
    }
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
                SCOPE_EQUIPMENT, NONE, signal->device, NONE, i, signal->equipment};
            struct estimator estimator = {
                state, signal->equipment, program->binding_count, signal->device, 0};
            for (size_t k = 0; k < rule->names.input_count; k++) {
                add_binding(binder, bind_input(binder, &subject, &rule->names.inputs[k]));
            }
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

static void index_estimators(struct binder *binder)
{
    struct program *program = binder->program;
    struct pairs pairs = {.arena = &program->arena};
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

/* --- who is concerned by what --- */

static void pair_bindings(
    struct binder *binder, struct pairs *pairs, uint32_t binding_first, size_t count, uint32_t to)
{
    const struct program *program = binder->program;
    for (size_t i = 0; i < count; i++) {
        const struct binding *binding = &program->bindings[binding_first + i];
        if (binding->kind == BINDING_AGE) {
            pairs_add(pairs, binding->first, to);
        }
        for (uint32_t k = 0; k < binding->count; k++) {
            uint32_t element = program->elements[binding->first + k];
            pairs_add(pairs,
                binding->kind == BINDING_SIGNALS ? binder->registry->signals[element].device
                                                 : program->estimators[element].clock_device,
                to);
        }
    }
}

static void index_all(struct binder *binder)
{
    struct program *program = binder->program;
    struct arena *arena = &program->arena;
    struct pairs estimators = {.arena = arena}, bounds = {.arena = arena},
                 windows = {.arena = arena};
    for (uint32_t i = 0; i < program->estimator_count; i++) {
        const struct estimator *estimator = &program->estimators[i];
        pair_bindings(binder, &estimators, estimator->binding_first,
            program->rules.states[estimator->state].names.input_count, i);
    }
    for (uint32_t i = 0; i < program->bound_count; i++) {
        const struct bound *bound = &program->bounds[i];
        pair_bindings(binder, &bounds, bound->binding_first,
            program->rules.rules[bound->rule].names.input_count, i);
    }
    for (uint32_t i = 0; i < program->window_count; i++) {
        pairs_add(&windows, program->windows[i].signal, i);
    }
    program->device_estimators = pairs_index(&estimators, binder->registry->device_count);
    program->device_bounds = pairs_index(&bounds, binder->registry->device_count);
    program->signal_windows = pairs_index(&windows, binder->registry->signal_count);
}

static size_t aligned(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static void lay_out(struct program *program)
{
    const struct registry *registry = program->registry;
    program->track_at = aligned(sizeof(struct head));
    program->signal_at = program->track_at + registry->device_count * sizeof(struct track);
    program->estimator_at =
        aligned(program->signal_at + registry->signal_count * sizeof(struct signal_state));
    program->timers_at =
        aligned(program->estimator_at + program->estimator_count * sizeof(struct estimator_state));
    program->windows_at = program->timers_at + timers_size(program_timer_count(program));
    size_t offset = 0;
    for (uint32_t i = 0; i < program->window_count; i++) {
        program->windows[i].offset = offset;
        offset += sizeof(struct window_head) +
                  program->windows[i].capacity * sizeof(struct window_sample);
    }
    program->size = program->windows_at + offset;
    program->signal_scales =
        arena_take(&program->arena, registry->signal_count, sizeof *program->signal_scales);
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        program->signal_scales[i] = unit_find(registry->signals[i].unit)->scale;
    }
}

enum status program_bind(struct program *program, struct report *report)
{
    struct binder binder = {.program = program, .registry = program->registry, .report = report};
    size_t before = report->count;
    binder.places = places_find(program->registry, &program->arena);
    binder.last_windows =
        arena_take(&program->arena, program->registry->signal_count, sizeof *binder.last_windows);
    for (uint32_t i = 0; i < program->registry->signal_count; i++) {
        binder.last_windows[i] = NONE;
    }
    bind_states(&binder);
    index_estimators(&binder);
    for (uint32_t rule = 0; rule < program->rules.rule_count; rule++) {
        bind_rule(&binder, rule);
    }
    index_all(&binder);
    lay_out(program);
    return report->count == before ? STATUS_OK : STATUS_INVALID;
}
