#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detectors/program.h"
#include "tests/unit/check.h"
#include "validators/registry_csv.h"

/* Two power meters of one furnace and a bypass; D1 each 10 s. */
static const char *const TABLES[][2] = {
    {"area.csv", "area\n140581\n"},
    {"devices.csv", "mn,name,kind,enterprise,outlet,format,pw,interval_s\n"
                    "D1,one,meter,E1,O1,hj212,123456,10\nD2,two,bypass,E1,O1,hj212,123456,10\n"},
    {"enterprises.csv", "enterprise,name,name_en\nE1,甲厂（虚构）,Works A (fictional)\n"},
    {"equipment.csv", "equipment,name,enterprise\nF1,炉一,E1\nF2,炉二,E1\nB1,旁路,E1\n"},
    {"linkages.csv", "linkage,name,enterprise,outlet,role,equipment,mode\nL1,L1,E1,O1,production,"
                     "F1,any\nL1,L1,E1,O1,production,F2,any\nL1,L1,E1,O1,bypass,B1,any\n"},
    {"outlets.csv", "outlet,name,enterprise\nO1,烟囱,E1\n"},
    {"signals.csv", "mn,factor,field,cn,equipment,quantity,unit,rated\n"
                    "D1,p1,Rtd,2011,F1,power,kW,100\nD1,p2,Rtd,2011,F2,power,kW,100\n"
                    "D2,o1,Rtd,2011,B1,opening,%,\n"},
};
enum { D1, D2 };
enum { P1, P2, O1 };

static const char *const STATES = "- {quantity: power, unit: kW}\n"
                                  "- {quantity: opening, unit: '%'}\n"
                                  "- {quantity: open_switch, unit: ''}\n"
                                  "- {quantity: closed_switch, unit: ''}\n"
                                  "- {quantity: velocity, unit: '%'}\n"
                                  "- state: on\n"
                                  "  of: power\n"
                                  "  on_when: power >= max(10 % * rated, idle)\n"
                                  "  on_after: 20 s\n"
                                  "  off_when: power <= 3 % * rated\n"
                                  "  off_after: 30 s\n";

struct bench {
    struct registry registry;
    struct report report;
    struct program *program;
    void *state;
    struct moment moment;
    struct vote last; /* of instance 0 */
    size_t votes;
};

static struct slice joined(const char *const (*parts)[2], size_t count)
{
    static char space[16 * 1024];
    struct text text = text_in(space, sizeof space);
    for (size_t i = 0; i < count; i++) {
        text_add(&text, "--- ");
        text_add(&text, parts[i][0]);
        text_add_byte(&text, ' ');
        text_add_int(&text, (int64_t)strlen(parts[i][1]));
        text_add_byte(&text, '\n');
        text_add(&text, parts[i][1]);
        text_add_byte(&text, '\n');
    }
    assert_false(text.truncated);
    return text_slice(&text);
}

static const char *rule_text(const char *scope, const char *when, const char *rest)
{
    static char text[4096];
    snprintf(text, sizeof text,
        "%s- rule: r\n  title: {zh: 一, en: one}\n  scope: %s\n  when: %s\n  severity: S2\n"
        "  text: {zh: '{enterprise}{subject}', en: '{enterprise}'}\n"
        "  source: {cite: c, sure: s}\n%s",
        STATES, scope, when, rest);
    return text;
}

static enum status compile(struct bench *bench, const char *rules)
{
    const char *const files[][2] = {{"r.yaml", rules}};
    return program_compile(joined(files, 1), &bench->registry, &bench->program, &bench->report);
}

static struct bench *bench_of(const char *const (*tables)[2], size_t count, const char *rules)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_int_equal(
        STATUS_OK, registry_parse(joined(tables, count), &bench->registry, &bench->report));
    if (compile(bench, rules) != STATUS_OK) {
        const struct finding *finding = &bench->report.findings[0];
        fail_msg("%u:%u %.*s", finding->line, finding->column, (int)finding->words.size,
            (const char *)finding->words.ptr);
    }
    bench->state = calloc(1, program_state_size(bench->program));
    bench->moment =
        (struct moment){.hub_ms = 1000000, .listening_ms = 5000, .listening = LISTENING_YES};
    return bench;
}

static struct bench *bench_new(const char *rules)
{
    return bench_of(TABLES, sizeof TABLES / sizeof TABLES[0], rules);
}

static void bench_free(struct bench *bench)
{
    program_free(bench->program);
    registry_free(&bench->registry);
    report_free(&bench->report);
    free(bench->state);
    free(bench);
}

static void on_vote(void *context, const struct vote *vote)
{
    struct bench *bench = context;
    bench->votes += 1;
    if (vote->instance == 0) {
        bench->last = *vote;
    }
}

/* Hub time goes on, and each thing falls due at its own instant. */
static void pass(struct bench *bench, int64_t seconds)
{
    int64_t end_ms = bench->moment.hub_ms + seconds * SECOND_MS;
    for (;;) {
        int64_t due_ms = detectors_due(bench->program, bench->state);
        int64_t to_ms = due_ms < end_ms ? due_ms : end_ms;
        int64_t passed_ms = to_ms > bench->moment.hub_ms ? to_ms - bench->moment.hub_ms : 0;
        bench->moment.hub_ms += passed_ms;
        bench->moment.wall.ms += passed_ms;
        bench->moment.listening_ms += bench->moment.listening == LISTENING_YES ? passed_ms : 0;
        if (due_ms > end_ms) {
            return;
        }
        detectors_time(bench->program, bench->state, &bench->moment, on_vote, bench);
    }
}

/* A device's message with one value, its own clock being a day behind the hub's. */
static void tell(
    struct bench *bench, uint32_t device, uint32_t signal, const char *digits, bool usable)
{
    struct event_time time = {bench->moment.hub_ms - DAY_MS};
    struct sample sample = {signal, usable, atof(digits), slice_of(digits), time, DATA_FLAG_NONE};
    struct heard heard = {.device = device, .time = time, .samples = &sample, .count = 1};
    detectors_message(bench->program, bench->state, &bench->moment, &heard, on_vote, bench);
}

static void tell_for(
    struct bench *bench, uint32_t device, uint32_t signal, const char *digits, int times)
{
    for (int i = 0; i < times; i++) {
        tell(bench, device, signal, digits, true);
        pass(bench, 10);
    }
}

