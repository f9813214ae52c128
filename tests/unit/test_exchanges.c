#include "tests/unit/exchange_scene.h"

static void test_exchanges__a_request_is_what_its_row_says(void **unused)
{
    (void)unused;
    static const char OTHER[] = "20260101000000999";
    static const struct {
        const char *members;
        struct {
            int cn;
            const char *name, *value, *qn;
        } answers[5];
        const char *told;
    } ROWS[] = {
        {"\"command\":\"1012\"", {{9011, "QnRtn", "1", ""}, {9012, "ExeRtn", "1", ""}},
            "requested accepted done"},
        {"\"command\":\"1012\"", {{9011, "QnRtn", "3", ""}, {9012, "ExeRtn", "1", ""}},
            "requested refused"},
        {"\"command\":\"1012\"", {{9011, "QnRtn", "1", ""}, {9012, "ExeRtn", "100", ""}},
            "requested accepted failed"},
        {"\"command\":\"1012\"", {{9012, "ExeRtn", "1", ""}}, "requested done"},
        {"\"command\":\"1012\"", /* twice said, of another request, without a code, of another kind */
            {{9011, "QnRtn", "1", ""}, {9011, "QnRtn", "2", ""}, {9012, "ExeRtn", "1", OTHER},
                {9012, "", "", ""}, {9013, "", "", ""}},
            "requested accepted"},
        {"\"command\":\"1012\"", {{9011, "", "", ""}, {9011, "QnRtn", "x", ""}}, "requested"},
        {"\"command\":\"1011\"",
            {{9011, "QnRtn", "1", ""}, {1011, "", "", ""}, {1011, "", "", OTHER},
                {9012, "ExeRtn", "1", ""}},
            "requested accepted executing executing done"},
        {"\"command\":\"2061\",\"BeginTime\":\"20260101000000\",\"EndTime\":\"20260101020000\"",
            {{9011, "QnRtn", "1", ""}, {2061, "DataTime", "20260101030000", OTHER},
                {2061, "DataTime", "20260101020000", OTHER},
                {2061, "DataTime", "20260101000000", OTHER}, {9012, "ExeRtn", "1", ""}},
            "requested accepted executing done"},
        {"\"command\":\"2011\"",
            {{2011, "", "", OTHER}, {9011, "QnRtn", "1", ""}, {2011, "", "", OTHER}},
            "requested accepted done"},
        {"\"command\":\"2012\"", {{9013, "", "", ""}}, "requested done"},
        {"\"command\":\"2012\"", {{9013, "", "", OTHER}}, "requested"},
        {"\"command\":\"1012\"", {{9011, "QnRtn", "1", "no time"}}, "requested"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct scene *scene = begin(EDITION_2017);
        assert_int_equal(EXCHANGE_NOT_NONE, give(scene, ROWS[i].members));
        for (size_t k = 0; k < 5 && ROWS[i].answers[k].cn != 0; k++) {
            answer(scene, ROWS[i].answers[k].cn, ROWS[i].answers[k].name, ROWS[i].answers[k].value,
                ROWS[i].answers[k].qn);
        }
        assert_string_equal(ROWS[i].told, scene->told);
        bool over = strstr(ROWS[i].told, "done") != NULL ||
                    strstr(ROWS[i].told, "failed") != NULL ||
                    strstr(ROWS[i].told, "refused") != NULL;
        assert_int_equal(over ? 0 : 1, exchanges_figures(scene->turn.state).open);
        end(scene);
    }
}

static void test_exchanges__data_belongs_to_a_request_by_its_time(void **unused)
{
    (void)unused;
    static const char OWN[] = "20260101000000999";
    struct scene *scene = begin(EDITION_2017);
    assert_int_equal(
        EXCHANGE_NOT_NONE, give(scene, "\"command\":\"2061\",\"BeginTime\":\"20260101000000\","
                                       "\"EndTime\":\"20260101020000\""));
    answer(scene, 2061, "DataTime", "20251231230000", OWN);
    answer(scene, 2061, "DataTime", "20260101030000", OWN);
    assert_string_equal("requested", scene->told);
    answer(scene, 2061, "DataTime", "20260101000000", OWN);
    answer(scene, 2061, "DataTime", "20260101020000", OWN);
    answer(scene, 2051, "DataTime", "20260101010000", OWN);
    answer(scene, 9012, "ExeRtn", "1", "");
    assert_int_equal(2, scene->data);
    end(scene);
}

static void test_exchanges__another_device_cannot_answer(void **unused)
{
    (void)unused;
    static struct message message;
    struct scene *scene = begin(EDITION_2017);
    DEVICES[1].edition = EDITION_2017;
    struct order order = {.device = 1,
        .row = request_of(1012),
        .edition = EDITION_2017,
        .st = 31,
        .overtime_s = 10,
        .by = slice_of("li"),
        .id = slice_of("2")};
    assert_int_equal(EXCHANGE_NOT_NONE, exchanges_ask(&scene->turn, &order)); /* it has one too */
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\""));
    message = (struct message){.format = FORMAT_HJ212, .cn_code = 9012, .device = 1};
    message.qn = slice_of(scene->qn);
    message.fields[message.field_count++] = (struct plain_field){slice_of("ExeRtn"), slice_of("1")};
    exchanges_hear(&scene->turn, &message);
    assert_string_equal("requested requested", scene->told);
    end(scene);
}

