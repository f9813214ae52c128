#include "detectors/program.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "detectors/program_state.h"

enum status program_compile(struct slice bundle, const struct registry *registry,
    struct program **program, struct report *report)
{
    struct program *made = calloc(1, sizeof *made);
    assert(made != NULL);
    made->registry = registry;
    made->canonical = arena_copy(&made->arena, bundle);
    made->fingerprint = hash64(bundle);
    enum status status = rules_read(made->canonical, registry, &made->arena, &made->rules, report);
    if (status == STATUS_OK && registry != NULL) {
        status = program_bind(made, report);
    }
    if (status != STATUS_OK) {
        program_free(made);
        return status;
    }
    *program = made;
    return STATUS_OK;
}

void program_free(struct program *program)
{
    if (program != NULL) {
        arena_free(&program->arena);
        free(program);
    }
}

struct slice program_canonical(const struct program *program)
{
    return program->canonical;
}

uint64_t program_fingerprint(const struct program *program)
{
    return program->fingerprint;
}

uint32_t program_instance_count(const struct program *program)
{
    return program->bound_count;
}

const struct instance *program_instance(const struct program *program, uint32_t instance)
{
    assert(instance < program->bound_count);
    return program->bounds[instance].shown;
}

struct slice program_quantity_unit(const struct program *program, struct slice quantity)
{
    for (uint32_t i = 0; i < program->rules.quantity_count; i++) {
        if (slice_equal(program->rules.quantities[i].name, quantity)) {
            return program->rules.quantities[i].unit;
        }
    }
    return (struct slice){0};
}

size_t program_state_size(const struct program *program)
{
    return program->size;
}