static void test_program__a_state_settles_after_its_time_in_both_directions(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(rule_text("linkage", "production.on", ""));
    assert_int_equal(1, program_instance_count(bench->program));
    tell_for(bench, D1, P1, "50", 1);
    assert_int_equal(TRI_UNKNOWN, bench->last.when);
    tell(bench, D1, P1, "50", true);
    pass(bench, 9);
    assert_int_equal(TRI_UNKNOWN, bench->last.when);
    pass(bench, 1);
    assert_int_equal(TRI_YES, bench->last.when); /* 20 s exactly, without a message */
    assert_true(bench->last.local_ms == bench->moment.hub_ms - DAY_MS);
    tell_for(bench, D1, P1, "5", 10); /* between the two: the last state stays */
    assert_int_equal(TRI_YES, bench->last.when);
    tell_for(bench, D1, P2, "0", 6); /* the other furnace: any of them is enough */
    tell_for(bench, D1, P1, "50", 1);
    assert_int_equal(TRI_YES, bench->last.when);
    for (int i = 0; i < 6; i++) {
        tell(bench, D1, P2, "0", true);
        tell_for(bench, D1, P1, "0", 1);
    }
    assert_int_equal(TRI_NO, bench->last.when);
    bench_free(bench);
}

static void test_program__a_value_grows_stale_after_three_intervals(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(rule_text("linkage", "bypass.opening > 5 %", ""));
    tell(bench, D2, O1, "20", true);
    assert_int_equal(TRI_YES, bench->last.when);
    pass(bench, 30);
    assert_int_equal(TRI_YES, bench->last.when);
    pass(bench, 1);
    assert_int_equal(TRI_UNKNOWN, bench->last.when);
    tell(bench, D2, O1, "5", true); /* at the bound is not beyond it */
    assert_int_equal(TRI_NO, bench->last.when);
    tell(bench, D2, O1, "20", false); /* flagged: nobody knows */
    assert_int_equal(TRI_UNKNOWN, bench->last.when);
    bench_free(bench);
}

static void test_program__of_several_equipment_none_is_lost_unseen(void **unused)
{
    (void)unused;
    struct bench *bench =
        bench_new(rule_text("linkage", "unknown_for(production.power) > 50 s", ""));
    tell(bench, D1, P1, "50", true);
    tell(bench, D1, P2, "50", true);
    for (int i = 0; i < 5; i++) { /* the second furnace's meter is broken */
        tell(bench, D1, P2, "0", false);
        tell_for(bench, D1, P1, "50", 1);
    }
    assert_int_equal(TRI_NO, bench->last.when);
    tell_for(bench, D1, P1, "50", 1);
    assert_int_equal(TRI_YES, bench->last.when);
    bench_free(bench);
}

static void test_program__says_what_the_registry_says_of_a_signal(void **unused)
{
    (void)unused;
    static const struct {
        const char *when;
        enum tri want;
    } ROWS[] = {
        {"production.power > 30 % * rated(production.power)", TRI_YES},
        {"production.power > 31.1 % * rated(production.power)", TRI_NO},
        {"production.power > max(40 kW, idle(production.power))",
            TRI_NO}, /* not given: drops out */
        {"production.power > 30 kW or production.power > normal(production.power)", TRI_YES},
        {"rated(production.power) == 100 kW", TRI_YES},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct bench *bench = bench_new(rule_text("linkage", ROWS[i].when, ""));
        tell(bench, D1, P2, "0", true);
        tell(bench, D1, P1, "31", true);
        assert_int_equal(ROWS[i].want, bench->last.when);
        bench_free(bench);
    }
}

static void test_program__a_grade_that_is_unknown_leaves_the_severity_open(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(rule_text("linkage", "bypass.opening > 5 %",
        "  grades: [{to: S1, when: production.power > 50 kW}, {to: S3, when: filed(test)}]\n"));
    tell(bench, D2, O1, "20", true);
    assert_true(bench->last.severity_unsure);
    assert_int_equal(SEVERITY_S2, bench->last.severity);
    tell(bench, D1, P2, "0", true);
    tell(bench, D1, P1, "60", true);
    assert_false(bench->last.severity_unsure);
    assert_int_equal(SEVERITY_S1, bench->last.severity);
    bench_free(bench);
}

static void test_program__unknown_is_not_absent(void **unused)
{
    (void)unused;
    static const struct {
        const char *when;
        const char *opening; /* NULL: not usable */
        enum tri want;
    } ROWS[] = {
        {"bypass.opening > 5 % or bypass.open_switch", "0", TRI_NO}, /* no such switch */
        {"bypass.opening > 5 % or not bypass.closed_switch", "6", TRI_YES},
        {"bypass.opening > 5 % or filed(test)", NULL, TRI_UNKNOWN},
        {"bypass.opening > 5 % and filed(test)", NULL, TRI_NO}, /* no decides an and */
        {"bypass.opening > 5 % or not filed(test)", NULL, TRI_YES},
        {"not (bypass.opening > 5 %)", NULL, TRI_UNKNOWN},
        {"bypass.opening > max(5 %, bypass.velocity)", "6", TRI_YES},      /* nor a velocity */
        {"bypass.opening / (bypass.opening - 6 %) > 0", "6", TRI_UNKNOWN}, /* by nothing */
        {"min(bypass.opening, 3 %) * 2 == 6 %", "9", TRI_YES},
        {"abs(2 % - bypass.opening) < 5 %", "6", TRI_YES},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct bench *bench = bench_new(rule_text("linkage", ROWS[i].when, ""));
        assert_int_equal(1, program_instance_count(bench->program));
        tell(bench, D2, O1, ROWS[i].opening == NULL ? "0" : ROWS[i].opening,
            ROWS[i].opening != NULL);
        if (bench->last.when != ROWS[i].want) {
            fail_msg("%s: %d", ROWS[i].when, (int)bench->last.when);
        }
        bench_free(bench);
    }
}

static void test_program__what_is_not_there_makes_no_instance(void **unused)
{
    (void)unused;
    static const char *const ROWS[] = {"fan.power > 5 kW", "production.on and bypass.velocity > 1",
        "not bypass.closed_switch", "mean(treatment.power, 5 min) > 1 kW"};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct bench *bench = bench_new(rule_text("linkage", ROWS[i], ""));
        assert_int_equal(0, program_instance_count(bench->program));
        bench_free(bench);
    }
}

static void test_program__absence_counts_only_while_the_hub_listens(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(rule_text("device", "device.age > 60 s", ""));
    tell(bench, D1, P1, "1", true);
    pass(bench, 30);
    bench->moment.listening = LISTENING_NO;
    pass(bench, 3600);
    tell(bench, D2, O1, "1", true);
    assert_int_equal(TRI_NO, bench->last.when);
    bench->moment.listening = LISTENING_YES;
    pass(bench, 29);
    assert_int_equal(TRI_NO, bench->last.when);
    pass(bench, 3); /* nothing comes: time alone turns it */
    assert_int_equal(TRI_YES, bench->last.when);
    bench_free(bench);
}

