#include "detectors/evaluate.h"

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

uint8_t estimator_told(const struct estimator_state *estimator)
{
    bool blind = estimator->on_vote == TRI_UNKNOWN && estimator->off_vote == TRI_UNKNOWN;
    return blind ? SETTLED_NOT : estimator->settled;
}

static void keep_change(struct estimator_state *estimator, int64_t local_ms)
{
    uint8_t told = estimator_told(estimator);
    if ((estimator->changes[estimator->newest] & 3) != told) {
        estimator->newest = (uint8_t)((estimator->newest + 1) % CHANGES_KEPT);
        estimator->changes[estimator->newest] = local_ms * 4 + told;
    }
}

bool estimator_step(
    const struct program *program, void *state, const struct moment *moment, uint32_t index)
{
    const struct estimator *of = &program->estimators[index];
    const struct state_rule *rule = &program->rules.states[of->state];
    struct estimator_state *estimator = estimator_of(program, state, index);
    struct evaluation evaluation =
        evaluation_of(program, state, moment, &rule->names, of->binding_first);
    int64_t local_ms = local_now(program, state, of->clock_device, moment->hub_ms);
    evaluation.looks = program->looks + of->look_first;
    evaluation.local_ms = local_ms;
    evaluation.brief = true;
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
    keep_change(estimator, local_ms);
    int64_t due_ms = evaluation.due_ms;
    if (estimator->on_vote == TRI_YES && estimator->settled != SETTLED_ON) {
        due_ms = sooner(due_ms, moment->hub_ms + rule->on_after_ms - estimator->on_held_ms);
    }
    if (estimator->off_vote == TRI_YES && estimator->settled != SETTLED_OFF) {
        due_ms = sooner(due_ms, moment->hub_ms + rule->off_after_ms - estimator->off_held_ms);
    }
    timers_set(program_timers(program, state), program_timer_count(program), index, due_ms);
    return before.settled != estimator->settled || before.on_vote != estimator->on_vote ||
           before.off_vote != estimator->off_vote;
}
