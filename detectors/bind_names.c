#include <math.h>

#include "detectors/binder.h"
#include "schemas/rule_periods.h"

static void add_element(struct binder *binder, uint32_t element)
{
    struct program *program = binder->program;
    program->elements = array_grow(&program->arena, program->elements, program->element_count,
        &binder->element_capacity, sizeof *program->elements);
    program->elements[program->element_count++] = element;
}

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

/* Of a feeder those of its own equipment. */
static void add_device_signals(
    struct binder *binder, const struct subject *subject, const struct input *input, int cn)
{
    const struct registry *registry = binder->registry;
    for (uint32_t i = registry->device_signal_first[subject->device];
         i < registry->device_signal_first[subject->device + 1]; i++) {
        const struct signal *signal = &registry->signals[i];
        bool own = subject->scope != SCOPE_FEEDER || signal->equipment == subject->equipment;
        if (own && signal->cn == cn && slice_equal(signal->quantity, input->name)) {
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

/* One piece of equipment, in the first pass by its signals, in the second by what is estimated of it. */
static void add_equipment(
    struct binder *binder, uint32_t equipment, const struct input *input, int cn, int pass)
{
    if (pass == 0) {
        add_signals(binder, &binder->places.equipment_signals, equipment, input, cn);
    } else {
        add_estimators(binder, equipment, input);
    }
}

static void add_role(struct binder *binder, uint32_t linkage, const struct input *input, int cn,
    int pass, struct binding *binding)
{
    const struct registry *registry = binder->registry;
    const struct linkage *of = &registry->linkages[linkage];
    for (uint32_t k = 0; k < of->member_count; k++) {
        const struct linkage_member *member = &registry->members[of->member_first + k];
        if (slice_equal(member->role, input->role)) {
            binding->all = member->mode == LINKAGE_ALL;
            add_equipment(binder, member->equipment, input, cn, pass);
        }
    }
}

/* A piece of equipment may stand in several linkages of an enterprise: it is there once. */
static void drop_repeated(struct program *program, uint32_t first)
{
    uint32_t kept = first;
    for (uint32_t i = first; i < program->element_count; i++) {
        uint32_t k = first;
        while (k < kept && program->elements[k] != program->elements[i]) {
            k += 1;
        }
        if (k == kept) {
            program->elements[kept++] = program->elements[i];
        }
    }
    program->element_count = kept;
}

/* A role's equipment, in the linkage or in all of the enterprise: a state is a signal of that name if the
 * equipment sends one, else estimated. */
static struct binding bind_role(
    struct binder *binder, const struct subject *subject, const struct input *input, int cn)
{
    struct program *program = binder->program;
    struct binding binding = {.kind = BINDING_SIGNALS, .first = program->element_count};
    const struct pair_index *linkages = &binder->places.enterprise_linkages;
    const bool own = subject->scope == SCOPE_EQUIPMENT && slice_is(input->role, "equipment");
    for (int pass = 0; pass < (input->truth ? 2 : 1); pass++) {
        if (own) {
            add_equipment(binder, subject->equipment, input, cn, pass);
        } else if (subject->linkage != NONE) {
            add_role(binder, subject->linkage, input, cn, pass, &binding);
        } else if (subject->scope == SCOPE_ENTERPRISE) {
            const uint32_t at = subject->enterprise;
            for (uint32_t i = linkages->first[at]; i < linkages->first[at + 1]; i++) {
                add_role(binder, linkages->list[i], input, cn, pass, &binding);
            }
        }
        drop_repeated(program, binding.first);
        if (program->element_count > binding.first) {
            binding.kind = pass == 0 ? BINDING_SIGNALS : BINDING_ESTIMATORS;
            binding.count = program->element_count - binding.first;
            return binding;
        }
    }
    return (struct binding){0};
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
    bool other = slice_is(input->name, "other");
    if (slice_is(input->name, "value") || other) {
        binding = (struct binding){
            .kind = BINDING_SIGNALS, .first = binder->program->element_count, .count = 1};
        add_element(binder, other ? subject->other : subject->signal);
        return binding;
    }
    const struct limit_word *allowed = bind_limit_word(input->name);
    if (allowed != NULL) {
        return bind_limit(binder, subject->signal, allowed);
    }
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (slice_is(input->name, WORDS[i])) {
            binding.constant = signal_column(binder->program, subject->signal, (enum column)i);
            return binding;
        }
    }
    return (struct binding){0};
}

/* hour.Avg: the same device's field of the same factor, of that kind of data, in a unit that can stand beside. */
static struct binding bind_field(
    struct binder *binder, uint32_t own, const struct rule_period *period, struct slice field)
{
    const struct registry *registry = binder->registry;
    const struct signal *of = &registry->signals[own];
    uint32_t signal = registry_signal(registry, of->device, period->cn, of->factor, field);
    if (signal == NONE || !dimension_equal(unit_find(of->unit)->dimension,
                              unit_find(registry->signals[signal].unit)->dimension)) {
        return (struct binding){0};
    }
    struct binding binding = {
        .kind = BINDING_SIGNALS, .first = binder->program->element_count, .count = 1};
    add_element(binder, signal);
    return binding;
}

static struct binding bind_o2_reference(const struct binder *binder, uint32_t outlet)
{
    return (struct binding){.kind = BINDING_CONSTANT,
        .constant =
            outlet == NONE ? (double)NAN : binder->registry->outlets[outlet].o2_reference / 100};
}

struct binding bind_input(
    struct binder *binder, const struct subject *subject, const struct input *input)
{
    struct program *program = binder->program;
    struct binding binding = {.kind = BINDING_SIGNALS, .first = program->element_count};
    const int cn = 2011;
    const struct rule_period *period = rule_period_of(input->role);
    if (input->ask.kind != ASK_NONE) {
        return bind_ask(binder, subject, input);
    }
    if (input->role.size == 0 && subject->scope == SCOPE_STATE) {
        struct binding word =
            subject->signal == NONE ? (struct binding){0} : bind_word(binder, subject, input);
        if (word.kind != BINDING_ABSENT) {
            return word;
        }
        add_signals(binder, &binder->places.equipment_signals, subject->equipment, input, cn);
    } else if (slice_is(input->role, "town") || slice_is(input->role, "area")) {
        return bind_group_input(binder, subject, input);
    } else if (input->role.size == 0) {
        return bind_word(binder, subject, input);
    } else if (slice_is(input->role, "device") && slice_is(input->name, "age")) {
        return (struct binding){.kind = BINDING_AGE, .first = subject->device};
    } else if (slice_is(input->role, "device") && slice_is(input->name, "interval")) {
        return (struct binding){.kind = BINDING_CONSTANT,
            .constant = binder->registry->devices[subject->device].interval_s};
    } else if (slice_is(input->role, "device") && subject->device != NONE) {
        add_device_signals(binder, subject, input, cn);
    } else if (period != NULL) {
        return bind_field(binder, subject->signal, period, input->name);
    } else if (slice_is(input->role, "outlet") && slice_is(input->name, "o2_reference")) {
        return bind_o2_reference(binder, subject->outlet);
    } else if (slice_is(input->role, "enterprise") && subject->scope == SCOPE_ENTERPRISE) {
        add_signals(binder, &binder->places.enterprise_signals, subject->enterprise, input, cn);
    } else if (slice_is(input->role, "outlet")) {
        add_signals(binder, &binder->places.outlet_signals, subject->outlet, input, cn);
    } else {
        return bind_role(binder, subject, input, cn);
    }
    binding.count = program->element_count - binding.first;
    return binding.count == 0 ? (struct binding){0} : binding;
}
