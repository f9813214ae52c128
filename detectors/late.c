#include <string.h>

#include "detectors/detect.h"
#include "detectors/evaluate.h"
#include "detectors/recall.h"

/* A step back by no more than this is another device of the same stretch that lags behind; one by more is another
 * stretch, and nothing goes on over it. */
#define STRETCH_MS (INT64_C(15) * MINUTE_MS)

/* How many things may fall due between two late messages of a device: its values grow stale once, then only
 * calendars turn. */
enum { FIRINGS_MAX = 256 };

static int64_t hold_ms(const struct program *program, uint32_t device)
{
    return (int64_t)program->registry->devices[device].interval_s * 3 * SECOND_MS;
}

/* --- what held then --- */

static bool near(const struct signal_state *state, int64_t now_ms, int64_t fresh)
{
    return state->seen && state->event_ms <= now_ms + fresh && state->event_ms >= now_ms - fresh;
}

/* What came late counts before what came live: it is of that time. */
const struct signal_state *late_signal(
    const struct evaluation *evaluation, uint32_t signal, int64_t now_ms)
{
    const struct program *program = evaluation->program;
    const struct signal_state *late = signal_of(program, evaluation->state, signal);
    const struct signal_state *live =
        signal_of(program, (void *)(uintptr_t)evaluation->moment->live, signal);
    static const struct signal_state NOTHING;
    int64_t fresh = program->signals[signal].held_ms;
    if (near(late, now_ms, fresh)) {
        return late;
    }
    const struct signal_state *recalled = recall_at(
        evaluation->moment->recall, program->registry->signal_count, signal, now_ms, fresh);
    if (recalled != NULL) {
        return recalled;
    }
    return near(live, now_ms, fresh) && live->event_ms <= now_ms ? live : &NOTHING;
}

bool late_owns(const struct evaluation *evaluation, uint32_t signal)
{
    return evaluation->moment->live == NULL ||
           late_signal(evaluation, signal, evaluation->moment->hub_ms) ==
               signal_of(evaluation->program, evaluation->state, signal);
}

/* What it told at this instant, by the changes that are kept of it. */
static uint8_t told_at(const struct estimator_state *estimator, int64_t at_ms, int64_t *since_ms)
{
    for (int i = 0; i < CHANGES_KEPT; i++) {
        int place = (estimator->newest + CHANGES_KEPT - i) % CHANGES_KEPT;
        int before = (place + CHANGES_KEPT - 1) % CHANGES_KEPT;
        int64_t change = estimator->changes[place];
        if (change != 0 && change >> 2 <= at_ms) {
            bool switched = (estimator->changes[before] & 3) == SETTLED_OFF && i + 1 < CHANGES_KEPT;
            *since_ms = switched ? change >> 2 : 0;
            return (uint8_t)(change & 3);
        }
    }
    return SETTLED_NOT;
}

uint8_t late_told(const struct evaluation *evaluation, uint32_t index, int64_t *since_ms)
{
    const struct program *program = evaluation->program;
    int64_t now_ms = evaluation->moment->hub_ms;
    const struct estimator_state *late = estimator_of(program, evaluation->state, index);
    const struct estimator_state *live =
        estimator_of(program, (void *)(uintptr_t)evaluation->moment->live, index);
    uint8_t told = SETTLED_NOT;
    *since_ms = 0;
    if (late->begun &&
        now_ms <= late->local_ms + hold_ms(program, program->estimators[index].clock_device)) {
        told = told_at(late, now_ms, since_ms);
    }
    return told != SETTLED_NOT ? told : told_at(live, now_ms, since_ms);
}

/* --- stepping --- */

/* The first thing of this device that is due at or before that instant; NONE: nothing. */
static uint32_t first_due(
    const struct poll *poll, uint32_t device, int64_t until_ms, int64_t *due_ms)
{
    const struct program *program = poll->program;
    const struct pair_index *lists[] = {&program->device_estimators, &program->device_bounds};
    uint32_t found = NONE;
    *due_ms = until_ms;
    for (int kind = 0; kind < 2; kind++) {
        for (uint32_t i = lists[kind]->first[device]; i < lists[kind]->first[device + 1]; i++) {
            uint32_t which = lists[kind]->list[i] + (kind == 0 ? 0 : program->estimator_count);
            int64_t at_ms = timers_of(
                program_timers(program, poll->state), program_timer_count(program), which);
            if (at_ms < *due_ms || (at_ms == *due_ms && found == NONE)) {
                *due_ms = at_ms;
                found = which;
            }
        }
    }
    return found;
}

/* What fell due in event time since this device's late message before: its values grew stale, a switch settled. */
static void pass_time(const struct poll *poll, uint32_t device)
{
    const struct program *program = poll->program;
    const struct track *track = track_of(program, poll->state, device);
    struct moment moment = *poll->moment;
    struct poll then = {program, poll->state, &moment, poll->emit, poll->context};
    uint32_t which;
    int64_t due_ms;
    for (int i = 0; track->heard && i < FIRINGS_MAX &&
                    (which = first_due(poll, device, poll->moment->hub_ms, &due_ms)) != NONE;
         i++) {
        moment.hub_ms = due_ms > track->event_ms ? due_ms : track->event_ms;
        moment.wall.ms = moment.hub_ms;
        timers_set(
            program_timers(program, poll->state), program_timer_count(program), which, TIMER_NEVER);
        if (which >= program->estimator_count) {
            detect_one(&then, which - program->estimator_count, &(struct occasion){NONE, NULL});
        } else if (estimator_step(program, poll->state, &moment, which)) {
            detect_device(&then, &(struct occasion){device, NULL});
        }
    }
}

