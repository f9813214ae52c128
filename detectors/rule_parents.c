#include "detectors/rules_reading.h"

static void check_parent(
    const struct rules *rules, const struct rule *rule, struct slice parent, struct report *report)
{
    char space[300];
    struct text words = text_in(space, sizeof space);
    const struct rule *found = rule_named(rules, parent);
    if (found == NULL) {
        rule_say_unknown(rules, parent, &words);
    } else if (found == rule) {
        text_add(&words, "a rule cannot stand under itself");
    }
    if (words.size > 0) {
        report_add(report, rule->under_place.file, rule->under_place.line, rule->under_place.column,
            text_slice(&words));
    }
}

/* From one rule up through its parents, the nearest first. */
struct climb {
    const struct rules *rules;
    const uint32_t *parents; /* FILTER_MAX of each rule; NONE: no more */
    uint32_t start;
    uint32_t *below; /* of each rule: the one from which it was reached; NONE: it was not */
    uint32_t *queue;
    uint32_t queued;
};

/* Whether `at` stands under the start. Rules before the start have been climbed from: what leads through them
 * was said there. */
static bool climb_on(struct climb *climb, uint32_t at)
{
    const uint32_t *parents = climb->parents + (size_t)at * FILTER_MAX;
    for (size_t i = 0; i < FILTER_MAX && parents[i] != NONE; i++) {
        const uint32_t up = parents[i];
        if (up < climb->start || climb->below[up] != NONE) {
            continue;
        }
        climb->below[up] = at;
        climb->queue[climb->queued++] = up;
        if (up == climb->start) {
            return true;
        }
    }
    return false;
}

/* Whether the start stands, over one parent or several, under itself. */
static bool climb_returns(struct climb *climb)
{
    const uint32_t count = climb->rules->rule_count;
    for (uint32_t i = 0; i < count; i++) {
        climb->below[i] = NONE;
    }
    climb->queued = 0;
    bool returns = climb_on(climb, climb->start);
    for (uint32_t i = 0; !returns && i < climb->queued; i++) {
        returns = climb_on(climb, climb->queue[i]);
    }
    return returns;
}

static void say_ring(const struct climb *climb, struct report *report)
{
    char space[500];
    struct text words = text_in(space, sizeof space);
    const struct rule *rule = &climb->rules->rules[climb->start];
    text_add(&words, "rules that stand under each other silence each other: ");
    uint32_t at = climb->start;
    do {
        text_add_slice(&words, slice_head(climb->rules->rules[at].id, 60));
        text_add(&words, " over ");
        at = climb->below[at];
    } while (at != climb->start);
    text_add_slice(&words, slice_head(rule->id, 60));
    report_add(report, rule->under_place.file, rule->under_place.line, rule->under_place.column,
        text_slice(&words));
}

/* Each name of a parent as the number of its rule. */
static const uint32_t *number_parents(const struct rules *rules, struct arena *arena)
{
    uint32_t *parents = arena_take(arena, rules->rule_count * FILTER_MAX + 1, sizeof *parents);
    for (uint32_t i = 0; i < rules->rule_count; i++) {
        const struct filter *under = &rules->rules[i].under;
        for (size_t k = 0; k < FILTER_MAX; k++) {
            parents[i * FILTER_MAX + k] =
                k < under->count ? (uint32_t)(rule_named(rules, under->words[k]) - rules->rules)
                                 : NONE;
        }
    }
    return parents;
}

static void check_rings(const struct rules *rules, struct report *report)
{
    struct arena scratch = {0};
    struct climb climb = {.rules = rules,
        .parents = number_parents(rules, &scratch),
        .below = arena_take(&scratch, rules->rule_count + 1, sizeof *climb.below),
        .queue = arena_take(&scratch, rules->rule_count + 1, sizeof *climb.queue)};
    for (climb.start = 0; climb.start < rules->rule_count; climb.start++) {
        if (climb_returns(&climb)) {
            say_ring(&climb, report);
        }
    }
    arena_free(&scratch);
}

void check_parents(const struct rules *rules, struct report *report)
{
    const size_t before = report->count;
    if (report->accepted_before) {
        return;
    }
    for (uint32_t i = 0; i < rules->rule_count; i++) {
        const struct rule *rule = &rules->rules[i];
        for (size_t k = 0; k < rule->under.count; k++) {
            check_parent(rules, rule, rule->under.words[k], report);
        }
    }
    if (report->count == before) {
        check_rings(rules, report);
    }
}
