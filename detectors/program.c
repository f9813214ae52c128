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
    return &program->bounds[instance].shown;
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

/* --- places in the state --- */

struct head *state_head_of(void *state)
{
    return state;
}

struct track *track_of(const struct program *program, void *state, uint32_t device)
{
    return (struct track *)(void *)((uint8_t *)state + program->track_at) + device;
}

struct signal_state *signal_of(const struct program *program, void *state, uint32_t signal)
{
    return (struct signal_state *)(void *)((uint8_t *)state + program->signal_at) + signal;
}

struct estimator_state *estimator_of(const struct program *program, void *state, uint32_t estimator)
{
    return (struct estimator_state *)(void *)((uint8_t *)state + program->estimator_at) + estimator;
}

void *program_timers(const struct program *program, void *state)
{
    return (uint8_t *)state + program->timers_at;
}

uint32_t program_timer_count(const struct program *program)
{
    return program->estimator_count + program->bound_count;
}

struct window_head *window_of(const struct program *program, void *state, uint32_t window)
{
    return (struct window_head *)(void *)((uint8_t *)state + program->windows_at +
                                          program->windows[window].offset);
}

int64_t local_now(const struct program *program, void *state, uint32_t device, int64_t hub_ms)
{
    if (device == NONE) {
        return hub_ms;
    }
    const struct track *track = track_of(program, state, device);
    return track->heard ? track->event_ms + (hub_ms - track->hub_ms) : hub_ms;
}

double signal_column(const struct program *program, uint32_t signal, enum column column)
{
    const struct signal *of = &program->registry->signals[signal];
    const double columns[COLUMN_COUNT] = {
#define COLUMN(id, name) [COLUMN_##id] = of->name,
#include "detectors/columns.def"
#undef COLUMN
    };
    return columns[column] * unit_find(of->unit)->scale;
}

int64_t device_age_ms(const struct program *program, void *state, uint32_t device)
{
    const struct head *head = state_head_of(state);
    const struct device *of = &program->registry->devices[device];
    int64_t age_ms = head->listening_ms - track_of(program, state, device)->listening_ms;
    int64_t served_ms = head->wall_ms - of->in_service_since.ms;
    if (of->has_in_service_since && served_ms < age_ms) {
        age_ms = served_ms > 0 ? served_ms : 0;
    }
    return age_ms;
}

int64_t fresh_ms(const struct program *program, uint32_t signal)
{
    static const struct {
        int cn;
        int64_t period_ms;
    } PERIODS[] = {{2051, 10 * MINUTE_MS}, {2061, HOUR_MS}, {2031, DAY_MS}};
    const struct signal *of = &program->registry->signals[signal];
    int64_t fresh = (int64_t)program->registry->devices[of->device].interval_s * 3 * SECOND_MS;
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++) {
        fresh += of->cn == PERIODS[i].cn ? 2 * PERIODS[i].period_ms : 0;
    }
    return fresh;
}

/* --- taking in --- */

void window_take(
    const struct window *window, struct window_head *head, int64_t event_ms, double value)
{
    struct window_sample *samples = (struct window_sample *)(void *)(head + 1);
    if (window->kind == WINDOW_RING) {
        samples[head->next] = (struct window_sample){event_ms, value};
        head->next = head->next + 1 == window->capacity ? 0 : head->next + 1;
        head->count += head->count < window->capacity ? 1 : 0;
        return;
    }
    double moved = value > head->anchor ? value - head->anchor : head->anchor - value;
    if (head->count == 0 || moved > window->band) {
        head->anchor = value;
        head->anchor_ms = event_ms;
        head->count = 1;
    }
}

