#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarms/command.h"
#include "core/recent.h"
#include "tests/unit/check.h"

/* One alarm, raised; its number is 1. */
static const struct instance RULE = {
    .rule = {(const uint8_t *)"offline", 7}, .subject = {(const uint8_t *)"M1", 2}};
static const struct instance *const RULES[] = {&RULE};
static const struct alarm_table TABLE = {
    .instances = RULES, .count = 1, .area = {(const uint8_t *)"140581", 6}};

struct scene {
    void *alarms, *commands;
    struct transition last;
    char by[32];
    char alarm[ALARM_ID_SIZE + 1];
    char result[600];
    bool retained;
};

static void hear(void *context, const struct transition *transition)
{
    struct scene *scene = context;
    scene->last = *transition;
    snprintf(scene->by, sizeof scene->by, "%.*s", (int)transition->by.size,
        transition->by.size > 0 ? (const char *)transition->by.ptr : "");
    memcpy(scene->alarm, transition->alarm, sizeof scene->alarm);
}

static struct scene begin(void)
{
    struct scene scene = {
        .alarms = calloc(1, alarms_state_size(1)), .commands = calloc(1, commands_state_size())};
    assert_true(scene.alarms != NULL && scene.commands != NULL);
    struct alarm_vote vote = {.when = TRI_YES, .severity = SEVERITY_S2, .hub_ms = 1000};
    alarms_vote(&TABLE, scene.alarms, &vote, hear, &scene);
    return scene;
}

static void end(struct scene *scene)
{
    free(scene->alarms);
    free(scene->commands);
}

/* The payload from an exact heap copy; # in it stands for the alarm's id. */
static enum alarm_answer give(struct scene *scene, const char *user, const char *payload)
{
    char words[600];
    size_t used = 0;
    for (const char *at = payload; *at != '\0'; at++) {
        used += (size_t)snprintf(words + used, sizeof words - used, *at == '#' ? "%s" : "%.1s",
            *at == '#' ? scene->alarm : at);
    }
    char *copy = malloc(used + 1);
    assert_non_null(copy);
    memcpy(copy, words, used);
    struct command_source source = {slice_of(user), scene->retained, 2000, {1767225600000}};
    struct text result = text_in(scene->result, sizeof scene->result - 1);
    enum alarm_answer answer = command_obey(&TABLE, scene->alarms, scene->commands, &source,
        slice_from(copy, used), hear, scene, &result);
    scene->result[result.size] = '\0';
    free(copy);
    return answer;
}

static void test_command__is_read_and_answered(void **unused)
{
    (void)unused;
    static const struct {
        const char *payload;
        enum alarm_answer answer;
    } ROWS[] = {
        {"", ALARM_ANSWER_BAD_COMMAND},
        {"{\"id\":\"1\",\"action\":\"acknowledge\"}", ALARM_ANSWER_BAD_COMMAND},
        {"{\"id\":\"\",\"action\":\"acknowledge\",\"alarm\":\"#\"}", ALARM_ANSWER_BAD_COMMAND},
        {"{\"id\":\"2\",\"action\":\"burn\",\"alarm\":\"#\"}", ALARM_ANSWER_BAD_COMMAND},
        {"{\"id\":\"3\",\"action\":\"shelve\",\"alarm\":\"#\",\"until\":\"soon\"}",
            ALARM_ANSWER_BAD_COMMAND},
        {"{\"id\":\"4\",\"action\":\"acknowledge\",\"alarm\":\"#\",\"transition\":2}",
            ALARM_ANSWER_STALE},
        {"{\"id\":\"5\",\"action\":\"acknowledge\",\"alarm\":\"0\"}", ALARM_ANSWER_NO_SUCH_ALARM},
        {"{\"id\":\"6\",\"action\":\"shelve\",\"alarm\":\"#\",\"reason\":\"x\","
         "\"until\":\"2026-01-01T16:00:00.001+08:00\"}",
            ALARM_ANSWER_NOT_SHELVABLE},
        {"{\"id\":\"7\",\"action\":\"shelve\",\"alarm\":\"#\",\"reason\":\"x\","
         "\"until\":\"2026-01-01T08:00:00Z\"}",
            ALARM_ANSWER_DONE},
        {"{\"id\":\"8\",\"action\":\"acknowledge\",\"alarm\":\"#\",\"transition\":2}",
            ALARM_ANSWER_DONE},
        {"{\"id\":\"8\",\"action\":\"acknowledge\",\"alarm\":\"#\",\"transition\":2}",
            ALARM_ANSWER_REPEATED},
    };
    struct scene scene = begin();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(ROWS[i].answer, give(&scene, "li", ROWS[i].payload));
    }
    assert_int_equal(ALARM_ACTIVE_ACK, scene.last.to);
    assert_string_equal("li", scene.by);
    end(&scene);
}

