#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/bundle.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "cli/rule_tests.h"
#include "detectors/yaml_tree.h"

/* All of a folder's tests. */
struct suite {
    struct slice bundle;
    struct program *program;
    struct report *report;
    struct yaml_tree tree;
    size_t passed, failed;
};

static int64_t duration_ms(struct suite *suite, yaml_node_t *node)
{
    double seconds;
    struct dimension dimension;
    if (!quantity_parse(yaml_scalar(node), &seconds, &dimension)) {
        yaml_say(&suite->tree, node, "a time is wanted, such as 10 s");
        return 0;
    }
    return (int64_t)(seconds * SECOND_MS + 0.5);
}

/* "0 x6 20 x12 unknown x3": a word, or a word so many times. */
static void read_values(struct suite *suite, yaml_node_t *node, struct given *given)
{
    struct slice rest = yaml_scalar(node);
    while (rest.size > 0) {
        struct slice word = slice_cut(&rest, ' ');
        uint64_t times = 1;
        if (slice_is(word, "once-more")) { /* all of it once more */
            for (size_t i = 0, count = given->count; i < count && given->count < STEPS_MAX; i++) {
                given->values[given->count++] = given->values[i];
            }
            continue;
        }
        bool repeat = word.size > 1 && word.ptr[0] == 'x' &&
                      slice_to_uint(slice_tail(word, 1), STEPS_MAX, &times);
        if (word.size == 0) {
            continue;
        }
        if (repeat && given->count > 0) {
            word = given->values[given->count - 1];
            times -= 1;
        }
        for (uint64_t i = 0; i < times && given->count < STEPS_MAX; i++) {
            given->values[given->count++] = word;
        }
        if (given->count == STEPS_MAX) {
            yaml_say(&suite->tree, node, "more than %d steps", STEPS_MAX);
            return;
        }
    }
}

static void read_given(struct suite *suite, yaml_node_t *mapping, struct rule_test *test)
{
    yaml_node_t *key, *value;
    for (size_t i = 0;
         yaml_pair(&suite->tree, mapping, i, &key, &value) && test->given_count < GIVEN_MAX; i++) {
        struct given *given = &test->given[test->given_count++];
        given->name = yaml_scalar(key);
        given->count = 0;
        read_values(suite, value, given);
    }
}

static void read_told(struct suite *suite, yaml_node_t *mapping, struct expectation *expect)
{
    yaml_node_t *key, *value;
    while (expect->told_count < FIGURES_MAX &&
           yaml_pair(&suite->tree, mapping, expect->told_count, &key, &value)) {
        expect->told[expect->told_count++] =
            (struct expected_figure){yaml_scalar(key), yaml_scalar(value)};
    }
}

static void read_expect(struct suite *suite, yaml_node_t *list, struct rule_test *test)
{
    static const char *const KEYS[] = {"after", "state", "severity", "text", "told", NULL};
    yaml_node_t *node;
    for (size_t i = 0;
         (node = yaml_item(&suite->tree, list, i)) != NULL && test->expect_count < EXPECT_MAX;
         i++) {
        yaml_check_keys(&suite->tree, node, KEYS);
        int64_t before_ms = i == 0 ? 0 : test->expect[i - 1].after_ms;
        test->expect[test->expect_count++] = (struct expectation){
            .after_ms = duration_ms(suite, yaml_get(&suite->tree, node, "after")),
            .state = yaml_text(&suite->tree, node, "state"),
            .severity = yaml_text(&suite->tree, node, "severity"),
            .text = yaml_text(&suite->tree, node, "text"),
            .line = yaml_place(&suite->tree, node).line,
        };
        read_told(suite, yaml_get(&suite->tree, node, "told"), &test->expect[i]);
        if (test->expect[i].after_ms < before_ms) {
            yaml_say(&suite->tree, node, "what is expected stands in the order of time");
        }
    }
}

static struct slice first_word(struct suite *suite, yaml_node_t *list)
{
    return yaml_scalar(yaml_item(&suite->tree, list, 0));
}