static void test_exchanges__a_2005_answer_bears_the_qn_in_cp(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2005);
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\""));
    static struct message message;
    message = (struct message){.format = FORMAT_HJ212, .cn_code = 9012, .st_code = 91};
    message.fields[message.field_count++] =
        (struct plain_field){slice_of("QN"), slice_of(scene->qn)};
    message.fields[message.field_count++] = (struct plain_field){slice_of("ExeRtn"), slice_of("1")};
    exchanges_hear(&scene->turn, &message);
    assert_string_equal("requested done", scene->told);
    end(scene);
}

static void test_exchanges__patience_is_overtime_times_recount_then_the_row(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    assert_int_equal(
        EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\",\"overtime_s\":5,\"recount\":2"));
    char first[600];
    snprintf(first, sizeof first, "%s", scene->segment);
    pass(scene, 4);
    assert_int_equal(1, scene->sent);
    pass(scene, 10);
    assert_int_equal(3, scene->sent);
    assert_string_equal(first, scene->segment); /* the same QN, to the byte */
    assert_string_equal("requested requested requested", scene->told);
    pass(scene, 1);
    assert_string_equal("requested requested requested timed-out", scene->told);

    scene->told[0] = '\0';
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\""));
    pass(scene, 9);
    answer(scene, 9011, "QnRtn", "1", "");
    pass(scene, 59);
    assert_string_equal("requested accepted", scene->told); /* accepted is never asked twice */
    pass(scene, 1);
    assert_string_equal("requested accepted timed-out", scene->told);
    end(scene);
}

static void test_exchanges__time_stands_while_the_hub_is_deaf(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\""));
    scene->turn.wall.ms += 3600 * 1000;
    exchanges_time(&scene->turn);
    assert_string_equal("requested", scene->told);
    end(scene);
}

static void test_exchanges__a_restart_ends_what_is_open_as_unknown(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\""));
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1062\",\"RtdInterval\":\"30\""));
    exchanges_restart(&scene->turn);
    assert_string_equal("requested requested unknown unknown", scene->told);
    unsigned sent = scene->sent;
    pass(scene, 1000);
    assert_int_equal(sent, scene->sent);
    answer(scene, 9011, "QnRtn", "1", "");  /* nothing new */
    answer(scene, 9012, "ExeRtn", "1", ""); /* what became of the second, after all */
    answer(scene, 9012, "ExeRtn", "1", ""); /* told once */
    assert_string_equal("requested requested unknown unknown done", scene->told);
    assert_true(scene->late);
    assert_int_equal(sent, scene->sent);
    struct exchange_figures figures = exchanges_figures(scene->turn.state);
    assert_int_equal(0, figures.open);
    assert_int_equal(2, figures.ended[EXCHANGE_UNKNOWN]);
    assert_int_equal(0, figures.ended[EXCHANGE_DONE]);
    end(scene);
}

static void test_exchanges__a_qn_is_given_once_however_the_clock_steps(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    char before[18] = "";
    static const int64_t STEPS_MS[] = {0, 0, -5000, 1, 0};
    for (size_t i = 0; i < sizeof STEPS_MS / sizeof STEPS_MS[0]; i++) {
        scene->turn.wall.ms += STEPS_MS[i];
        assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\""));
        assert_true(strcmp(before, scene->qn) < 0);
        memcpy(before, scene->qn, sizeof before);
        answer(scene, 9012, "ExeRtn", "1", "");
    }
    end(scene);
}