static void test_program__a_device_last_heard_while_a_queue_drained_is_missed(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(rule_text("device", "device.age > 60 s", ""));
    bench->moment.listening = LISTENING_NO;
    tell(bench, D1, P1, "1", true);
    bench->moment.listening = LISTENING_YES;
    pass(bench, 60);
    assert_int_equal(TRI_NO, bench->last.when);
    pass(bench, 1);
    assert_int_equal(TRI_YES, bench->last.when);
    bench_free(bench);
}

static void test_program__windows_look_back_over_what_they_have(void **unused)
{
    (void)unused;
    static const struct {
        const char *when;
        const char *values[8];
        enum tri want;
    } ROWS[] = {
        {"mean(bypass.opening, 60 s) > 5 %", {"4", "4", "4", "4", "10", "5"}, TRI_YES},
        {"mean(bypass.opening, 60 s) > 5 %", {"4", "4", "4", "4", "9", "5"}, TRI_NO},
        {"mean(bypass.opening, 60 s) > 5 %", {"9", "9", "9"}, TRI_UNKNOWN}, /* not covered */
        {"highest(bypass.opening, 30 s) > 8 %", {"9", "1", "1"}, TRI_YES},
        {"highest(bypass.opening, 30 s) > 8 %", {"9", "1", "1", "1"}, TRI_NO}, /* moved on */
        {"lowest(bypass.opening, 30 s) < 2 %", {"1", "3", "3", "3"}, TRI_NO},
        {"delta(bypass.opening, 30 s) >= 4 %", {"1", "3", "5"}, TRI_YES},
        {"rate(bypass.opening, 30 s) * 10 s >= 2 %", {"1", "3", "5"}, TRI_YES},
        {"rate(bypass.opening, 30 s) * 10 s > 2 %", {"1", "3", "5"}, TRI_NO},
        {"same_for(bypass.opening, 0) >= 20 s", {"1", "3", "3", "3"}, TRI_YES},
        {"same_for(bypass.opening, 0) >= 20 s", {"1", "3", "3.1", "3"}, TRI_NO},
        {"same_for(bypass.opening, 1 %) >= 20 s", {"1", "3", "3.1", "3"}, TRI_YES},
        {"spread(bypass.opening, 30 s) >= 6 %", {"9", "1", "3", "7"}, TRI_YES},
        {"spread(bypass.opening, 30 s) > 6 %", {"9", "1", "3", "7"}, TRI_NO},
        {"stddev(bypass.opening, 40 s) >= 2 %", {"9", "1", "5", "1", "5"}, TRI_YES},
        {"stddev(bypass.opening, 40 s) > 2 %", {"9", "1", "5", "1", "5"}, TRI_NO},
        {"median(bypass.opening, 30 s) >= 3 %", {"9", "3", "1", "9"}, TRI_YES},
        {"median(bypass.opening, 30 s) > 3 %", {"9", "3", "1", "9"}, TRI_NO},
        {"changes(bypass.opening, 30 s) == 2", {"9", "9", "1", "1", "9"}, TRI_YES},
        {"changed(bypass.opening)", {"9", "1"}, TRI_YES},
        {"changed(bypass.opening)", {"9", "1", "1"}, TRI_NO},
        {"changed(bypass.opening)", {"9"}, TRI_NO}, /* before it there was nothing */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct bench *bench = bench_new(rule_text("linkage", ROWS[i].when, ""));
        for (size_t k = 0; ROWS[i].values[k] != NULL; k++) {
            tell(bench, D2, O1, ROWS[i].values[k], true);
            if (ROWS[i].values[k + 1] != NULL) {
                pass(bench, 10);
            }
        }
        if (bench->last.when != ROWS[i].want) {
            fail_msg("%zu %s: %d", i, ROWS[i].when, (int)bench->last.when);
        }
        bench_free(bench);
    }
}

/* What a rule computes for itself, told from 10 s to 10 s; the device's day begins 0 s after the first. */
static void test_program__lets_are_looked_back_over(void **unused)
{
    (void)unused;
    static const struct {
        const char *lets, *when;
        const char *values[10]; /* "?": flagged as not usable */
        enum tri want;
    } ROWS[] = {
        {"open: bypass.opening > 5 %", "held(open) >= 20 s", {"1", "9", "9", "9"}, TRI_YES},
        {"open: bypass.opening > 5 %", "held(open) >= 20 s", {"1", "9", "9", "1", "9", "9"},
            TRI_NO},
        {"open: bypass.opening > 5 %", "held(open) >= 20 s", {"9", "?", "9", "9"}, TRI_YES},
        {"open: bypass.opening > 5 %", "held(open) > 20 s", {"9", "?", "9", "9"}, TRI_NO},
        {"open: bypass.opening > 5 %", "held(open) > 0 s", {"?"}, TRI_UNKNOWN},
        {"open: bypass.opening > 5 %", "time(open, 60 s) >= 20 s",
            {"9", "1", "9", "1", "1", "1", "1"}, TRI_YES},
        {"open: bypass.opening > 5 %", "time(open, 60 s) >= 20 s", {"9", "1", "1", "1", "1", "1"},
            TRI_NO},
        {"open: bypass.opening > 5 %", "time(open, 60 s) >= 10 s", {"9", "1", "1", "1"},
            TRI_UNKNOWN},
        {"open: bypass.opening > 5 %", "share(open, 60 s) == 50 %",
            {"9", "9", "9", "1", "1", "1", "1"}, TRI_YES},
        {"open: bypass.opening > 5 %", "times(open, 60 s) == 2",
            {"1", "9", "1", "9", "9", "1", "1"}, TRI_YES},
        {"open: bypass.opening > 5 %", "times(open, 60 s) == 2",
            {"9", "9", "1", "9", "9", "1", "1"}, TRI_NO},
        {"open: bypass.opening > 5 %", "starting(open, 20 s)", {"1", "9", "9"}, TRI_YES},
        {"open: bypass.opening > 5 %", "starting(open, 20 s)", {"1", "9", "9", "9"}, TRI_NO},
        {"open: bypass.opening > 5 %", "starting(open, 20 s)", {"9"},
            TRI_NO}, /* maybe long since */
        {"open: bypass.opening > 5 %", "stopping(open, 20 s)", {"9", "1", "1"}, TRI_YES},
        {"open: bypass.opening > 5 %", "stopping(open, 20 s)", {"9", "1", "1", "1"}, TRI_NO},
        {"double: 2 * bypass.opening", "mean(double, 40 s) == 10 %", {"9", "3", "7", "3", "7"},
            TRI_YES},
        {"double: 2 * bypass.opening", "mean(double, 40 s) > 0", {"9", "9"}, TRI_UNKNOWN},
        {"open: bypass.opening > 5 %, wide: 'where(open, bypass.opening)'",
            "mean(wide, 60 s) == 8 %", {"7", "1", "9", "1", "8", "8"},
            TRI_YES}, /* what is shut is set aside */
        {"wide: 'where(bypass.opening > 5 %, bypass.opening)'", "wide > 5 %", {"1"}, TRI_UNKNOWN},
        {"a: bypass.opening > 5 %, b: not a", "b and held(b) >= 10 s", {"9", "1", "1"}, TRI_YES},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char rest[200];
        snprintf(rest, sizeof rest, "  let: {%s}\n", ROWS[i].lets);
        struct bench *bench = bench_new(rule_text("linkage", ROWS[i].when, rest));
        for (size_t k = 0; ROWS[i].values[k] != NULL; k++) {
            bool usable = ROWS[i].values[k][0] != '?';
            tell(bench, D2, O1, ROWS[i].values[k], usable);
            if (ROWS[i].values[k + 1] != NULL) {
                pass(bench, 10);
            }
        }
        if (bench->last.when != ROWS[i].want) {
            fail_msg("%zu %s: %d", i, ROWS[i].when, (int)bench->last.when);
        }
        bench_free(bench);
    }
}

