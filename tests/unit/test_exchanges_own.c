#include "tests/unit/exchange_scene.h"

/* Data of device 0, ST=31, of this time; NULL: without one. */
static void data(struct scene *scene, int cn, const char *at)
{
    static struct message message;
    message = (struct message){.format = FORMAT_HJ212, .cn_code = cn, .st_code = 31};
    message.edition = DEVICES[0].edition;
    message.qn = slice_of("20260101000000000");
    message.has_data_time = at != NULL && event_time_from_cst(slice_of(at), &message.data_time);
    exchanges_hear(&scene->turn, &message);
}

/* CN and CP of what was sent last; nothing since: "". */
static const char *sent(struct scene *scene)
{
    static char words[600];
    snprintf(words, sizeof words, "%s", scene->segment);
    const char *cn = strstr(words, "CN=");
    char *behind = strstr(words, ";PW=");
    const char *cp = strstr(scene->segment, "CP=&&");
    if (cn == NULL || behind == NULL || cp == NULL) {
        return "";
    }
    memmove(words, cn + 3, (size_t)(behind - cn - 3));
    snprintf(words + (behind - cn - 3), 300, " %.*s", (int)(strlen(cp) - 7), cp + 5);
    scene->segment[0] = '\0';
    return words;
}

/* The minutes pass, and the device is heard in each. */
static void live(struct scene *scene, int minutes)
{
    for (int i = 0; i < minutes; i++) {
        pass(scene, 60);
        data(scene, 2011, NULL);
    }
}

static void obey(struct scene *scene)
{
    answer(scene, 9011, "QnRtn", "1", "");
    answer(scene, 9012, "ExeRtn", "1", "");
}

/* --- first contact --- */

static void expect_contact(struct scene *scene, const char *const *wanted)
{
    for (size_t i = 0; wanted[i] != NULL; i++) {
        assert_string_equal(wanted[i], sent(scene));
        obey(scene);
    }
    live(scene, 30);
    assert_string_equal("", sent(scene));
}

static void test_own__first_contact_goes_row_by_row(void **unused)
{
    (void)unused;
    static const struct {
        enum edition edition;
        int32_t interval_s;
        const char *wanted[8];
    } ROWS[] = {
        {EDITION_2017, 60,
            {"1012 SystemTime=20260101080000", "1000 OverTime=10;ReCount=3", "1062 RtdInterval=60",
                "1064 MinInterval=10", "2011 ", "2021 "}},
        {EDITION_2025, 10, /* no interval that the standard has */
            {"1012 SystemTime=20260101080000", "1000 OverTime=10;ReCount=3", "1064 MinInterval=10",
                "2011 ", "2021 "}},
        {EDITION_2005, 10, /* has no minute interval to set, and any real-time interval */
            {"1012 SystemTime=20260101080000", "1000 OverTime=10;ReCount=3", "1062 RtdInterval=10",
                "2011 ", "2021 "}},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct scene *scene = begin(ROWS[i].edition);
        DEVICES[0].interval_s = ROWS[i].interval_s;
        DEVICES[0].first_contact = true;
        data(scene, 2011, NULL);
        expect_contact(scene, ROWS[i].wanted);
        end(scene);
    }
}

static void test_own__nobody_is_set_who_did_not_ask_for_it(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    data(scene, 2011, NULL);
    data(scene, 2081, NULL);
    live(scene, 90);
    assert_int_equal(0, scene->sent);
    DEVICES[0].first_contact = true; /* a reload: it counts from the next frame on */
    data(scene, 2011, NULL);
    assert_int_equal(1, scene->sent);
    end(scene);
}

static void test_own__contact_begins_anew_after_silence_or_power_on(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    DEVICES[0].first_contact = true;
    data(scene, 2011, NULL);
    for (int i = 0; i < 6; i++) {
        obey(scene);
    }
    assert_int_equal(6, scene->sent);
    pass(scene, 3599);
    data(scene, 2011, NULL);
    assert_int_equal(6, scene->sent);
    pass(scene, 3600);
    data(scene, 2011, NULL);
    assert_int_equal(7, scene->sent);
    for (int i = 0; i < 6; i++) {
        obey(scene);
    }
    data(scene, 2081, NULL);
    assert_int_equal(13, scene->sent);
    end(scene);
}

