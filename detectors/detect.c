#include <string.h>

#include "detectors/detect.h"
#include "detectors/evaluate.h"
#include "detectors/last_digits.h"
#include "detectors/silence.h"

static void remember(const struct window *window, void *memory, const struct sample *sample)
{
    if (window->kind == WINDOW_DIGITS) {
        last_digits_take(memory, (uint32_t)window->number, sample->digits, sample->value);
    } else {
        window_take(window, memory, sample->time.ms + window->delay_ms, sample->value);
    }
}

void detect_sample(const struct program *program, void *state, const struct sample *sample)
{
    struct signal_state *signal = signal_of(program, state, sample->signal);
    signal->seen = 1;
    signal->usable = sample->usable;
    signal->flag = (uint8_t)sample->flag;
    signal->sent = sample->value;
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
        remember(pane_window(program, window), window_of(program, state, window), sample);
    }
}

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

/* A period has ended, and what belongs to it has had time to come: when a rule with `each` is judged. */
#define LATENESS_MS (INT64_C(120) * SECOND_MS)

/* Does this rule vote now? Of the period it votes on. */
static bool is_time(struct evaluation *evaluation, const struct rule *rule,
    const struct bound *bound, struct vote *vote)
{
    if (rule->each == PERIOD_SLIDING) {
        return true;
    }
    if (!evaluation_has_clock(evaluation, bound)) {
        return false;
    }
    int32_t *judged = judged_of(evaluation->program, evaluation->state, bound);
    const int64_t now_ms = evaluation->local_ms - LATENESS_MS;
    const int64_t runs = period_number(rule->each, now_ms);
    const bool seen = *judged != 0, ended = runs > *judged;
    evaluation_due_in(evaluation, period_start(rule->each, runs + 1) + 1 - now_ms);
    *judged = ended ? (int32_t)runs : *judged;
    if (!seen || !ended) {
        return false; /* what ended before we began to watch is nobody's */
    }
    vote->from.ms = period_start(rule->each, runs - 1);
    vote->event.ms = period_start(rule->each, runs);
    return true;
}

/* Whether it clears is asked only of what has held once, and does not now: else there is nothing to clear. */
static void judge(struct evaluation *evaluation, const struct rule *rule, struct vote *vote)
{
    bool absent;
    vote->when = evaluate_truth(evaluation, &rule->when, &absent);
    vote->clear = vote->when == TRI_YES ? TRI_NO : vote->when == TRI_NO ? TRI_YES : TRI_UNKNOWN;
    if (vote->when == TRI_YES) {
        note_held(evaluation->program, evaluation->state, vote->instance);
    }
    if (rule->clear_when.size > 0 && vote->when != TRI_YES &&
        (has_held(evaluation->program, evaluation->state, vote->instance) ||
            evaluation->moment->late_active)) {
        evaluation->lenient = true;
        enum tri clear = evaluate_truth(evaluation, &rule->clear_when, &absent);
        evaluation->lenient = false;
        vote->clear = absent ? vote->clear : clear;
    }
    if (vote->when == TRI_YES) {
        grade(rule, evaluation, vote); /* of what does not hold nobody asks how severe it is */
    }
}

/* What a report has to say of the period that has ended. Of what came late nothing: the live state knows only
 * that time as unknown, the retrospective one only what came late. */
static void tell(
    const struct poll *poll, const struct rule *rule, const struct value *lets, struct vote *vote)
{
    struct figure figures[FIGURES_MAX];
    for (size_t i = 0; i < rule->told_count; i++) {
        const struct value value = lets[rule->told[i]];
        figures[i] =
            (struct figure){rule->names.lets[rule->told[i]].name, value.number, is_known(value)};
    }
    vote->figures = figures;
    vote->figure_count = rule->told_count;
    if (poll->moment->live == NULL) {
        poll->emit(poll->context, vote);
    }
}

/* Whether a message brought it here whose numbers its windows take: one of its own device; of a pair the second
 * of the two that tell of the same instant, so that like is held against like. */
