/* alarm_scene -- votes, commands and time for the alarms of a table, and what is said of it. */
#ifndef TESTS_UNIT_ALARM_SCENE_H
#define TESTS_UNIT_ALARM_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarms/alarms.h"
#include "tests/unit/check.h"

enum { HUB_0 = 1000, EVENT_0 = 500 }; /* seconds: the clocks are not the same */

struct scene {
    const struct alarm_table *table;
    void *state;
    bool in_full;              /* reasons and what an alarm is set aside for are said too */
    uint32_t announced, quiet; /* transitions */
    char said[2000];           /* one line a transition */
    char alarm[ALARM_ID_SIZE + 1];
};

static void hear(void *context, const struct transition *transition)
{
    struct scene *scene = context;
    size_t used = strlen(scene->said);
    memcpy(scene->alarm, transition->alarm, sizeof scene->alarm);
    scene->announced += transition->announced;
    scene->quiet += !transition->announced;
    snprintf(scene->said + used, sizeof scene->said - used,
        "%u %s>%s %s at %g onset %g lasted %g%s%.*s%s%s%s%s\n", transition->number,
        alarm_state_name(transition->from), alarm_state_name(transition->to),
        severity_name(transition->severity), (double)transition->hub_ms / SECOND_MS - HUB_0,
        (double)transition->onset.ms / SECOND_MS - EVENT_0,
        (double)transition->lasted_ms / SECOND_MS,
        scene->in_full && transition->reason.size > 0 ? ": " : "",
        scene->in_full ? (int)transition->reason.size : 0, (const char *)transition->reason.ptr,
        scene->in_full && transition->suppressed ? " suppressed" : "",
        scene->in_full && transition->shadow ? " shadow" : "",
        scene->in_full && transition->out_of_service ? " out" : "",
        scene->in_full && !transition->announced ? " quiet" : "");
}

static struct scene begin_on(const struct alarm_table *table)
{
    struct scene scene = {.table = table, .state = calloc(1, alarms_state_size(table->count))};
    assert_non_null(scene.state);
    return scene;
}

struct step {
    double hub_s, local_s;
    enum { VOTE, TIME } kind;
    enum tri when, clear;
    enum severity severity; /* 0: S2 */
    const char *want;       /* what is said at this step; NULL: nothing */
};

static void vote_on(struct scene *scene, uint32_t instance, const struct step *step)
{
    struct alarm_vote vote = {
        .instance = instance,
        .when = step->when,
        .clear = step->clear,
        .severity = step->severity == 0 ? SEVERITY_S2 : step->severity,
        .hub_ms = (int64_t)((step->hub_s + HUB_0) * SECOND_MS),
        .local_ms = (int64_t)((step->local_s + EVENT_0) * SECOND_MS),
        .event = {(int64_t)((step->local_s + EVENT_0) * SECOND_MS)},
    };
    alarms_vote(scene->table, scene->state, &vote, hear, scene);
}

static inline void take(struct scene *scene, uint32_t instance, const struct step *step)
{
    scene->said[0] = '\0';
    if (step->kind == VOTE) {
        vote_on(scene, instance, step);
    } else {
        alarms_time(
            scene->table, scene->state, (int64_t)((step->hub_s + HUB_0) * SECOND_MS), hear, scene);
    }
    assert_string_equal(step->want == NULL ? "" : step->want, scene->said);
}

struct order {
    double hub_s;
    enum alarm_action action;
    int64_t seen;
    const char *words; /* reason, finding and assignee alike */
    double shelve_s;
    enum alarm_answer answer;
    const char *want;
};

static enum alarm_answer give(struct scene *scene, const char *alarm, const struct order *order)
{
    struct slice words = slice_of(order->words);
    struct alarm_command command = {
        .action = order->action,
        .alarm = slice_of(alarm),
        .seen_number = order->seen,
        .by = slice_of("li"),
        .reason = words,
        .finding = words,
        .assignee = words,
        .order = words,
        .answer = words,
        .hub_ms = (int64_t)((order->hub_s + HUB_0) * SECOND_MS),
        .wall = {7000},
        .until = {order->shelve_s == 0 && order->action == ALARM_OUT_OF_SERVICE
                      ? 0
                      : 7000 + (int64_t)(order->shelve_s * SECOND_MS)},
    };
    scene->said[0] = '\0';
    return alarms_command(scene->table, scene->state, &command, hear, scene);
}

static inline void obey(
    struct scene *scene, const char *alarm, const struct order *orders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(orders[i].answer, give(scene, alarm, &orders[i]));
        assert_string_equal(orders[i].want == NULL ? "" : orders[i].want, scene->said);
    }
}

#endif