static void test_exchanges__a_new_registry_keeps_what_it_can(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    struct scene *later = begin(EDITION_2017);
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\""));
    memcpy(later->qn, scene->qn, sizeof later->qn);
    exchanges_drop(&scene->turn, &later->registry); /* it has the device: nothing is dropped */
    exchanges_carry(&scene->registry, scene->turn.state, &later->registry, later->turn.state);
    answer(later, 9012, "ExeRtn", "1", "");
    assert_string_equal("done", later->told);

    struct scene *moved = begin(EDITION_2017); /* the same devices, in another order */
    moved->registry.device_by_mn = table_new(&moved->registry.arena, 2);
    table_add(&moved->registry.device_by_mn, DEVICES[0].mn, 1);
    table_add(&moved->registry.device_by_mn, DEVICES[1].mn, 0);
    exchanges_carry(&scene->registry, scene->turn.state, &moved->registry, moved->turn.state);
    exchanges_restart(&moved->turn);
    assert_int_equal(1, moved->device);
    end(moved);

    later->registry.device_by_mn = table_new(&later->registry.arena, 1);
    exchanges_drop(&scene->turn, &later->registry); /* it has not */
    assert_string_equal("requested unknown", scene->told);
    end(scene);
    end(later);
}

static void test_exchanges__places_are_bounded(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    static const char *const MORE[] = {"1061", "1063", "2021"};
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1011\""));
    assert_int_equal(EXCHANGE_NOT_ALREADY_OPEN, give(scene, "\"command\":\"get-time\""));
    for (size_t i = 0; i < 3; i++) {
        char members[40];
        snprintf(members, sizeof members, "\"command\":%s", MORE[i]);
        assert_int_equal(EXCHANGE_NOT_NONE, give(scene, members));
    }
    assert_int_equal(EXCHANGE_NOT_DEVICE_BUSY, give(scene, "\"command\":\"1012\""));
    assert_int_equal(4, exchanges_figures(scene->turn.state).open);
    end(scene);
}

static void test_exchanges__what_ended_gives_its_place_to_what_begins(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    char first[18], second[18];
    for (int i = 0; i < EXCHANGES_MAX + 1; i++) {
        scene->told[0] = '\0';
        assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\",\"recount\":0"));
        memcpy(i == 0 ? first : second, scene->qn, i <= 1 ? sizeof first : 0);
        pass(scene, 10);
        assert_string_equal("requested timed-out", scene->told);
    }
    answer(scene, 9012, "ExeRtn", "1", first); /* its place is another's by now */
    assert_string_equal("requested timed-out", scene->told);
    answer(scene, 9012, "ExeRtn", "1", second);
    assert_string_equal("requested timed-out done", scene->told);
    end(scene);
}