static bool brings_numbers(
    const struct poll *poll, const struct bound *bound, const struct occasion *occasion)
{
    const struct program *program = poll->program;
    if (occasion->event == NULL || bound->other == NONE) {
        return occasion->event != NULL &&
               (bound->clock_device == NONE || bound->clock_device == occasion->device);
    }
    const struct signal_state *value = signal_of(program, poll->state, bound->signal);
    const struct signal_state *other = signal_of(program, poll->state, bound->other);
    int64_t apart_ms = value->event_ms - other->event_ms;
    int64_t interval_ms = program->registry->devices[bound->clock_device].interval_s * SECOND_MS;
    return value->seen && other->seen && apart_ms * 2 < interval_ms && -apart_ms * 2 < interval_ms;
}

void detect_one(const struct poll *poll, uint32_t index, const struct occasion *occasion)
{
    const struct program *program = poll->program;
    const struct bound *bound = &program->bounds[index];
    const struct rule *rule = &program->rules.rules[bound->rule];
    struct evaluation evaluation =
        evaluation_of(program, poll->state, poll->moment, &rule->names, bound->binding_first);
    struct value lets[LETS_MAX];
    evaluation.place = &bound->place;
    evaluation.brief = true;
    evaluation.looks = program->looks + bound->look_first;
    evaluation.lets = lets;
    evaluation.local_ms =
        local_now(program, poll->state, bound->clock_device, poll->moment->hub_ms);
    struct vote vote = {
        .instance = index,
        .hub_ms = poll->moment->hub_ms,
        .local_ms = evaluation.local_ms,
        .event = {occasion->event != NULL ? occasion->event->ms : evaluation.local_ms},
    };
    const bool votes = is_time(&evaluation, rule, bound, &vote);
    const struct feeding feeding = {bound, brings_numbers(poll, bound, occasion), votes};
    evaluate_lets(&evaluation, rule->lets, &feeding);
    if (votes && rule->told_count == 0) {
        judge(&evaluation, rule, &vote);
    }
    if (bound->clock_device == NONE) {
        evaluation_due_in(&evaluation, MINUTE_MS); /* no message brings it up */
    }
    timers_set(program_timers(program, poll->state), program_timer_count(program),
        program->estimator_count + index, evaluation.due_ms);
    if (votes && rule->told_count > 0) {
        tell(poll, rule, lets, &vote);
    } else if (votes) {
        poll->emit(poll->context, &vote);
    }
}

void detect_device(const struct poll *poll, const struct occasion *occasion)
{
    const struct program *program = poll->program;
    const uint32_t device = occasion->device;
    for (uint32_t i = program->device_bounds.first[device];
         i < program->device_bounds.first[device + 1]; i++) {
        detect_one(poll, program->device_bounds.list[i], occasion);
    }
}

/* The first call of all: everything is asked once, so that silence is noticed too. */
static void begin(const struct program *program, void *state, const struct moment *moment)
{
    struct head *head = state_head_of(state);
    if (head->started) {
        return;
    }
    head->started = 1;
    for (uint32_t i = 0; i < program_timer_count(program); i++) {
        timers_set(program_timers(program, state), program_timer_count(program), i, moment->hub_ms);
    }
    for (uint32_t i = 0; i < program->registry->device_count; i++) {
        struct track *track = track_of(program, state, i);
        track->listening_ms = track->heard ? track->listening_ms : moment->listening_ms;
    }
}

static void keep_moment(void *state, const struct moment *moment)
{
    struct head *head = state_head_of(state);
    head->hub_ms = moment->hub_ms;
    head->listening_ms = moment->listening_ms;
    head->wall_ms = moment->wall.ms;
}

/* A device whose clock was set back, or whose line has grown slow for good, comes steadily behind what its
 * clock would show here. Its own data is its clock then: values would else be stale for ever. A back-fill is no
 * such thing: it comes faster than time passes. */