static void test_program__time_alone_ends_what_it_is_to_end(void **unused)
{
    (void)unused;
    static const struct {
        const char *when;
        int64_t after_s; /* the first message said no, the second, 10 s later, yes */
    } ROWS[] = {
        {"held(open) > 15 s", 16},
        {"held(open) >= 15 s", 15},
        {"time(open, this hour) >= 15 s", 15},
        {"not starting(open, 15 s) and open", 15},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct bench *bench =
            bench_new(rule_text("linkage", ROWS[i].when, "  let: {open: bypass.opening > 5 %}\n"));
        bench->moment.hub_ms = DAY_MS + 20 * HOUR_MS - SECOND_MS; /* 03:59:59 of the device's day */
        tell_for(bench, D2, O1, "1", 1);
        tell(bench, D2, O1, "9", true);
        pass(bench, ROWS[i].after_s - 1);
        assert_int_equal(TRI_NO, bench->last.when);
        pass(bench, 1);
        if (bench->last.when != TRI_YES) {
            fail_msg("%s: %d", ROWS[i].when, (int)bench->last.when);
        }
        bench_free(bench);
    }
}

static void test_program__a_clock_goes_by_the_devices_time(void **unused)
{
    (void)unused;
    struct bench *bench =
        bench_new(rule_text("linkage", "bypass.opening > 5 % and clock(22:00, 06:00)", ""));
    bench->moment.hub_ms = DAY_MS + 14 * HOUR_MS - 10 * SECOND_MS; /* 21:59:50 there */
    tell(bench, D2, O1, "9", true);
    assert_int_equal(TRI_NO, bench->last.when);
    pass(bench, 9);
    assert_int_equal(TRI_NO, bench->last.when);
    pass(bench, 1);
    assert_int_equal(TRI_YES, bench->last.when);
    bench->moment.hub_ms = DAY_MS + 22 * HOUR_MS - 10 * SECOND_MS;
    tell(bench, D2, O1, "9", true);
    assert_int_equal(TRI_YES, bench->last.when);
    pass(bench, 10);
    assert_int_equal(TRI_NO, bench->last.when);
    bench_free(bench);
}

/* The device's clock is at 23:59:30 of a day of China when it is first heard. */
static struct bench *bench_before_midnight(const char *when, const char *rest)
{
    struct bench *bench = bench_new(rule_text("linkage", when, rest));
    bench->moment.hub_ms = DAY_MS + 40 * HOUR_MS - 30 * SECOND_MS;
    return bench;
}

static void test_program__a_daily_rule_votes_when_the_day_is_over_and_late_data_is_in(void **unused)
{
    (void)unused;
    struct bench *bench = bench_before_midnight(
        "time(open, last day) > 4 h", "  each: day\n  let: {open: bypass.opening > 5 %}\n");
    tell_for(bench, D2, O1, "1", 15);
    assert_int_equal(0, bench->votes); /* 00:02:00 */
    tell_for(bench, D2, O1, "1", 45);
    assert_int_equal(1, bench->votes);
    assert_int_equal(TRI_UNKNOWN, bench->last.when); /* half a minute of that day was seen */
    for (int hour = 0; hour < 24; hour++) {
        for (int i = 0; i < 360; i++) {
            tell_for(bench, D2, O1, hour < 5 ? "9" : "1", 1);
        }
        assert_int_equal(hour == 23 ? 2 : 1, bench->votes);
    }
    assert_int_equal(TRI_YES, bench->last.when);
    assert_true((bench->last.local_ms - (40 + 24) * (int64_t)HOUR_MS) == 120 * SECOND_MS + 1);
    assert_true(bench->last.event.ms == (40 + 24) * (int64_t)HOUR_MS);
    pass(bench, 3600); /* silent, and no other day has ended */
    assert_int_equal(2, bench->votes);
    pass(bench, 24 * 3600); /* the next one ends without a message; most of it is not known */
    assert_int_equal(3, bench->votes);
    assert_int_equal(TRI_UNKNOWN, bench->last.when);
    bench_free(bench);
}

static void test_program__scopes_wider_than_a_linkage(void **unused)
{
    (void)unused;
    static const struct {
        const char *scope, *when;
        uint32_t instances;
        const char *first; /* subject */
        enum tri want;     /* of the first, with 9 % of opening, 50 and 5 kW */
    } ROWS[] = {
        {"equipment", "equipment.power > 40 kW", 2, "F1", TRI_YES},
        {"equipment", "equipment.opening > 5 % and production.power > 40 kW", 1, "B1", TRI_YES},
        {"enterprise", "enterprise.power > 40 kW", 1, "E1", TRI_YES},
        {"enterprise", "enterprise.power > 50 kW", 1, "E1", TRI_NO},
        {"enterprise", "bypass.opening > 5 % and production.power > 40 kW", 1, "E1", TRI_YES},
        {"enterprise", "enterprise.velocity > 5 %", 0, NULL, TRI_NO},
        {"area", "clock(00:00, 12:00)", 1, "140581", TRI_NO},
        {"town", "clock(00:00, 12:00)", 0, NULL, TRI_NO}, /* no enterprise says its town */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct bench *bench = bench_new(rule_text(ROWS[i].scope, ROWS[i].when, ""));
        assert_int_equal(ROWS[i].instances, program_instance_count(bench->program));
        bench->moment.hub_ms = 12 * HOUR_MS; /* 20:00 in China */
        tell(bench, D1, P2, "5", true);
        tell(bench, D1, P1, "50", true);
        tell(bench, D2, O1, "9", true);
        pass(bench, 0);
        if (ROWS[i].first != NULL) {
            struct slice subject = program_instance(bench->program, 0)->subject;
            assert_true(slice_is(subject, ROWS[i].first));
            if (bench->last.when != ROWS[i].want) {
                fail_msg("%s: %d", ROWS[i].when, (int)bench->last.when);
            }
        }
        bench_free(bench);
    }
}

