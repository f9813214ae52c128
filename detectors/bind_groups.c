#include "detectors/binder.h"

/* The towns in the order in which the registry's enterprises name them, behind the area. */
static uint32_t town_group(struct program *program, struct slice town)
{
    for (uint32_t i = GROUP_AREA + 1; i < program->group_count; i++) {
        if (slice_equal(program->groups[i], town)) {
            return i;
        }
    }
    program->groups[program->group_count] = town;
    return program->group_count++;
}

void bind_groups(struct binder *binder)
{
    struct program *program = binder->program;
    const struct registry *registry = binder->registry;
    struct arena *arena = &program->arena;
    program->enterprise_groups =
        arena_take(arena, registry->enterprise_count + 1, sizeof(uint32_t));
    program->groups = arena_take(arena, registry->enterprise_count + 1, sizeof *program->groups);
    program->groups[GROUP_AREA] = registry->area;
    program->group_count = 1;
    for (uint32_t i = 0; i < registry->enterprise_count; i++) {
        struct slice town = registry->enterprises[i].town;
        program->enterprise_groups[i] = town.size == 0 ? NONE : town_group(program, town);
    }
    program->group_sizes = arena_take(arena, program->group_count, sizeof(uint32_t));
    program->device_groups = arena_take(arena, registry->device_count + 1, sizeof(uint32_t));
    for (uint32_t i = 0; i < registry->device_count; i++) {
        uint32_t enterprise = registry->devices[i].enterprise;
        uint32_t group = enterprise == NONE ? NONE : program->enterprise_groups[enterprise];
        program->device_groups[i] = group;
        program->group_sizes[GROUP_AREA] += 1;
        if (group != NONE) {
            program->group_sizes[group] += 1;
        }
    }
}

struct binding bind_group_input(
    const struct binder *binder, const struct subject *subject, const struct input *input)
{
    uint32_t group = subject->scope == SCOPE_AREA
                         ? (uint32_t)GROUP_AREA
                         : binder->program->enterprise_groups[subject->enterprise];
    if (slice_is(input->name, "devices")) {
        return (struct binding){
            .kind = BINDING_CONSTANT, .constant = binder->program->group_sizes[group]};
    }
    return (struct binding){
        .kind = slice_is(input->name, "silent") ? BINDING_SILENT : BINDING_TOGETHER,
        .first = group};
}

void bind_group_readers(struct binder *binder)
{
    struct program *program = binder->program;
    struct pairs pairs = {.arena = &program->arena};
    for (uint32_t i = 0; i < program->bound_count; i++) {
        const struct bound *bound = &program->bounds[i];
        size_t count = program->rules.rules[bound->rule].names.input_count;
        for (size_t k = 0; k < count; k++) {
            const struct binding *binding = &program->bindings[bound->binding_first + k];
            if (binding->kind == BINDING_SILENT || binding->kind == BINDING_TOGETHER) {
                pairs_add(&pairs, binding->first, i);
                program->counts_silence = true;
            }
        }
    }
    program->group_bounds = pairs_index(&pairs, program->group_count);
}