static void test_own__a_restart_goes_on_with_the_row_after_the_unknown_one(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    DEVICES[0].first_contact = true;
    data(scene, 2011, NULL);
    obey(scene);
    assert_string_equal("1000 OverTime=10;ReCount=3", sent(scene));
    exchanges_restart(&scene->turn);
    assert_string_equal("", sent(scene));
    pass(scene, 1);
    assert_string_equal("1062 RtdInterval=60", sent(scene));
    end(scene);
}

static void test_own__while_the_session_is_not_up_nothing_is_asked(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    DEVICES[0].first_contact = true;
    scene->turn.up = false;
    data(scene, 1013, NULL);
    data(scene, 2011, NULL);
    pass(scene, 5);
    assert_int_equal(0, scene->sent);
    scene->turn.up = true;
    data(scene, 2011, NULL);
    assert_int_equal(1, scene->sent);
    end(scene);
}

static void test_own__a_clock_is_set_on_its_device_s_wish(void **unused)
{
    (void)unused;
    struct scene *scene = begin(EDITION_2017);
    data(scene, 2011, NULL);
    pass(scene, 2);
    answer(scene, 1013, "PolId", "w01018", "20260101000000000");
    assert_string_equal("1012 PolId=w01018;SystemTime=20260101080002", sent(scene));
    obey(scene);
    pass(scene, 59);
    data(scene, 1013, NULL);
    assert_string_equal("", sent(scene)); /* it wishes all the time */
    pass(scene, 1);
    data(scene, 1013, NULL);
    assert_string_equal("1012 SystemTime=20260101080102", sent(scene));
    end(scene);
}

static void test_own__a_county_that_comes_up_leaves_room_for_officers(void **unused)
{
    (void)unused;
    enum { COUNTY = 400 };
    static struct device county[COUNTY];
    static char names[COUNTY][8];
    static struct message message;
    struct scene *scene = begin(EDITION_2017);
    free(scene->turn.state);
    scene->turn.state = calloc(1, exchanges_state_size(COUNTY));
    scene->registry.devices = county;
    scene->registry.device_count = COUNTY;
    for (uint32_t i = 0; i < COUNTY; i++) {
        snprintf(names[i], sizeof names[i], "C%u", i);
        county[i] = DEVICES[0];
        county[i].mn = slice_of(names[i]);
        county[i].first_contact = true;
    }
    for (uint32_t i = 0; i < COUNTY; i++) {
        message =
            (struct message){.format = FORMAT_HJ212, .cn_code = 2011, .st_code = 31, .device = i};
        exchanges_hear(&scene->turn, &message);
    }
    assert_int_equal(EXCHANGES_OWN_MAX, exchanges_figures(scene->turn.state).open);
    struct order order = {.device = COUNTY - 1,
        .row = request_of(1011),
        .edition = EDITION_2017,
        .st = 31,
        .overtime_s = 10,
        .by = slice_of("li"),
        .id = slice_of("1")};
    assert_int_equal(EXCHANGE_NOT_NONE, exchanges_ask(&scene->turn, &order));
    pass(scene, 400); /* each of them timed out four times, and the others had their turn */
    assert_true(exchanges_figures(scene->turn.state).ended[EXCHANGE_TIMED_OUT] > COUNTY);
    end(scene);
}

/* --- lost data --- */

static struct scene *begin_lost(enum edition edition)
{
    struct scene *scene = begin(edition);
    DEVICES[0].lost_data = true;
    data(scene, 2011, NULL);
    return scene;
}

