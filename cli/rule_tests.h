/* rule_tests -- the tests that stand in rule files, run through the same step as the daemon.
 *
 * Source   docs/rules.md, "Tests".
 * Shape    for each test a small registry is made in which just what `given` names exists; its values
 *          come as HJ 212 frames each `every`; the state of the rule's instance is compared at each
 *          `expect`.
 * Memory   the caller's arena.
 * Errors   findings: file and line of the test, what was expected and what came.
 * Threads  one thread.
 */
#ifndef CLI_RULE_TESTS_H
#define CLI_RULE_TESTS_H

#include "cli/rule_terms.h"
#include "core/report.h"
#include "detectors/program.h"

enum { GIVEN_MAX = 16, STEPS_MAX = 3072, EXPECT_MAX = 32 };

/* One name and its values, a word a step: a number, yes, no, unknown; of `device` sends, silent, rejected, quarantined,
 * again, resent, or a CN. */
struct given {
    struct slice name;
    struct slice values[STEPS_MAX];
    size_t count;
};

/* A number that a report is to have told, or unknown. */
struct expected_figure {
    struct slice name, value;
};

struct expectation {
    int64_t after_ms;
    struct slice state, severity, text; /* empty: not compared */
    struct expected_figure told[FIGURES_MAX];
    size_t told_count; /* 0: not compared */
    uint32_t line;
};

struct rule_test {
    struct slice it, rule, file; /* rule: or report */
    uint32_t line;
    int64_t every_ms;
    /* Of the rule: its scope, and of a signal rule its quantity, kind of device and period. */
    struct slice scope, quantity, kind, period;
    struct given given[GIVEN_MAX];
    size_t given_count;
    struct expectation expect[EXPECT_MAX];
    size_t expect_count;
    struct rule_terms terms;
};

/* The registry of a test as a bundle. */
struct slice rule_test_registry(
    const struct rule_test *test, const struct program *program, struct arena *arena);

/* Run it; true: everything came as expected. */
bool rule_test_run(
    const struct rule_test *test, struct slice registry, struct slice rules, struct report *report);

/* rule_tests_told.c: whether what a report told last (its JSON; empty: nothing yet) is as expected; else *words
 * says what was and what came. */
bool rule_test_told(const struct expectation *expect, struct slice payload, struct text *words);

/* "site.power.normal" is no value that is sent but a column of signals.csv: its word; else empty. */
struct slice rule_test_column(struct slice name);

/* "limit" and its like are no value that is sent but a row of limits.csv: its tier; else empty. */
struct slice rule_test_tier(struct slice name);

/* The MN of the device that sends a name's values; and their command, factor and field. */
void rule_test_mn(const struct rule_test *test, struct slice name, struct text *out);
int rule_test_cn(const struct rule_test *test, struct slice name);
struct slice rule_test_factor(const struct rule_test *test, struct slice name);
struct slice rule_test_field(const struct rule_test *test, struct slice name);

#endif