static void test_command__the_result_names_id_alarm_and_what_happened(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    char want[600];
    assert_int_equal(ALARM_ANSWER_DONE,
        give(&scene, "li", "{\"id\":\"a\\\"b\",\"action\":\"acknowledge\",\"alarm\":\"#\"}"));
    snprintf(want, sizeof want,
        "{\"id\":\"a\\\"b\",\"alarm\":\"%s\",\"result\":\"done\","
        "\"message\":{\"zh\":\"已执行\",\"en\":\"done\"}}",
        scene.alarm);
    assert_string_equal(want, scene.result);
    end(&scene);
}

static void test_command__ids_belong_to_their_users_and_are_remembered_in_bounds(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    char payload[120];
    static const char FIRST[] = "{\"id\":\"c\",\"action\":\"close\",\"alarm\":\"#\"}";
    assert_int_equal(ALARM_ANSWER_WRONG_STATE, give(&scene, "li", FIRST));
    assert_int_equal(ALARM_ANSWER_WRONG_STATE, give(&scene, "wang", FIRST));
    for (int i = 0; i < RECENT_KEPT - 2; i++) {
        snprintf(
            payload, sizeof payload, "{\"id\":\"%d\",\"action\":\"close\",\"alarm\":\"#\"}", i);
        assert_int_equal(ALARM_ANSWER_WRONG_STATE, give(&scene, "li", payload));
    }
    assert_int_equal(ALARM_ANSWER_REPEATED, give(&scene, "li", FIRST));
    assert_int_equal(ALARM_ANSWER_WRONG_STATE,
        give(&scene, "li", "{\"id\":\"d\",\"action\":\"close\",\"alarm\":\"#\"}"));
    assert_int_equal(ALARM_ANSWER_WRONG_STATE, give(&scene, "li", FIRST)); /* forgotten */
    end(&scene);
}

static void test_command__a_retained_one_is_refused_and_its_id_stays_free(void **unused)
{
    (void)unused;
    static const char WORDS[] = "{\"id\":\"1\",\"action\":\"acknowledge\",\"alarm\":\"#\"}";
    struct scene scene = begin();
    scene.retained = true;
    assert_int_equal(ALARM_ANSWER_RETAINED, give(&scene, "li", WORDS));
    assert_int_equal(ALARM_ANSWER_BAD_COMMAND, give(&scene, "li", ""));
    scene.retained = false;
    assert_int_equal(ALARM_ANSWER_DONE, give(&scene, "li", WORDS));
    end(&scene);
}

static void test_command__no_cut_or_flipped_payload_does_harm(void **unused)
{
    (void)unused;
    static const char WHOLE[] =
        "{\"id\":\"9\",\"action\":\"acknowledge\",\"alarm\":\"#\",\"transition\":1}";
    char broken[sizeof WHOLE];
    for (size_t size = 0; size + 1 < sizeof WHOLE; size++) {
        struct scene scene = begin();
        memcpy(broken, WHOLE, sizeof WHOLE);
        broken[size] = '\0';
        assert_int_equal(ALARM_ANSWER_BAD_COMMAND, give(&scene, "li", broken));
        for (int bit = 0; bit < 8; bit++) {
            memcpy(broken, WHOLE, sizeof WHOLE);
            broken[size] = (char)(broken[size] ^ (1 << bit));
            give(&scene, "li", broken); /* obeyed or not: no byte beyond it is read */
        }
        end(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_command__is_read_and_answered),
        cmocka_unit_test(test_command__the_result_names_id_alarm_and_what_happened),
        cmocka_unit_test(test_command__ids_belong_to_their_users_and_are_remembered_in_bounds),
        cmocka_unit_test(test_command__a_retained_one_is_refused_and_its_id_stays_free),
        cmocka_unit_test(test_command__no_cut_or_flipped_payload_does_harm),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