static void test_own__lost_hours_are_asked_for_once_and_politely(void **unused)
{
    (void)unused;
    static const char WANTED[] = "2061 BeginTime=20260101060000;EndTime=20260101070000";
    struct scene *scene = begin_lost(EDITION_2017);
    data(scene, 2061, "20260101050000");
    data(scene, 2061, "20260101080000");
    live(scene, 9);
    assert_string_equal("", sent(scene));
    live(scene, 1);
    assert_string_equal(WANTED, sent(scene));
    answer(scene, 9011, "QnRtn", "1", "");
    data(scene, 2061, "20260101060000");
    answer(scene, 9012, "ExeRtn", "1", "");
    live(scene, 120); /* one of the two never came; it was asked for */
    assert_int_equal(1, scene->sent);
    assert_int_equal(1, exchanges_figures(scene->turn.state).gaps);
    end(scene);
}

static void test_own__who_resends_by_himself_is_let_go_on(void **unused)
{
    (void)unused;
    struct scene *scene = begin_lost(EDITION_2025);
    data(scene, 2061, "20260101050000");
    data(scene, 2061, "20260101090000");
    live(scene, 50);
    data(scene, 2061, "20260101060000");
    live(scene, 50);
    assert_int_equal(0, scene->sent); /* 2025: an hour since the last that came */
    data(scene, 2061, "20260101080000");
    live(scene, 59);
    assert_int_equal(0, scene->sent);
    live(scene, 2);
    assert_string_equal("2061 BeginTime=20260101070000;EndTime=20260101070000", sent(scene));
    end(scene);
}

static void test_own__what_timed_out_is_asked_for_three_times(void **unused)
{
    (void)unused;
    struct scene *scene = begin_lost(EDITION_2017);
    data(scene, 2031, "20251228000000");
    data(scene, 2031, "20251231000000");
    live(scene, 300);
    assert_int_equal(3 * 4, scene->sent); /* each with its three repeats */
    assert_string_equal("2031 BeginTime=20251229000000;EndTime=20251230000000", sent(scene));
    end(scene);
}

static void test_own__a_refusal_or_a_restart_is_an_answer(void **unused)
{
    (void)unused;
    for (int restart = 0; restart < 2; restart++) {
        struct scene *scene = begin_lost(EDITION_2017);
        data(scene, 2061, "20260101050000");
        data(scene, 2061, "20260101080000");
        live(scene, 10);
        assert_int_equal(1, scene->sent);
        if (restart == 1) {
            exchanges_restart(&scene->turn);
        } else {
            answer(scene, 9011, "QnRtn", "2", "");
        }
        live(scene, 120);
        assert_int_equal(1, scene->sent);
        end(scene);
    }
}

static void test_own__a_long_gap_is_asked_for_in_pieces(void **unused)
{
    (void)unused;
    static const char *const WANTED[] = {
        "2051 BeginTime=20260101000000;EndTime=20260101095000",
        "2051 BeginTime=20260101100000;EndTime=20260101195000",
        "2051 BeginTime=20260101200000;EndTime=20260101233000",
    };
    struct scene *scene = begin_lost(EDITION_2017);
    data(scene, 2051, "20251231235000");
    data(scene, 2051, "20260101234000");
    for (size_t i = 0; i < 3; i++) {
        live(scene, 10);
        assert_string_equal(WANTED[i], sent(scene));
        obey(scene);
    }
    live(scene, 60);
    assert_string_equal("", sent(scene));
    end(scene);
}

static void test_own__a_device_is_asked_so_often_a_day(void **unused)
{
    (void)unused;
    struct scene *scene = begin_lost(EDITION_2017);
    DEVICES[0].minute_interval = 1;
    scene->turn.wall.ms -= 8 * HOUR_MS; /* midnight */
    data(scene, 2051, "20251231235900");
    data(scene, 2051, "20260104000000"); /* three days of minutes: 72 requests of an hour */
    for (int minute = 0; minute < 1400; minute++) {
        live(scene, 1);
        obey(scene);
    }
    assert_int_equal(24, scene->sent);
    for (int minute = 0; minute < 100; minute++) {
        live(scene, 1);
        obey(scene);
    }
    assert_true(scene->sent > 24); /* the next day */
    end(scene);
}