static void test_program__what_has_no_device_is_asked_once_a_minute(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(rule_text("area", "clock(00:00, 12:00)", ""));
    pass(bench, 0);
    size_t votes = bench->votes;
    pass(bench, 600);
    assert_int_equal(votes + 10, bench->votes);
    bench_free(bench);
}

static void test_program__a_reload_keeps_what_a_rule_remembers_for_itself(void **unused)
{
    (void)unused;
    static const char REST[] = "  let: {open: bypass.opening > 5 %}\n";
    struct bench *bench = bench_new(rule_text("linkage", "held(open) >= 60 s", REST));
    tell_for(bench, D2, O1, "9", 5);
    for (int turn = 0; turn < 2; turn++) { /* the same rule, then another */
        struct program *old = bench->program;
        void *old_state = bench->state;
        const char *when = turn == 0 ? "held(open) >= 60 s" : "held(open) >= 65 s";
        assert_int_equal(STATUS_OK, compile(bench, rule_text("linkage", when, REST)));
        bench->state = calloc(1, program_state_size(bench->program));
        detectors_carry(old, old_state, bench->program, bench->state);
        tell_for(bench, D2, O1, "9", 1);
        tell(bench, D2, O1, "9", true);
        assert_int_equal(turn == 0 ? TRI_YES : TRI_NO, bench->last.when);
        program_free(old);
        free(old_state);
    }
    bench_free(bench);
}

static void test_program__unknown_too_long_is_seen_on_time(void **unused)
{
    (void)unused;
    struct bench *bench =
        bench_new(rule_text("linkage", "unknown_for(bypass.opening) > 5 min", ""));
    tell(bench, D2, O1, "1", true);
    pass(bench, 300);
    assert_int_equal(TRI_NO, bench->last.when);
    pass(bench, 1);
    assert_int_equal(TRI_YES, bench->last.when);
    tell(bench, D2, O1, "1", true);
    assert_int_equal(TRI_NO, bench->last.when);
    bench_free(bench);
}

static void test_program__a_reload_keeps_what_did_not_change(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(
        rule_text("linkage", "production.on and mean(production.power, 60 s) > 40 kW", ""));
    for (int i = 0; i < 8; i++) {
        tell(bench, D1, P2, "1", true); /* of both furnaces the greater mean */
        tell_for(bench, D1, P1, "50", 1);
    }
    assert_int_equal(TRI_YES, bench->last.when);
    struct program *old = bench->program;
    void *old_state = bench->state;
    assert_int_equal(STATUS_OK,
        compile(bench,
            rule_text("linkage", "production.on and mean(production.power, 60 s) > 45 kW", "")));
    bench->state = calloc(1, program_state_size(bench->program));
    detectors_carry(old, old_state, bench->program, bench->state);
    bench->last.when = TRI_UNKNOWN;
    pass(bench, 0); /* everything is asked anew at once */
    assert_int_equal(TRI_YES, bench->last.when);
    program_free(old);
    free(old_state);
    bench_free(bench);
}

static void tell_often(struct bench *bench, int times)
{
    struct heard heard = {
        .device = D1, .time = {bench->moment.hub_ms}, .cn = 2011, .verdict = VERDICT_ACCEPTED};
    for (int i = 0; i < times; i++) {
        detectors_message(bench->program, bench->state, &bench->moment, &heard, on_vote, bench);
    }
}

/* Each kind of tally has a size of its own; a part is full at 65,535 and begins no second time. */
static void test_program__messages_are_counted_until_a_part_is_full(void **unused)
{
    (void)unused;
    static const char WHEN[] = "verdicts(any, 12 min) >= 65535 and verdicts(any, 12 min) <= 65536 "
                               "and came(2011, this day) == 65541 and silent_for(2011) < 90 s";
    struct bench *bench = bench_new(rule_text("device", WHEN, ""));
    bench->moment.hub_ms = bench->moment.wall.ms = DAY_MS;
    tell_often(bench, 65534);
    assert_int_equal(TRI_NO, bench->last.when);
    tell_often(bench, 6);
    assert_int_equal(TRI_NO, bench->last.when); /* one is missing of the day */
    pass(bench, 60);
    tell_often(bench, 1); /* in the next part */
    assert_int_equal(TRI_YES, bench->last.when);
    struct program *old = bench->program;
    void *old_state = bench->state;
    assert_int_equal(STATUS_OK, compile(bench, rule_text("device", WHEN, "  raise_after: 1 s\n")));
    bench->state = calloc(1, program_state_size(bench->program));
    detectors_carry(old, old_state, bench->program, bench->state);
    bench->last.when = TRI_UNKNOWN;
    pass(bench, 0);
    assert_int_equal(TRI_YES, bench->last.when);
    pass(bench, 90);
    assert_int_equal(TRI_NO, bench->last.when);
    program_free(old);
    free(old_state);
    bench_free(bench);
}

/* Of less than twelve seconds there are as many parts as seconds. */
static void test_program__messages_of_few_seconds_are_forgotten_by_the_second(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(rule_text("device", "verdicts(any, 5 s) >= 3", ""));
    bench->moment.hub_ms = bench->moment.wall.ms = DAY_MS;
    tell_often(bench, 2);
    pass(bench, 2);
    tell_often(bench, 1);
    assert_int_equal(TRI_YES, bench->last.when);
    pass(bench, 2);
    assert_int_equal(TRI_YES, bench->last.when);
    pass(bench, 1);
    assert_int_equal(TRI_NO, bench->last.when);
    bench_free(bench);
}

/* What never held has nothing to clear: its clearing is not asked, unless a late alarm may be what clears. */
static void test_program__clearing_is_asked_of_what_has_held(void **unused)
{
    (void)unused;
    static const char REST[] = "  clear_when: bypass.opening < 2 %\n";
    struct bench *bench = bench_new(rule_text("linkage", "bypass.opening > 5 %", REST));
    tell(bench, D2, O1, "3", true);
    assert_int_equal(TRI_YES, bench->last.clear); /* as the condition does not hold */
    bench->moment.late_active = true;
    tell(bench, D2, O1, "3", true);
    assert_int_equal(TRI_NO, bench->last.clear);
    bench->moment.late_active = false;
    tell(bench, D2, O1, "9", true);
    assert_int_equal(TRI_NO, bench->last.clear);
    tell(bench, D2, O1, "3", true);
    assert_int_equal(TRI_NO, bench->last.clear);
    struct program *old = bench->program;
    void *old_state = bench->state;
    assert_int_equal(STATUS_OK, compile(bench, rule_text("linkage", "bypass.opening > 5 %", REST)));
    bench->state = calloc(1, program_state_size(bench->program));
    detectors_carry(old, old_state, bench->program, bench->state);
    tell(bench, D2, O1, "3", true);
    assert_int_equal(TRI_NO, bench->last.clear); /* that it held outlives a reload */
    tell(bench, D2, O1, "1", true);
    assert_int_equal(TRI_YES, bench->last.clear);
    program_free(old);
    free(old_state);
    bench_free(bench);
}