static void forget_window(const struct program *program, void *state, uint32_t window)
{
    memset(window_of(program, state, window), 0, window_size(pane_window(program, window)));
}

static void forget_windows(const struct program *program, void *state, uint32_t signal)
{
    for (uint32_t i = program->signal_windows.first[signal];
         i < program->signal_windows.first[signal + 1]; i++) {
        forget_window(program, state, program->signal_windows.list[i]);
    }
}

/* What the instances of a device remember for themselves, one window after another; NONE behind the last. */
struct own_windows {
    const struct program *program;
    uint32_t device, at, window;
};

static uint32_t next_own(struct own_windows *own)
{
    const struct pair_index *bounds = &own->program->device_bounds;
    for (; own->at < bounds->first[own->device + 1]; own->at++, own->window = 0) {
        const struct bound *bound = &own->program->bounds[bounds->list[own->at]];
        if (bound->clock_device == own->device && own->window < bound->own_count) {
            return bound->own_first + own->window++;
        }
    }
    return NONE;
}

static struct own_windows own_windows_of(const struct program *program, uint32_t device)
{
    return (struct own_windows){
        .program = program, .device = device, .at = program->device_bounds.first[device]};
}

/* An older stretch: what a newer one has left behind is not its past. */
static void go_back(const struct poll *poll, uint32_t device)
{
    const struct program *program = poll->program;
    for (uint32_t i = program->device_estimators.first[device];
         i < program->device_estimators.first[device + 1]; i++) {
        struct estimator_state *estimator =
            estimator_of(program, poll->state, program->device_estimators.list[i]);
        if (poll->moment->hub_ms < estimator->local_ms - STRETCH_MS) {
            memset(estimator, 0, sizeof *estimator);
        }
    }
    if (poll->moment->hub_ms < track_of(program, poll->state, device)->event_ms - STRETCH_MS) {
        struct own_windows own = own_windows_of(program, device);
        for (uint32_t window; (window = next_own(&own)) != NONE;) {
            forget_window(program, poll->state, window);
        }
    }
}

void detectors_late(const struct program *program, void *state, const struct moment *moment,
    const struct heard *heard, vote_sink *emit, void *context)
{
    struct poll poll = {program, state, moment, emit, context};
    struct track *track = track_of(program, state, heard->device);
    state_head_of(state)->started = 1;
    if (moment->hub_ms > track->event_ms) {
        pass_time(&poll, heard->device);
    } else {
        go_back(&poll, heard->device);
    }
    /* Every device's clock is the event time of what is stepped. */
    *track = (struct track){.event_ms = moment->hub_ms, .hub_ms = moment->hub_ms, .heard = 1};
    for (size_t i = 0; i < heard->count; i++) {
        const struct sample *sample = &heard->samples[i];
        if (sample->time.ms < signal_of(program, state, sample->signal)->event_ms) {
            forget_windows(program, state, sample->signal);
        }
        detect_sample(program, state, sample);
        recall_keep(moment->recall, program->registry->signal_count, sample);
    }
    for (uint32_t i = program->device_estimators.first[heard->device];
         i < program->device_estimators.first[heard->device + 1]; i++) {
        estimator_step(program, state, moment, program->device_estimators.list[i]);
    }
    detect_device(&poll, &(struct occasion){heard->device, &heard->time});
}

static void copy_window(const struct program *program, void *state, void *from, uint32_t window)
{
    memcpy(window_of(program, state, window), window_of(program, from, window),
        window_size(pane_window(program, window)));
}

void detectors_late_begin(
    const struct program *program, void *state, const void *live, uint32_t device)
{
    void *from = (void *)(uintptr_t)live;
    struct track *track = track_of(program, state, device);
    *track = *track_of(program, from, device);
    track->hub_ms = track->event_ms;
    const uint32_t *first = program->registry->device_signal_first;
    for (uint32_t i = first[device]; i < first[device + 1]; i++) {
        *signal_of(program, state, i) = *signal_of(program, from, i);
        for (uint32_t k = program->signal_windows.first[i];
             k < program->signal_windows.first[i + 1]; k++) {
            copy_window(program, state, from, program->signal_windows.list[k]);
        }
    }
    struct own_windows own = own_windows_of(program, device);
    for (uint32_t window; (window = next_own(&own)) != NONE;) {
        copy_window(program, state, from, window);
    }
    for (uint32_t i = program->device_estimators.first[device];
         i < program->device_estimators.first[device + 1]; i++) {
        uint32_t index = program->device_estimators.list[i];
        *estimator_of(program, state, index) = *estimator_of(program, from, index);
        estimator_of(program, state, index)->local_ms = track->event_ms;
    }
}

bool detectors_local(const struct program *program, const void *state, uint32_t device,
    int64_t hub_ms, int64_t *local_ms)
{
    void *of = (void *)(uintptr_t)state;
    *local_ms = local_now(program, of, device, hub_ms);
    return track_of(program, of, device)->heard != 0;
}