static void run_test(struct suite *suite, yaml_node_t *rule, yaml_node_t *node)
{
    static const char *const KEYS[] = {
        "it", "every", "given", "filed", "calendars", "status", "expect", NULL};
    struct arena arena = {0};
    struct rule_test *test = arena_take(&arena, 1, sizeof *test);
    yaml_node_t *of = yaml_get(&suite->tree, rule, "of");
    size_t before = suite->report->count;
    yaml_check_keys(&suite->tree, node, KEYS);
    test->it = yaml_text(&suite->tree, node, "it");
    test->rule = yaml_text(
        &suite->tree, rule, yaml_get(&suite->tree, rule, "rule") != NULL ? "rule" : "report");
    test->file = suite->tree.file;
    test->line = yaml_place(&suite->tree, node).line;
    test->scope = yaml_text(&suite->tree, rule, "scope");
    test->quantity = first_word(suite, yaml_get(&suite->tree, of, "quantity"));
    test->kind = first_word(suite, yaml_get(&suite->tree, of, "kind"));
    test->period = yaml_text(&suite->tree, of, "period");
    test->every_ms = duration_ms(suite, yaml_get(&suite->tree, node, "every"));
    read_given(suite, yaml_get(&suite->tree, node, "given"), test);
    rule_terms_read(&suite->tree, node, &test->terms);
    read_expect(suite, yaml_get(&suite->tree, node, "expect"), test);
    bool passed = suite->report->count == before && test->expect_count > 0;
    if (suite->report->count == before && test->expect_count == 0) {
        yaml_say(&suite->tree, node, "a test that expects nothing cannot fail");
    }
    if (passed) {
        struct slice registry = rule_test_registry(test, suite->program, &arena);
        passed = rule_test_run(test, registry, suite->bundle, suite->report);
    }
    *(passed ? &suite->passed : &suite->failed) += 1;
    arena_free(&arena);
}

static void run_file(struct suite *suite)
{
    yaml_node_t *root = yaml_tree_root(&suite->tree);
    yaml_node_t *item, *test;
    for (size_t i = 0; (item = yaml_item(&suite->tree, root, i)) != NULL; i++) {
        yaml_node_t *tests = yaml_get(&suite->tree, item, "tests");
        for (size_t k = 0; (test = yaml_item(&suite->tree, tests, k)) != NULL; k++) {
            run_test(suite, item, test);
        }
    }
}

/* Rules that do not compile are findings; then no test is run. */
static void run_files(struct suite *suite)
{
    struct slice rest = suite->bundle;
    if (program_compile(suite->bundle, NULL, &suite->program, suite->report) != STATUS_OK) {
        return;
    }
    while (rest.size > 0) {
        uint64_t size = 0;
        struct slice line = slice_tail(slice_cut(&rest, '\n'), 4);
        struct slice name = slice_cut(&line, ' ');
        bool fine = slice_to_uint(line, rest.size, &size);
        struct slice text = slice_head(rest, fine ? (size_t)size : 0);
        if (yaml_tree_open(&suite->tree, name, text, suite->report)) {
            run_file(suite);
            yaml_tree_close(&suite->tree);
        }
        rest = slice_tail(rest, (size_t)size + 1);
    }
}

static void print_result(const struct suite *suite, bool json)
{
    if (json) {
        findings_print_json(suite->report, stdout);
        printf("{\"passed\":%zu,\"failed\":%zu}\n", suite->passed, suite->failed);
    } else {
        findings_print(suite->report, stdout);
        printf("%zu passed, %zu failed\n", suite->passed, suite->failed);
    }
}

int command_test(int argc, char **argv)
{
    struct arena arena = {0};
    struct suite suite = {.report = calloc(1, sizeof(struct report))};
    static const struct option OPTIONS[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    int result = EXIT_COULD_NOT, option;
    bool json = false, fine = suite.report != NULL;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        json = json || option == 'j';
        fine = fine && option == 'j';
    }
    if (!fine || optind + 1 != argc) {
        free(suite.report);
        return command_misused("test");
    }
    if (rules_dir_read(argv[optind], &arena, &suite.bundle, suite.report) != STATUS_OK) {
        findings_print(suite.report, stderr);
        command_fail("test", "%s: no rules can be read there", argv[optind]);
    } else {
        run_files(&suite);
        print_result(&suite, json);
        result = suite.failed == 0 && suite.report->count == 0 ? EXIT_FINE : EXIT_FINDINGS;
    }
    program_free(suite.program);
    report_free(suite.report);
    free(suite.report);
    arena_free(&arena);
    return result;
}
