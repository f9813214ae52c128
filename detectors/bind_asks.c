#include "detectors/binder.h"

/* Data of these commands is asked for only where the registry names it; of packs, which are all real-time data, none
 * is any other command. */
static bool sends(const struct registry *registry, uint32_t device, int32_t cn)
{
    bool data = cn == 2011 || cn == 2051 || cn == 2061 || cn == 2031;
    if (!data && registry->devices[device].format == FORMAT_SENML) {
        return false;
    }
    for (uint32_t i = registry->device_signal_first[device];
         data && i < registry->device_signal_first[device + 1]; i++) {
        if (registry->signals[i].cn == cn) {
            return true;
        }
    }
    return !data;
}

static uint32_t ask_for(struct binder *binder, const struct ask *ask)
{
    struct program *program = binder->program;
    for (uint32_t i = 0; i < program->ask_count; i++) {
        if (ask_equal(&program->asks[i], ask)) {
            return i;
        }
    }
    program->asks = array_grow(&program->arena, program->asks, program->ask_count,
        &binder->ask_capacity, sizeof *program->asks);
    program->asks[program->ask_count] = *ask;
    return program->ask_count++;
}

static uint32_t tally_for(struct binder *binder, uint32_t device, const struct ask *of)
{
    struct program *program = binder->program;
    const uint32_t ask = ask_for(binder, of);
    for (uint32_t i = binder->last_tallies[device]; i != NONE; i = program->tallies[i].before) {
        if (program->tallies[i].ask == ask) {
            return i;
        }
    }
    program->tallies = array_grow(&program->arena, program->tallies, program->tally_count,
        &binder->tally_capacity, sizeof *program->tallies);
    program->tallies[program->tally_count] =
        (struct tally){.device = device, .before = binder->last_tallies[device], .ask = ask};
    binder->last_tallies[device] = program->tally_count;
    return program->tally_count++;
}

static bool has_zone(const struct registry *registry, struct slice kind)
{
    for (uint32_t i = 0; i < registry->zone_count; i++) {
        if (slice_equal(registry->zones[i].kind, kind)) {
            return true;
        }
    }
    return false;
}

static struct binding bind_inside(
    struct binder *binder, const struct subject *subject, const struct ask *ask)
{
    static const char *const PARTS[] = {"longitude", "latitude"};
    struct program *program = binder->program;
    struct binding binding = {.kind = BINDING_INSIDE, .first = program->element_count, .count = 2};
    for (size_t i = 0; i < 2 && has_zone(binder->registry, ask->word); i++) {
        struct input part = {.role = slice_of("device"), .name = slice_of(PARTS[i])};
        struct binding one = bind_input(binder, subject, &part);
        program->element_count = binding.first + (one.count > 0 ? (uint32_t)i + 1 : 0);
    }
    return program->element_count == binding.first + 2 ? binding : (struct binding){0};
}

static struct binding bind_total(
    struct binder *binder, const struct subject *subject, const struct ask *ask)
{
    struct input summed = {.name = ask->word};
    summed.role = slice_cut(&summed.name, '.');
    struct binding binding = bind_input(binder, subject, &summed);
    binding.all = binding.kind == BINDING_SIGNALS ? JOIN_SUM : binding.all;
    return binding;
}

struct binding bind_ask(
    struct binder *binder, const struct subject *subject, const struct input *input)
{
    const struct ask *ask = &input->ask;
    uint32_t device = subject->device;
    if (ask->kind == ASK_TOTAL) {
        return bind_total(binder, subject, ask);
    }
    if (ask_is_of_alarms(ask)) {
        return (struct binding){.kind = BINDING_ALARMS, .first = subject->enterprise};
    }
    bool commands = ask->kind == ASK_CAME || ask->kind == ASK_LATE || ask->kind == ASK_EXPECTED ||
                    ask->kind == ASK_SILENT;
    if (device == NONE || (commands && !sends(binder->registry, device, ask->what))) {
        return (struct binding){0};
    }
    if (ask->kind == ASK_INSIDE) {
        return bind_inside(binder, subject, ask);
    }
    return (struct binding){.kind = BINDING_ASK,
        .first = device,
        .of = ask_is_tallied(ask) ? tally_for(binder, device, ask) : NONE};
}
