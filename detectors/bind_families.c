#include "core/hash.h"
#include "detectors/binder.h"

/* Rule and subject: an instance's name, under which a child finds its parent. */
static uint64_t name_of(struct slice rule, struct slice subject)
{
    return hash64_seeded(subject, hash64(rule));
}

static struct slice name_key(const struct instance *shown)
{
    return slice_from(&shown->name_hash, sizeof shown->name_hash);
}

/* Which subject of this scope covers the place that a bound watches; empty: none. */
static struct slice covering(
    const struct registry *registry, const struct bound *bound, enum scope scope)
{
    const struct instance *shown = bound->shown;
    switch (scope) {
    case SCOPE_LINKAGE:
        return bound->place.linkage == NONE ? (struct slice){0}
                                            : registry->linkages[bound->place.linkage].id;
    case SCOPE_DEVICE:
        return shown->device == NONE ? (struct slice){0} : registry->devices[shown->device].mn;
    case SCOPE_OUTLET:
        return shown->outlet == NONE ? (struct slice){0} : registry->outlets[shown->outlet].id;
    case SCOPE_SIGNAL:
        return bound->signal == NONE ? (struct slice){0} : shown->subject;
    case SCOPE_PAIR:
        return bound->other == NONE ? (struct slice){0} : shown->subject;
    case SCOPE_ENTERPRISE:
        return shown->enterprise == NONE ? (struct slice){0}
                                         : registry->enterprises[shown->enterprise].id;
    case SCOPE_TOWN:
        return shown->enterprise == NONE ? (struct slice){0}
                                         : registry->enterprises[shown->enterprise].town;
    case SCOPE_AREA:
        return registry->area;
    case SCOPE_EQUIPMENT: /* it is no place: what it belongs to is a linkage */
    case SCOPE_FEEDER:
    case SCOPE_STATE:
        return (struct slice){0};
    }
    return (struct slice){0};
}

static uint64_t hash_linkage(const struct registry *registry, uint32_t linkage)
{
    uint64_t hash = 0;
    if (linkage == NONE) {
        return hash;
    }
    const struct linkage *of = &registry->linkages[linkage];
    for (uint32_t i = 0; i < of->member_count; i++) {
        const struct linkage_member *member = &registry->members[of->member_first + i];
        uint8_t mode = (uint8_t)member->mode;
        hash = hash64_seeded(member->role, hash);
        hash = hash64_seeded(registry->equipment[member->equipment].id, hash);
        hash = hash64_seeded(slice_from(&mode, 1), hash);
    }
    return hash == 0 ? 1 : hash;
}

/* In the order in which the rule names them. A name that no rule has is of an old journal. */
static void find_parents(struct binder *binder, const struct table *names, struct bound *bound)
{
    struct program *program = binder->program;
    const struct rule *rule = &program->rules.rules[bound->rule];
    uint32_t found[FILTER_MAX], count = 0;
    for (size_t i = 0; i < rule->under.count; i++) {
        const struct rule *parent = rule_named(&program->rules, rule->under.words[i]);
        if (parent == NULL || parent == rule) {
            continue;
        }
        uint64_t name = name_of(parent->id, covering(binder->registry, bound, parent->scope));
        uint32_t at = table_find(names, slice_from(&name, sizeof name));
        if (at != TABLE_NONE) {
            found[count++] = at;
        }
    }
    uint32_t *parents = arena_take(&program->arena, count + 1, sizeof *parents);
    for (uint32_t i = 0; i < count; i++) {
        parents[i] = found[i];
    }
    bound->shown->parents = parents;
    bound->shown->parent_count = count;
}

void bind_families(struct binder *binder)
{
    struct program *program = binder->program;
    const struct registry *registry = binder->registry;
    struct table names = table_new(&program->arena, program->bound_count);
    for (uint32_t i = 0; i < program->bound_count; i++) {
        struct instance *shown = program->bounds[i].shown;
        shown->name_hash = name_of(shown->rule, shown->subject);
        shown->linkage_hash = hash_linkage(registry, program->bounds[i].place.linkage);
        if (shown->device != NONE && registry->devices[shown->device].has_in_service_since) {
            shown->in_service_ms = registry->devices[shown->device].in_service_since.ms;
        }
        table_add(&names, name_key(shown), i);
    }
    for (uint32_t i = 0; i < program->bound_count; i++) {
        find_parents(binder, &names, &program->bounds[i]);
    }
}
