#include "detectors/silence.h"

struct silence_group *silence_group_of(const struct program *program, void *state, uint32_t group)
{
    return (struct silence_group *)(void *)((uint8_t *)state + program->group_at) + group;
}

static int64_t bucket_of(int64_t listening_ms)
{
    return listening_ms / SILENCE_BUCKET_MS;
}

/* The ring holds the last SILENCE_BUCKETS up to the newest. */
static uint32_t *bucket_at(struct silence_group *group, int64_t bucket)
{
    for (int64_t i = group->newest + 1; i <= bucket && i <= group->newest + SILENCE_BUCKETS; i++) {
        group->buckets[i % SILENCE_BUCKETS] = 0;
    }
    group->newest = bucket > group->newest ? bucket : group->newest;
    return bucket > group->newest - SILENCE_BUCKETS ? &group->buckets[bucket % SILENCE_BUCKETS]
                                                    : NULL;
}

uint32_t silence_together(const struct silence_group *group)
{
    uint32_t most = 0, sum = 0;
    int64_t first = group->newest - SILENCE_BUCKETS + 1;
    first = first > 0 ? first : 0;
    for (int64_t bucket = first; bucket <= group->newest; bucket++) {
        int64_t behind = bucket - SILENCE_TOGETHER;
        sum += group->buckets[bucket % SILENCE_BUCKETS];
        sum -= behind >= first ? group->buckets[behind % SILENCE_BUCKETS] : 0;
        most = sum > most ? sum : most;
    }
    return most;
}

static void count(struct silence_group *group, int64_t last_ms, bool falls)
{
    uint32_t *bucket = bucket_at(group, bucket_of(last_ms));
    group->silent += falls ? 1 : UINT32_MAX;
    if (bucket != NULL && (falls || *bucket > 0)) {
        *bucket += falls ? 1 : UINT32_MAX;
    }
}

/* In the groups that the device belongs to; whoever reads them is asked again. */
static void tell(const struct poll *poll, uint32_t device, bool falls)
{
    const struct program *program = poll->program;
    struct track *track = track_of(program, poll->state, device);
    const uint32_t groups[] = {GROUP_AREA, program->device_groups[device]};
    track->silent = falls;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (groups[i] == NONE) {
            continue;
        }
        count(silence_group_of(program, poll->state, groups[i]), track->listening_ms, falls);
        for (uint32_t k = program->group_bounds.first[groups[i]];
             k < program->group_bounds.first[groups[i] + 1]; k++) {
            detect_one(poll, program->group_bounds.list[k], &(struct occasion){NONE, NULL});
        }
    }
}

/* Its timer is not moved at each message: it looks, and comes again when there may be something. */
void silence_check(const struct poll *poll, uint32_t device)
{
    const struct program *program = poll->program;
    const struct device *of = &program->registry->devices[device];
    int64_t held_ms = of->interval_s * (int64_t)(3 * SECOND_MS);
    int64_t age_ms = device_age_ms(program, poll->state, device);
    const struct track *track = track_of(program, poll->state, device);
    if (track->silent || !track->heard) {
        return; /* until it is heard; what never was has not gone away */
    }
    if (age_ms > held_ms) {
        tell(poll, device, true);
        return;
    }
    timers_set(program_timers(program, poll->state), program_timer_count(program),
        program->estimator_count + program->bound_count + device,
        poll->moment->hub_ms + (held_ms - age_ms) + 1);
}

void silence_end(const struct poll *poll, uint32_t device)
{
    const struct program *program = poll->program;
    const struct track *track = track_of(program, poll->state, device);
    const bool away = track->silent || !track->heard;
    if (!program->counts_silence) {
        return;
    }
    if (track->silent) {
        tell(poll, device, false);
    }
    if (away) {
        timers_set(program_timers(program, poll->state), program_timer_count(program),
            program->estimator_count + program->bound_count + device, poll->moment->hub_ms + 1);
    }
}