static void test_exchanges__values_have_bounds(void **unused)
{
    (void)unused;
    static const struct {
        const char *members;
        enum exchange_refusal refusal;
    } ROWS[] = {
        {"\"command\":\"1062\",\"RtdInterval\":\"29\"", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1062\",\"RtdInterval\":\"30\"", EXCHANGE_NOT_NONE},
        {"\"command\":\"1062\",\"RtdInterval\":3600", EXCHANGE_NOT_NONE},
        {"\"command\":\"1062\",\"RtdInterval\":3601", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1062\",\"RtdInterval\":\"30;CN=3011\"", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1062\",\"RtdInterval\":null", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1064\",\"MinInterval\":7", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1064\",\"MinInterval\":0", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1064\",\"MinInterval\":60", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1064\",\"MinInterval\":12", EXCHANGE_NOT_NONE},
        {"\"command\":\"1072\",\"NewPW\":\"12345\"", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1072\",\"NewPW\":\"12 456\"", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1072\",\"NewPW\":\"a23456\"", EXCHANGE_NOT_NONE},
        {"\"command\":\"1072\",\"PW\":\"a23456\"", EXCHANGE_NOT_BAD_PARAMETER}, /* 2005's */
        {"\"command\":\"1012\",\"SystemTime\":\"20260230000000\"", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1012\",\"SystemTime\":\"20260228000000999\"", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"3016\",\"PolId\":\"w01018\",\"CstartTime\":\"246000\",\"Ctime\":2",
            EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"3016\",\"PolId\":\"w01018\",\"CstartTime\":\"235959\",\"Ctime\":25",
            EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"3016\",\"PolId\":\"w01018\",\"CstartTime\":\"235959\",\"Ctime\":24",
            EXCHANGE_NOT_NONE},
        {"\"command\":\"3021\",\"PolId\":\"w01018\",\"InfoId\":\"i13004\",\"i13004-Info\":\"a&&b\"",
            EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"3021\",\"PolId\":\"w01018\",\"InfoId\":\"i13004\"",
            EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"2061\",\"BeginTime\":\"20260101000000\"", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"3020\",\"PolId\":\"w01018\",\"InfoId\":\"i11001\",\"EndTime\":"
         "\"20260101000000\"",
            EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"3011\",\"PolId\":\"a21026\",\"CalibrationType\":1",
            EXCHANGE_NOT_BAD_PARAMETER}, /* 2025's */
        {"\"command\":\"1012\",\"overtime_s\":0", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"1012\",\"recount\":100", EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"9014\"", EXCHANGE_NOT_NO_SUCH_COMMAND},
        {"\"command\":\"1013\"", EXCHANGE_NOT_NO_SUCH_COMMAND},
        {"\"command\":\"1021\",\"PolId\":\"011\"", EXCHANGE_NOT_NOT_IN_EDITION},
        {"\"command\":\"2061\",\"BeginTime\":\"20260101000001\",\"EndTime\":\"20260101000000\"",
            EXCHANGE_NOT_BAD_PARAMETER},
        {"\"command\":\"\"", EXCHANGE_NOT_BAD_COMMAND},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct scene *scene = begin(EDITION_2017);
        assert_int_equal(ROWS[i].refusal, give(scene, ROWS[i].members));
        assert_int_equal(ROWS[i].refusal == EXCHANGE_NOT_NONE ? 1 : 0, scene->sent);
        end(scene);
    }
}

static void test_exchanges__nothing_is_guessed_of_a_device_that_was_never_heard(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_UNKNOWN);
    assert_int_equal(EXCHANGE_NOT_NOT_HEARD, give(scene, "\"command\":\"1012\""));
    static struct message message;
    message = (struct message){
        .format = FORMAT_HJ212, .cn_code = 2011, .st_code = 31, .edition = EDITION_2025};
    exchanges_hear(&scene->turn, &message);
    message.st_code = 44; /* stands beside 31 */
    exchanges_hear(&scene->turn, &message);
    struct exchange_peer peer = exchanges_peer(&scene->turn, 0);
    assert_int_equal(31, peer.st);
    assert_int_equal(EDITION_2025, peer.edition);
    assert_int_equal(EXCHANGE_NOT_NONE, give(scene, "\"command\":\"1012\""));
    assert_non_null(
        strstr(scene->segment, ";ST=32;CN=1012;PW=123456;MN=M1;Flag=9;CP=&&SystemTime="));
    end(scene);
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_exchanges__a_request_is_what_its_row_says),
        cmocka_unit_test(test_exchanges__data_belongs_to_a_request_by_its_time),
        cmocka_unit_test(test_exchanges__another_device_cannot_answer),
        cmocka_unit_test(test_exchanges__a_2005_answer_bears_the_qn_in_cp),
        cmocka_unit_test(test_exchanges__patience_is_overtime_times_recount_then_the_row),
        cmocka_unit_test(test_exchanges__time_stands_while_the_hub_is_deaf),
        cmocka_unit_test(test_exchanges__a_restart_ends_what_is_open_as_unknown),
        cmocka_unit_test(test_exchanges__a_qn_is_given_once_however_the_clock_steps),
        cmocka_unit_test(test_exchanges__a_new_registry_keeps_what_it_can),
        cmocka_unit_test(test_exchanges__places_are_bounded),
        cmocka_unit_test(test_exchanges__what_ended_gives_its_place_to_what_begins),
        cmocka_unit_test(test_exchanges__values_have_bounds),
        cmocka_unit_test(test_exchanges__nothing_is_guessed_of_a_device_that_was_never_heard),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