/* A reload onto a registry whose devices.csv reads so; what the instance votes then. */
static enum tri vote_after_reload(struct bench *bench, const char *devices)
{
    const char *parts[sizeof TABLES / sizeof TABLES[0]][2];
    struct bench *next = calloc(1, sizeof *next);
    memcpy(parts, TABLES, sizeof TABLES);
    parts[1][1] = devices;
    assert_int_equal(STATUS_OK,
        registry_parse(joined((const char *const(*)[2])parts, sizeof TABLES / sizeof TABLES[0]),
            &next->registry, &next->report));
    assert_int_equal(STATUS_OK, program_compile(program_canonical(bench->program), &next->registry,
                                    &next->program, &next->report));
    next->state = calloc(1, program_state_size(next->program));
    next->moment = bench->moment;
    detectors_carry(bench->program, bench->state, next->program, next->state);
    pass(next, 0);
    enum tri when = next->last.when;
    bench_free(next);
    return when;
}

static void test_program__a_baseline_is_learnt_once_and_again_in_another_service(void **unused)
{
    (void)unused;
    static const char SAME[] = "mn,name,kind,enterprise,outlet,format,pw,interval_s\n"
                               "D1,one,meter,E1,O1,hj212,123456,10\n"
                               "D2,two,bypass,E1,O1,hj212,123456,10\n";
    static const char ANEW[] =
        "mn,name,kind,enterprise,outlet,format,pw,interval_s,in_service_since\n"
        "D1,one,meter,E1,O1,hj212,123456,10,2026-09-01\n"
        "D2,two,bypass,E1,O1,hj212,123456,10,\n";
    struct bench *bench =
        bench_new(rule_text("linkage", "bypass.opening > learnt(bypass.opening, 50 %, 60 s)", ""));
    tell_for(bench, D2, O1, "10", 5);
    assert_int_equal(TRI_UNKNOWN, bench->last.when);
    tell_for(bench, D2, O1, "10", 1);
    assert_int_equal(TRI_NO, bench->last.when);
    tell_for(bench, D2, O1, "30", 20); /* it stands, however long another is usual */
    assert_int_equal(TRI_YES, bench->last.when);
    assert_int_equal(TRI_YES, vote_after_reload(bench, SAME));
    assert_int_equal(TRI_YES, vote_after_reload(bench, ANEW)); /* of D1 alone: not its device */
    bench_free(bench);
}

static void test_program__its_own_device_put_into_service_anew_learns_anew(void **unused)
{
    (void)unused;
    static const char ANEW[] =
        "mn,name,kind,enterprise,outlet,format,pw,interval_s,in_service_since\n"
        "D1,one,meter,E1,O1,hj212,123456,10,\n"
        "D2,two,bypass,E1,O1,hj212,123456,10,2026-09-01\n";
    struct bench *bench =
        bench_new(rule_text("linkage", "bypass.opening > learnt(bypass.opening, 50 %, 60 s)", ""));
    tell_for(bench, D2, O1, "10", 6);
    tell_for(bench, D2, O1, "30", 1);
    assert_int_equal(TRI_YES, bench->last.when);
    assert_int_equal(TRI_UNKNOWN, vote_after_reload(bench, ANEW));
    bench_free(bench);
}

/* What a limit by date is made of are no signals: the messages of others do not ask it. */
static void test_program__a_limit_by_date_is_asked_at_its_own_messages(void **unused)
{
    (void)unused;
    static const char *const DATED[][2] = {
        {"area.csv", "area\n140581\n"},
        {"devices.csv", "mn,name,kind,enterprise,outlet,format,pw,interval_s\n"
                        "D1,one,cems,E1,O1,hj212,123456,10\nD2,two,cems,E1,O2,hj212,123456,10\n"},
        {"enterprises.csv", "enterprise,name,name_en\nE1,甲厂（虚构）,Works A (fictional)\n"},
        {"equipment.csv", "equipment,name,enterprise\n"},
        {"limits.csv", "outlet,factor,averaging,value,unit,standard,tier,from_date,to_date\n"
                       "O2,a21002,hour,300,mg/m3,old,legal,,2026-09-01\n"
                       "O2,a21002,hour,100,mg/m3,new,legal,2026-09-02,\n"},
        {"linkages.csv", "linkage,name,enterprise,outlet,role,equipment,mode\n"},
        {"outlets.csv", "outlet,name,enterprise\nO1,烟囱一,E1\nO2,烟囱二,E1\n"},
        {"signals.csv", "mn,factor,field,cn,equipment,quantity,unit,rated\n"
                        "D1,a21002,Avg,2061,,nox,mg/m3,\nD1,a21003,Avg,2061,,nox,mg/m3,\n"
                        "D2,a21002,Avg,2061,,nox,mg/m3,\n"},
    };
    static const char RULES[] =
        "- {quantity: nox, unit: mg/m3}\n"
        "- rule: high\n  title: {zh: 一, en: one}\n  scope: signal\n"
        "  of: {quantity: [nox], period: hour}\n  when: value > 50 mg/m3\n  severity: S3\n"
        "  text: {zh: '{enterprise}', en: '{enterprise}'}\n  source: {cite: c, sure: s}\n"
        "- rule: too-high\n  title: {zh: 二, en: two}\n  scope: signal\n"
        "  of: {quantity: [nox], period: hour}\n  when: value > limit\n  severity: S2\n"
        "  text: {zh: '{enterprise}', en: '{enterprise}'}\n  source: {cite: c, sure: s}\n";
    struct bench *bench = bench_of(DATED, sizeof DATED / sizeof DATED[0], RULES);
    assert_int_equal(4, program_instance_count(bench->program));
    tell(bench, D1, 0, "50", true);
    assert_int_equal(2, bench->votes); /* of its own two signals */
    tell(bench, D2, 2, "50", true);
    assert_int_equal(4, bench->votes);
    bench_free(bench);
}