static void test_own__only_what_can_be_asked_is(void **unused)
{
    (void)unused;
    struct scene *scene = begin_lost(EDITION_2017);
    DEVICES[0].lost_data = false;
    data(scene, 2061, "20260101050000");
    data(scene, 2061, "20260101080000");
    live(scene, 30);
    assert_int_equal(0, scene->sent);
    DEVICES[0].lost_data = true;
    pass(scene, 3 * 60 + 61); /* away */
    unsigned before = scene->sent;
    pass(scene, 600);
    assert_int_equal(before, scene->sent);
    end(scene);
}

static void test_own__what_came_is_no_gap(void **unused)
{
    (void)unused;
    struct scene *scene = begin_lost(EDITION_2017);
    data(scene, 2061, "20260101050000");
    data(scene, 2061, "20260101060000");
    data(scene, 2061, "20260101070000");
    data(scene, 2061, "20260101050000");
    data(scene, 2051, "20260101050001"); /* no period's start: which one it means is not known */
    data(scene, 2051, "20260101080001");
    live(scene, 30);
    assert_int_equal(0, scene->sent);
    assert_int_equal(0, exchanges_figures(scene->turn.state).gaps);
    end(scene);
}

static void test_own__two_kinds_are_asked_for_one_after_the_other(void **unused)
{
    (void)unused;
    struct scene *scene = begin_lost(EDITION_2017);
    data(scene, 2061, "20260101050000");
    data(scene, 2061, "20260101080000");
    data(scene, 2031, "20251228000000");
    data(scene, 2031, "20251231000000");
    live(scene, 10);
    assert_string_equal("2031 BeginTime=20251229000000;EndTime=20251230000000", sent(scene));
    obey(scene);
    live(scene, 9);
    assert_string_equal("", sent(scene));
    live(scene, 1);
    assert_string_equal("2061 BeginTime=20260101060000;EndTime=20260101070000", sent(scene));
    end(scene);
}

static void test_own__what_is_older_than_a_week_is_let_be(void **unused)
{
    (void)unused;
    struct scene *scene = begin_lost(EDITION_2017);
    data(scene, 2031, "20251101000000");
    data(scene, 2031, "20251231000000");
    live(scene, 10);
    assert_string_equal("2031 BeginTime=20251224000000;EndTime=20251230000000", sent(scene));
    end(scene);
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_own__first_contact_goes_row_by_row),
        cmocka_unit_test(test_own__nobody_is_set_who_did_not_ask_for_it),
        cmocka_unit_test(test_own__contact_begins_anew_after_silence_or_power_on),
        cmocka_unit_test(test_own__a_restart_goes_on_with_the_row_after_the_unknown_one),
        cmocka_unit_test(test_own__while_the_session_is_not_up_nothing_is_asked),
        cmocka_unit_test(test_own__a_clock_is_set_on_its_device_s_wish),
        cmocka_unit_test(test_own__a_county_that_comes_up_leaves_room_for_officers),
        cmocka_unit_test(test_own__lost_hours_are_asked_for_once_and_politely),
        cmocka_unit_test(test_own__who_resends_by_himself_is_let_go_on),
        cmocka_unit_test(test_own__what_timed_out_is_asked_for_three_times),
        cmocka_unit_test(test_own__a_refusal_or_a_restart_is_an_answer),
        cmocka_unit_test(test_own__a_long_gap_is_asked_for_in_pieces),
        cmocka_unit_test(test_own__a_device_is_asked_so_often_a_day),
        cmocka_unit_test(test_own__only_what_can_be_asked_is),
        cmocka_unit_test(test_own__what_came_is_no_gap),
        cmocka_unit_test(test_own__two_kinds_are_asked_for_one_after_the_other),
        cmocka_unit_test(test_own__what_is_older_than_a_week_is_let_be),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