static bool clock_set_back(const struct program *program, const struct track *track,
    const struct heard *heard, int64_t local_ms, struct track *next)
{
    int64_t interval_ms = (int64_t)program->registry->devices[heard->device].interval_s * SECOND_MS;
    int64_t behind_ms = local_ms - heard->time.ms, moved_ms = behind_ms - track->behind_ms;
    bool behind = track->heard && behind_ms > interval_ms;
    bool steady = behind && moved_ms <= interval_ms / 2 && moved_ms >= -interval_ms / 2;
    next->behind_ms = behind ? behind_ms : 0;
    next->steady = !steady ? 0 : track->steady < STEADY ? (uint8_t)(track->steady + 1) : STEADY;
    return next->steady == STEADY;
}

/* How the device's clock goes on from this message. */
static struct track track_next(const struct program *program, const struct track *track,
    const struct moment *moment, const struct heard *heard, int64_t local_ms)
{
    struct track next = {.hub_ms = moment->hub_ms,
        .listening_ms = moment->listening_ms,
        .heard = 1,
        .behind_ms = track->behind_ms,
        .steady = track->steady};
    bool back = heard->newest && clock_set_back(program, track, heard, local_ms, &next);
    bool ahead = !track->heard || heard->time.ms > local_ms;
    next.event_ms = ahead || back ? heard->time.ms : local_ms;
    return next;
}

void detectors_message(const struct program *program, void *state, const struct moment *moment,
    const struct heard *heard, vote_sink *emit, void *context)
{
    struct poll poll = {program, state, moment, emit, context};
    const uint32_t device = heard->device;
    struct track *track = track_of(program, state, device);
    begin(program, state, moment);
    keep_moment(state, moment);
    if (heard->as == HEARD_OTHER) {
        tallies_take(program, state, heard);
        detect_device(&poll, &(struct occasion){device, NULL});
        return;
    }
    silence_end(&poll, device);
    int64_t local_ms = local_now(program, state, device, moment->hub_ms);
    *track = track_next(program, track, moment, heard, local_ms);
    if (heard->as == HEARD_FRESH) {
        tallies_take(program, state, heard);
    }
    for (size_t i = 0; i < heard->count; i++) {
        detect_sample(program, state, &heard->samples[i]);
    }
    for (uint32_t i = program->device_estimators.first[device];
         i < program->device_estimators.first[device + 1]; i++) {
        estimator_step(program, state, moment, program->device_estimators.list[i]);
    }
    detect_device(&poll, &(struct occasion){device, &heard->time});
}

int64_t detectors_due(const struct program *program, const void *state)
{
    const struct head *head = state;
    if (!head->started) {
        return program_timer_count(program) == 0 ? TIMER_NEVER : INT64_MIN;
    }
    return timers_next((const uint8_t *)state + program->timers_at, program_timer_count(program));
}

void detectors_time(const struct program *program, void *state, const struct moment *moment,
    vote_sink *emit, void *context)
{
    struct poll poll = {program, state, moment, emit, context};
    uint32_t which;
    int64_t due_ms;
    begin(program, state, moment);
    keep_moment(state, moment);
    while (timers_take(program_timers(program, state), program_timer_count(program), moment->hub_ms,
        &which, &due_ms)) {
        if (which >= program->estimator_count + program->bound_count) {
            silence_check(&poll, which - program->estimator_count - program->bound_count);
        } else if (which >= program->estimator_count) {
            detect_one(&poll, which - program->estimator_count, &(struct occasion){NONE, NULL});
        } else if (estimator_step(program, state, moment, which)) {
            detect_device(&poll, &(struct occasion){program->estimators[which].clock_device, NULL});
        }
    }
}

/* Those that ask for filings. Before the first call of all, which asks everybody, nobody. */
void detectors_told(const struct program *program, void *state, const struct moment *moment,
    uint32_t enterprise, vote_sink *emit, void *context)
{
    struct poll poll = {program, state, moment, emit, context};
    const struct occasion by_itself = {.device = NONE};
    for (uint32_t i = 0; state_head_of(state)->started && i < program->bound_count; i++) {
        const struct bound *bound = &program->bounds[i];
        bool concerned = enterprise == NONE || bound->place.enterprise == enterprise ||
                         bound->place.enterprise == NONE;
        if (concerned && program->rules.rules[bound->rule].names.asks_filings) {
            detect_one(&poll, i, &by_itself);
        }
    }
}