/* The same rules against the same registry but for one row of parameters.csv. */
static uint64_t fingerprint_with(const char *row, int64_t *raise_after_ms)
{
    static const char RULE[] = "  raise_after: confirm\n"
                               "  parameters: {confirm: {value: 60 s, min: 10 s, max: 90 s}}\n";
    const char *parts[sizeof TABLES / sizeof TABLES[0] + 1][2];
    const size_t count = sizeof TABLES / sizeof TABLES[0];
    char table[200];
    struct bench *bench = calloc(1, sizeof *bench);
    snprintf(table, sizeof table, "rule,subject,parameter,value\n%s", row);
    memcpy(parts, TABLES, sizeof TABLES);
    parts[count][0] = "parameters.csv";
    parts[count][1] = table;
    assert_int_equal(STATUS_OK, registry_parse(joined((const char *const(*)[2])parts, count + 1),
                                    &bench->registry, &bench->report));
    assert_int_equal(STATUS_OK, compile(bench, rule_text("linkage", "bypass.opening > 5 %", RULE)));
    const struct instance *instance = program_instance(bench->program, 0);
    uint64_t fingerprint = instance->fingerprint;
    *raise_after_ms = instance->raise_after_ms;
    bench_free(bench);
    return fingerprint;
}

static void test_program__a_parameter_of_the_registry_makes_another_instance(void **unused)
{
    (void)unused;
    int64_t plain_ms, same_ms, other_ms;
    uint64_t plain = fingerprint_with("", &plain_ms);
    assert_true(plain == fingerprint_with("r,L1,confirm,60 s\n", &same_ms));
    assert_false(plain == fingerprint_with("r,L1,confirm,30 s\n", &other_ms));
    assert_int_equal(60000, plain_ms);
    assert_int_equal(60000, same_ms);
    assert_int_equal(30000, other_ms);
}

static void test_program__the_same_bytes_give_the_same_votes_and_state(void **unused)
{
    (void)unused;
    struct bench *a = bench_new(rule_text("linkage", "rate(bypass.opening, 60 s) * 1 s > 0", ""));
    struct bench *b = bench_new(rule_text("linkage", "rate(bypass.opening, 60 s) * 1 s > 0", ""));
    struct bench *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        tell_for(both[i], D2, O1, "0.1", 3);
        tell_for(both[i], D2, O1, "0.3", 5);
    }
    assert_int_equal(a->votes, b->votes);
    assert_memory_equal(a->state, b->state, program_state_size(a->program));
    bench_free(a);
    bench_free(b);
}

static void test_program__a_sentence_repeats_the_digits_that_were_sent(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(rule_text("linkage", "bypass.opening > open_above",
        "  parameters: {open_above: {value: 5 %, min: 1 %}}\n"));
    bench_free(bench);
    char rules[4096];
    snprintf(rules, sizeof rules,
        "%s- rule: r\n  title: {zh: 一, en: one}\n  scope: linkage\n  when: bypass.opening > p\n"
        "  severity: S1\n  parameters: {p: {value: 5 %%}}\n"
        "  text: {zh: '{enterprise}：{bypass}开度{bypass.opening}，超过{p}，已{lasted}', en: "
        "'{bypass.opening} in {enterprise}'}\n  source: {cite: c, sure: s}\n",
        STATES);
    bench = bench_new(rules);
    tell(bench, D2, O1, "20.10", true);
    char space[400];
    struct text text = text_in(space, sizeof space);
    detectors_text(bench->program, bench->state, &bench->moment, 0, LANGUAGE_ZH, 61000,
        (struct event_time){0}, &text);
    assert_true(slice_is(text_slice(&text), "甲厂（虚构）：旁路开度20.10 %，超过5 %，已1分1秒"));
    text_reset(&text);
    detectors_text(bench->program, bench->state, &bench->moment, 0, LANGUAGE_EN, 0,
        (struct event_time){0}, &text);
    assert_true(slice_is(text_slice(&text), "20.10 % in Works A (fictional)"));
    bench_free(bench);
}

static void test_program__a_broken_rule_file_is_refused_with_its_place(void **unused)
{
    (void)unused;
    static const struct {
        const char *when, *rest, *words;
        uint32_t line;
    } ROWS[] = {
        {"bypass.opening > 5 kW", "", "units do not match", 15},
        {"bypass.opening > p", "  parameters: {p: {value: 5 %, max: 4 %}}\n", "beyond its own", 19},
        {"bypass.opening > 5 %", "  raise_afterr: 5 s\n", "unknown key 'raise_afterr'", 19},
        {"bypass.opening > 5 %", "  raise_after: 5 kW\n", "is a time", 19},
        {"bypass.opening > 5 %", "  lower: {to: S9, when: filed(test)}\n", "a severity is", 19},
        {"bypass.opening > 5 %", "- rule: r\n", "stands twice", 19},
        {"bypass.opening > 5 %", "- ruler: r\n", "an item begins with", 19},
        {"bypass.opening > 5 %", "  raise_after: 999999999999999999999 s\n", "at most 366 d", 19},
        {"mean(bypass.opening, 32 d) > 5 %", "", "at most 31 days", 15},
        {"mean(bypass.opening, p) > 5 %", "  parameters: {p: {value: -5 s}}\n", "at most 31", 15},
        {"bypass.opening > 5 %", "  each: week\n", "each is hour, day, month or quarter", 19},
        {"a > 5 %", "  let: {a: bypass.opening, b: a}\n", "'b' of let is never read", 19},
        {"a > 5 %", "  let: {a: bypass.opening + 1 kW}\n", "cannot be added to", 19},
        {"b > 5 %", "  let: {a: b, b: bypass.opening}\n", "unknown name 'b'", 19},
        {"A > 5 %", "  let: {A: bypass.opening}\n", "a name of let", 19},
        {"p > 5 %", "  let: {p: bypass.opening}\n  parameters: {p: 5 %}\n", "stands twice", 19},
        {"bypass.opening > 5 %", "  tests: [\n", "", 0},
    };
    struct bench *bench = bench_new(STATES);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct report *report = calloc(1, sizeof *report);
        struct program *program = NULL;
        const char *const files[][2] = {
            {"r.yaml", rule_text("linkage", ROWS[i].when, ROWS[i].rest)}};
        assert_int_equal(
            STATUS_INVALID, program_compile(joined(files, 1), &bench->registry, &program, report));
        bool found = false;
        for (size_t k = 0; k < report_kept(report); k++) {
            char words[600] = {0};
            memcpy(words, report->findings[k].words.ptr, report->findings[k].words.size);
            found = found || (strstr(words, ROWS[i].words) != NULL &&
                                 (ROWS[i].line == 0 || report->findings[k].line == ROWS[i].line));
        }
        if (!found) {
            fail_msg("%s: %u %.*s", ROWS[i].words, report->findings[0].line,
                (int)report->findings[0].words.size, (const char *)report->findings[0].words.ptr);
        }
        report_free(report);
        free(report);
    }
    bench_free(bench);
}

