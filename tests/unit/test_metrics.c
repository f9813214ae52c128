#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker-bridge/metrics.h"

static char page_space[METRICS_SIZE + 1];

static const char *page(const struct counters *counters, enum metrics_format format)
{
    struct text text = text_in(page_space, METRICS_SIZE);
    metrics_write(&text, counters, format);
    assert_false(text.truncated);
    page_space[text.size] = '\0';
    return page_space;
}

static void has(const char *text, const char *line)
{
    char whole[300];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (strstr(text, whole) == NULL) {
        fail_msg("no line '%s' in:\n%s", line, text);
    }
}

static void test_metrics__received_is_the_sum_of_the_verdicts(void **state)
{
    (void)state;
    struct counters counters = {0};
    for (int i = 0; i < 10; i++) {
        struct verdict verdict = {.kind = (enum verdict_kind)(i % 4)};
        counters_judged(&counters, &verdict);
    }
    const char *text = page(&counters, METRICS_PROMETHEUS);
    has(text, "hjhub_verdicts_total{verdict=\"accepted\"} 3");
    has(text, "hjhub_verdicts_total{verdict=\"duplicate\"} 3");
    has(text, "hjhub_verdicts_total{verdict=\"quarantined\"} 2");
    has(text, "hjhub_verdicts_total{verdict=\"rejected\"} 2");
    has(text, "hjhub_received_total 10");
}

static void test_metrics__a_broken_rule_counts_once_a_message(void **state)
{
    (void)state;
    size_t rule_count = RULE_COUNT;
    if (rule_count < 2) {
        skip();
    }
    struct counters counters = {0};
    enum validity_rule rule = (enum validity_rule)1;
    struct verdict verdict = {.kind = VERDICT_QUARANTINED};
    rule_set_add(&verdict.broken, rule);
    rule_set_add(&verdict.broken, rule);
    counters_judged(&counters, &verdict);
    char line[200];
    snprintf(line, sizeof line, "hjhub_rules_broken_total{rule=\"%s\",consequence=\"%s\"} 1",
        validity_rule(rule)->name, consequence_name(validity_rule(rule)->consequence));
    has(page(&counters, METRICS_PROMETHEUS), line);
}

static void test_metrics__histograms_are_cumulative_in_seconds(void **state)
{
    (void)state;
    struct counters counters = {0};
    histogram_observe(&counters, HISTOGRAM_COMMIT, -5);
    histogram_observe(&counters, HISTOGRAM_COMMIT, 100);
    histogram_observe(&counters, HISTOGRAM_COMMIT, 101);
    histogram_observe(&counters, HISTOGRAM_COMMIT, 2500000);
    histogram_observe(&counters, HISTOGRAM_COMMIT, 60000001);
    const char *text = page(&counters, METRICS_PROMETHEUS);
    has(text, "hjhub_journal_commit_seconds_bucket{le=\"0.0001\"} 2");
    has(text, "hjhub_journal_commit_seconds_bucket{le=\"0.00025\"} 3");
    has(text, "hjhub_journal_commit_seconds_bucket{le=\"1\"} 3");
    has(text, "hjhub_journal_commit_seconds_bucket{le=\"2.5\"} 4");
    has(text, "hjhub_journal_commit_seconds_bucket{le=\"60\"} 4");
    has(text, "hjhub_journal_commit_seconds_bucket{le=\"+Inf\"} 5");
    has(text, "hjhub_journal_commit_seconds_sum 62.500202");
    has(text, "hjhub_journal_commit_seconds_count 5");
}

static void test_metrics__gauges_of_ms_are_shown_in_seconds(void **state)
{
    (void)state;
    struct counters counters = {0};
    gauge_set(&counters, GAUGE_TICK_TIME, 1767225600050);
    gauge_set(&counters, GAUGE_ALARMS_S1, 4);
    gauge_add(&counters, GAUGE_ALARMS_S1, -1);
    counter_set(&counters, COUNTER_CONNECTS, 7);
    const char *text = page(&counters, METRICS_PROMETHEUS);
    has(text, "hjhub_last_tick_timestamp_seconds 1767225600.05");
    has(text, "hjhub_alarms_open{severity=\"S1\"} 3");
    has(text, "hjhub_session_connects_total{result=\"done\"} 7");
}

/* Prometheus' own tool reads the page and has nothing to say about names, types and help. */
static void test_metrics__promtool_finds_nothing(void **state)
{
    (void)state;
    if (system("command -v promtool >/dev/null 2>&1") != 0) {
        skip();
    }
    struct counters counters = {0};
    FILE *promtool = popen("promtool check metrics", "w");
    assert_non_null(promtool);
    fputs(page(&counters, METRICS_PROMETHEUS), promtool);
    assert_int_equal(pclose(promtool), 0);
}

static void test_metrics__openmetrics_names_families_without_total_and_ends(void **state)
{
    (void)state;
    struct counters counters = {0};
    const char *text = page(&counters, METRICS_OPENMETRICS);
    has(text, "# TYPE hjhub_messages counter");
    has(text, "hjhub_messages_total 0");
    assert_string_equal(text + strlen(text) - 6, "# EOF\n");
    assert_null(strstr(page(&counters, METRICS_PROMETHEUS), "# EOF"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics__received_is_the_sum_of_the_verdicts),
        cmocka_unit_test(test_metrics__a_broken_rule_counts_once_a_message),
        cmocka_unit_test(test_metrics__histograms_are_cumulative_in_seconds),
        cmocka_unit_test(test_metrics__gauges_of_ms_are_shown_in_seconds),
        cmocka_unit_test(test_metrics__promtool_finds_nothing),
        cmocka_unit_test(test_metrics__openmetrics_names_families_without_total_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