static void take_sample(const struct program *program, void *state, const struct sample *sample)
{
    struct signal_state *signal = signal_of(program, state, sample->signal);
    signal->seen = 1;
    signal->usable = sample->usable;
    signal->event_ms = sample->time.ms;
    if (!sample->usable) {
        return;
    }
    signal->value = sample->value;
    signal->usable_ms = sample->time.ms;
    signal->digits_size =
        (uint8_t)(sample->digits.size < DIGITS_MAX ? sample->digits.size : DIGITS_MAX);
    if (signal->digits_size > 0) {
        memcpy(signal->digits, sample->digits.ptr, signal->digits_size);
    }
    for (uint32_t i = program->signal_windows.first[sample->signal];
         i < program->signal_windows.first[sample->signal + 1]; i++) {
        uint32_t window = program->signal_windows.list[i];
        window_take(&program->windows[window], window_of(program, state, window), sample->time.ms,
            sample->value);
    }
}

/* --- estimators --- */

static struct evaluation evaluation_of(const struct program *program, void *state,
    const struct detector_clock *clock, const struct expression_scope *names,
    uint32_t binding_first)
{
    return (struct evaluation){
        .program = program,
        .state = state,
        .clock = clock,
        .bindings = program->bindings + binding_first,
        .names = names,
        .enterprise = NONE,
        .due_ms = TIMER_NEVER,
    };
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Holds run while their vote is yes; unknown pauses them, no ends them. */
static int64_t hold(int64_t held_ms, uint8_t vote, int64_t passed_ms)
{
    return vote == TRI_YES ? held_ms + passed_ms : vote == TRI_NO ? 0 : held_ms;
}

static void settle(
    struct estimator_state *estimator, const struct state_rule *rule, int64_t local_ms)
{
    uint8_t before = estimator->settled;
    if (estimator->on_vote == TRI_YES && estimator->on_held_ms >= rule->on_after_ms) {
        estimator->settled = SETTLED_ON;
    } else if (estimator->off_vote == TRI_YES && estimator->off_held_ms >= rule->off_after_ms) {
        estimator->settled = SETTLED_OFF;
    }
    if (before != estimator->settled) {
        /* The first settling tells nothing of when it began. */
        estimator->since_ms = before == SETTLED_NOT ? 0 : local_ms;
    }
}

/* Bring an estimator to this instant and set its timer; true: what it says may have changed. */
static bool step_estimator(
    const struct program *program, void *state, const struct detector_clock *clock, uint32_t index)
{
    const struct estimator *of = &program->estimators[index];
    const struct state_rule *rule = &program->rules.states[of->state];
    struct estimator_state *estimator = estimator_of(program, state, index);
    struct evaluation evaluation =
        evaluation_of(program, state, clock, &rule->names, of->binding_first);
    int64_t local_ms = local_now(program, state, of->clock_device, clock->hub_ms);
    int64_t passed_ms =
        estimator->begun && local_ms > estimator->local_ms ? local_ms - estimator->local_ms : 0;
    struct estimator_state before = *estimator;
    bool absent;
    estimator->on_held_ms = hold(estimator->on_held_ms, estimator->on_vote, passed_ms);
    estimator->off_held_ms = hold(estimator->off_held_ms, estimator->off_vote, passed_ms);
    estimator->local_ms = local_ms; /* it steps back once, when the device is first heard */
    estimator->begun = 1;
    settle(estimator, rule, local_ms); /* what the old votes have earned by now */
    estimator->on_vote = (uint8_t)evaluate_truth(&evaluation, &rule->on_when, &absent);
    estimator->off_vote = (uint8_t)evaluate_truth(&evaluation, &rule->off_when, &absent);
    estimator->on_held_ms = hold(estimator->on_held_ms, estimator->on_vote, 0);
    estimator->off_held_ms = hold(estimator->off_held_ms, estimator->off_vote, 0);
    settle(estimator, rule, local_ms);
    int64_t due_ms = evaluation.due_ms;
    if (estimator->on_vote == TRI_YES && estimator->settled != SETTLED_ON) {
        due_ms = sooner(due_ms, clock->hub_ms + rule->on_after_ms - estimator->on_held_ms);
    }
    if (estimator->off_vote == TRI_YES && estimator->settled != SETTLED_OFF) {
        due_ms = sooner(due_ms, clock->hub_ms + rule->off_after_ms - estimator->off_held_ms);
    }
    timers_set(program_timers(program, state), program_timer_count(program), index, due_ms);
    return before.settled != estimator->settled || before.on_vote != estimator->on_vote ||
           before.off_vote != estimator->off_vote;
}

/* --- votes --- */

struct poll {
    const struct program *program;
    void *state;
    const struct detector_clock *clock;
    vote_sink *emit;
    void *context;
};

/* The last grade that holds decides; one behind it that is unknown leaves it open. */
static void grade(const struct rule *rule, struct evaluation *evaluation, struct vote *vote)
{
    vote->severity = rule->severity;
    for (size_t i = 0; i < rule->grade_count; i++) {
        bool absent;
        enum tri holds = evaluate_truth(evaluation, &rule->grades[i].when, &absent);
        if (holds == TRI_YES) {
            vote->severity = rule->grades[i].to;
        }
        vote->severity_unsure = holds == TRI_UNKNOWN || (holds == TRI_NO && vote->severity_unsure);
    }
}

static void poll_one(const struct poll *poll, uint32_t index, const struct event_time *event)
{
    const struct program *program = poll->program;
    const struct bound *bound = &program->bounds[index];
    const struct rule *rule = &program->rules.rules[bound->rule];
    struct evaluation evaluation =
        evaluation_of(program, poll->state, poll->clock, &rule->names, bound->binding_first);
    bool absent;
    evaluation.enterprise = bound->shown.enterprise;
    evaluation.windows = program->window_map + bound->window_first;
    struct vote vote = {
        .instance = index,
        .hub_ms = poll->clock->hub_ms,
        .local_ms = local_now(program, poll->state, bound->clock_device, poll->clock->hub_ms),
    };
    vote.when = evaluate_truth(&evaluation, &rule->when, &absent);
    vote.clear = vote.when == TRI_YES ? TRI_NO : vote.when == TRI_NO ? TRI_YES : TRI_UNKNOWN;
    if (rule->clear_when.size > 0) {
        evaluation.lenient = true;
        enum tri clear = evaluate_truth(&evaluation, &rule->clear_when, &absent);
        evaluation.lenient = false;
        vote.clear = absent ? vote.clear : clear;
    }
    grade(rule, &evaluation, &vote);
    vote.event.ms = event != NULL ? event->ms : vote.local_ms;
    timers_set(program_timers(program, poll->state), program_timer_count(program),
        program->estimator_count + index, evaluation.due_ms);
    poll->emit(poll->context, &vote);
}

static void poll_device(const struct poll *poll, uint32_t device, const struct event_time *event)
{
    const struct program *program = poll->program;
    for (uint32_t i = program->device_bounds.first[device];
         i < program->device_bounds.first[device + 1]; i++) {
        poll_one(poll, program->device_bounds.list[i], event);
    }
}

/* The first call of all: everything is asked once, so that silence is noticed too. */
static void begin(const struct program *program, void *state, const struct detector_clock *clock)
{
    struct head *head = state_head_of(state);
    if (head->started) {
        return;
    }
    head->started = 1;
    for (uint32_t i = 0; i < program_timer_count(program); i++) {
        timers_set(program_timers(program, state), program_timer_count(program), i, clock->hub_ms);
    }
    for (uint32_t i = 0; i < program->registry->device_count; i++) {
        struct track *track = track_of(program, state, i);
        track->listening_ms = track->heard ? track->listening_ms : clock->listening_ms;
    }
}

static void keep_clock(void *state, const struct detector_clock *clock)
{
    struct head *head = state_head_of(state);
    head->hub_ms = clock->hub_ms;
    head->listening_ms = clock->listening_ms;
    head->wall_ms = clock->wall.ms;
}

void detectors_message(const struct program *program, void *state,
    const struct detector_clock *clock, uint32_t device, struct event_time time,
    const struct sample *samples, size_t count, vote_sink *emit, void *context)
{
    struct poll poll = {program, state, clock, emit, context};
    struct track *track = track_of(program, state, device);
    begin(program, state, clock);
    keep_clock(state, clock);
    int64_t local_ms = local_now(program, state, device, clock->hub_ms);
    bool ahead = !track->heard || time.ms > local_ms;
    *track = (struct track){
        .event_ms = ahead ? time.ms : local_ms,
        .hub_ms = clock->hub_ms,
        .listening_ms = clock->listening_ms,
        .heard = 1,
    };
    for (size_t i = 0; i < count; i++) {
        take_sample(program, state, &samples[i]);
    }
    for (uint32_t i = program->device_estimators.first[device];
         i < program->device_estimators.first[device + 1]; i++) {
        step_estimator(program, state, clock, program->device_estimators.list[i]);
    }
    poll_device(&poll, device, &time);
}

int64_t detectors_due(const struct program *program, const void *state)
{
    const struct head *head = state;
    if (!head->started) {
        return program_timer_count(program) == 0 ? TIMER_NEVER : INT64_MIN;
    }
    return timers_next((const uint8_t *)state + program->timers_at, program_timer_count(program));
}

void detectors_time(const struct program *program, void *state, const struct detector_clock *clock,
    vote_sink *emit, void *context)
{
    struct poll poll = {program, state, clock, emit, context};
    uint32_t which;
    int64_t due_ms;
    begin(program, state, clock);
    keep_clock(state, clock);
    while (timers_take(program_timers(program, state), program_timer_count(program), clock->hub_ms,
        &which, &due_ms)) {
        if (which >= program->estimator_count) {
            poll_one(&poll, which - program->estimator_count, NULL);
        } else if (step_estimator(program, state, clock, which)) {
            poll_device(&poll, program->estimators[which].clock_device, NULL);
        }
    }
}

/* --- reload --- */

static void carry_signals(
    const struct program *from, void *from_state, const struct program *to, void *to_state)
{
    for (uint32_t i = 0; i < to->registry->signal_count; i++) {
        const struct signal *signal = &to->registry->signals[i];
        uint32_t device = registry_device(from->registry, to->registry->devices[signal->device].mn);
        uint32_t old = device == NONE ? NONE
                                      : registry_signal(from->registry, device, signal->cn,
                                            signal->factor, signal->field);
        if (old == NONE) {
            continue;
        }
        *signal_of(to, to_state, i) = *signal_of(from, from_state, old);
        for (uint32_t k = to->signal_windows.first[i]; k < to->signal_windows.first[i + 1]; k++) {
            const struct window *fresh = &to->windows[to->signal_windows.list[k]];
            for (uint32_t j = from->signal_windows.first[old];
                 j < from->signal_windows.first[old + 1]; j++) {
                const struct window *window = &from->windows[from->signal_windows.list[j]];
                if (window->kind == fresh->kind && window->width_ms == fresh->width_ms &&
                    window->band == fresh->band && window->capacity == fresh->capacity) {
                    memcpy(window_of(to, to_state, to->signal_windows.list[k]),
                        window_of(from, from_state, from->signal_windows.list[j]),
                        sizeof(struct window_head) +
                            window->capacity * sizeof(struct window_sample));
                }
            }
        }
    }
}

void detectors_carry(
    const struct program *from, const void *from_state, const struct program *to, void *to_state)
{
    void *old_state = (void *)(uintptr_t)from_state;
    if (!state_head_of(old_state)->started) {
        return;
    }
    *state_head_of(to_state) = *state_head_of(old_state);
    for (uint32_t i = 0; i < to->registry->device_count; i++) {
        uint32_t old = registry_device(from->registry, to->registry->devices[i].mn);
        struct track *track = track_of(to, to_state, i);
        if (old != NONE) {
            *track = *track_of(from, old_state, old);
        } else {
            track->listening_ms = state_head_of(old_state)->listening_ms;
        }
    }
    carry_signals(from, old_state, to, to_state);
    for (uint32_t i = 0; i < to->estimator_count; i++) {
        uint32_t old =
            table_find(&from->estimator_by_fingerprint, estimator_key(&to->estimators[i]));
        if (old != TABLE_NONE) {
            *estimator_of(to, to_state, i) = *estimator_of(from, old_state, old);
        }
    }
    for (uint32_t i = 0; i < program_timer_count(to); i++) {
        timers_set(program_timers(to, to_state), program_timer_count(to), i,
            state_head_of(to_state)->hub_ms);
    }
}