/* An older version took such a rule, and its journal has to be read. */
static void test_program__a_parent_that_no_rule_is_stands_in_a_journal_only(void **unused)
{
    (void)unused;
    struct bench *bench = bench_new(STATES);
    const char *rules = rule_text("linkage", "bypass.opening > 5 %", "  under: [gone]\n");
    const char *const files[][2] = {{"r.yaml", rules}};
    for (int of_journal = 0; of_journal < 2; of_journal++) {
        struct report *report = calloc(1, sizeof *report);
        struct program *program = NULL;
        report->accepted_before = of_journal == 1;
        assert_int_equal(of_journal ? STATUS_OK : STATUS_INVALID,
            program_compile(joined(files, 1), &bench->registry, &program, report));
        program_free(program);
        report_free(report);
        free(report);
    }
    bench_free(bench);
}

static void note_compared(void *context, uint32_t signal, struct slice name, double number)
{
    struct text *said = context;
    text_add_int(said, signal);
    text_add_byte(said, ' ');
    text_add_slice(said, name);
    text_add_byte(said, ' ');
    text_add_number(said, number, 3);
    text_add_byte(said, ';');
}

/* What can be drawn beside a signal: numbers that stand still, in the signal's own unit. */
static void test_program__tells_what_signals_are_compared_with(void **unused)
{
    (void)unused;
    static const struct {
        const char *when, *want; /* signals: power of two furnaces, opening */
    } ROWS[] = {
        {"bypass.opening > most", "2 most 5;"},
        {"production.on and most * 2 < mean(bypass.opening, 5 min)", "2  10;"},
        {"now >= most or where(production.on, bypass.opening) < 1 %", "2 most 5;2  1;"},
        {"now > twice", "2 twice 10;"},
        {"production.power > 5000 W", "0  5;1  5;"},
        {"delta(bypass.opening, 5 min) > most or abs(bypass.opening) > most", ""},
        {"max(bypass.opening, now) > most or bypass.opening - now > most", ""},
        {"share(open, 5 min) > most or not open", "2 most 5;"},
        {"bypass.opening == most and bypass.opening < now", ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        bool lets = strstr(ROWS[i].when, "now") != NULL;
        const char *let = strstr(ROWS[i].when, "twice") != NULL
                              ? "  let: {now: 'mean(bypass.opening, 2 min)', twice: 2 * most}\n"
                          : lets ? "  let: {now: 'mean(bypass.opening, 2 min)'}\n"
                          : strstr(ROWS[i].when, "open,") != NULL
                              ? "  let: {open: bypass.opening > most}\n"
                              : "";
        char rest[300], space[300];
        struct text said = text_in(space, sizeof space);
        snprintf(rest, sizeof rest, "  parameters: {most: {value: 5 %%}}\n%s", let);
        struct bench *bench = bench_new(rule_text("linkage", ROWS[i].when, rest));
        program_instance_compares(bench->program, 0, note_compared, &said);
        space[said.size] = '\0';
        assert_string_equal(ROWS[i].want, space);
        bench_free(bench);
    }
}

/* Devices take turns; what one of them brings to life must not lie all over the state. */
static void test_program__instances_of_one_device_lie_side_by_side(void **unused)
{
    (void)unused;
    enum { RULES = 2 };
    char rules[4096];
    struct text text = text_in(rules, sizeof rules);
    text_add(&text, STATES);
    for (int i = 0; i < RULES; i++) {
        text_add(&text, "- rule: r");
        text_add_int(&text, i);
        text_add(&text,
            "\n  title: {zh: 一, en: one}\n  scope: device\n  when: verdicts(any, 10 min) > 5\n"
            "  severity: S2\n  text: {zh: 一, en: one}\n  source: {cite: c, sure: s}\n");
    }
    rules[text.size] = '\0';
    struct bench *bench = bench_new(rules);
    assert_int_equal(2 * RULES, program_instance_count(bench->program));
    for (uint32_t i = 0; i < 2 * RULES; i++) {
        const struct instance *instance = program_instance(bench->program, i);
        assert_int_equal(i / RULES == 0 ? D1 : D2, instance->device);
        assert_true(slice_is(instance->rule, i % RULES == 0 ? "r0" : "r1"));
    }
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_program__a_state_settles_after_its_time_in_both_directions),
        cmocka_unit_test(test_program__a_value_grows_stale_after_three_intervals),
        cmocka_unit_test(test_program__of_several_equipment_none_is_lost_unseen),
        cmocka_unit_test(test_program__says_what_the_registry_says_of_a_signal),
        cmocka_unit_test(test_program__a_grade_that_is_unknown_leaves_the_severity_open),
        cmocka_unit_test(test_program__unknown_is_not_absent),
        cmocka_unit_test(test_program__what_is_not_there_makes_no_instance),
        cmocka_unit_test(test_program__absence_counts_only_while_the_hub_listens),
        cmocka_unit_test(test_program__a_device_last_heard_while_a_queue_drained_is_missed),
        cmocka_unit_test(test_program__windows_look_back_over_what_they_have),
        cmocka_unit_test(test_program__lets_are_looked_back_over),
        cmocka_unit_test(test_program__time_alone_ends_what_it_is_to_end),
        cmocka_unit_test(test_program__a_clock_goes_by_the_devices_time),
        cmocka_unit_test(test_program__a_daily_rule_votes_when_the_day_is_over_and_late_data_is_in),
        cmocka_unit_test(test_program__scopes_wider_than_a_linkage),
        cmocka_unit_test(test_program__what_has_no_device_is_asked_once_a_minute),
        cmocka_unit_test(test_program__a_reload_keeps_what_a_rule_remembers_for_itself),
        cmocka_unit_test(test_program__unknown_too_long_is_seen_on_time),
        cmocka_unit_test(test_program__a_reload_keeps_what_did_not_change),
        cmocka_unit_test(test_program__messages_are_counted_until_a_part_is_full),
        cmocka_unit_test(test_program__messages_of_few_seconds_are_forgotten_by_the_second),
        cmocka_unit_test(test_program__clearing_is_asked_of_what_has_held),
        cmocka_unit_test(test_program__a_limit_by_date_is_asked_at_its_own_messages),
        cmocka_unit_test(test_program__a_parameter_of_the_registry_makes_another_instance),
        cmocka_unit_test(test_program__a_baseline_is_learnt_once_and_again_in_another_service),
        cmocka_unit_test(test_program__its_own_device_put_into_service_anew_learns_anew),
        cmocka_unit_test(test_program__the_same_bytes_give_the_same_votes_and_state),
        cmocka_unit_test(test_program__a_sentence_repeats_the_digits_that_were_sent),
        cmocka_unit_test(test_program__a_broken_rule_file_is_refused_with_its_place),
        cmocka_unit_test(test_program__a_parent_that_no_rule_is_stands_in_a_journal_only),
        cmocka_unit_test(test_program__tells_what_signals_are_compared_with),
        cmocka_unit_test(test_program__instances_of_one_device_lie_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
