#include "cli/rule_figures.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/told.h"

static void add_one(json_t *object, const char *key)
{
    json_int_t count = json_integer_value(json_object_get(object, key));
    json_object_set_new(object, key, json_integer(count + 1));
}

/* The object of that name, made when it is not there. */
static json_t *child(json_t *object, const char *key)
{
    json_t *found = json_object_get(object, key);
    if (found == NULL) {
        found = json_object();
        json_object_set_new(object, key, found);
    }
    return found;
}

enum severity transition_severity(const json_t *data)
{
    const char *name = told_word(data, "severity");
    return name[0] == 'S' && name[1] >= '1' && name[1] <= '4' ? (enum severity)(name[1] - '0')
                                                              : SEVERITY_S4;
}

/* Once more after it was over, too; and what stands for itself from now on. */
bool transition_is_raise(const json_t *data)
{
    static const char *const FROM[] = {"normal", "cleared-unack", "cleared-ack"};
    bool comes_out = strcmp(told_word(data, "reason"), "parent-over") == 0 ||
                     strcmp(told_word(data, "reason"), "shadow-over") == 0;
    bool raised = false;
    for (size_t i = 0; i < sizeof FROM / sizeof FROM[0]; i++) {
        raised = raised || strcmp(told_word(data, "from"), FROM[i]) == 0;
    }
    return strcmp(told_word(data, "to"), "active-unack") == 0 && (raised || comes_out);
}

void severity_count(json_t *counted, const json_t *data)
{
    json_object_set_new(counted, told_word(data, "alarm"), json_integer(transition_severity(data)));
}

bool severity_grows(json_t *counted, const json_t *data, enum severity *before)
{
    const json_t *known = json_object_get(counted, told_word(data, "alarm"));
    *before = (enum severity)json_integer_value(known);
    const bool grows = known != NULL && transition_severity(data) < *before;
    if (grows) {
        severity_count(counted, data);
    }
    return grows;
}

void rule_figures_raise(json_t *rules, const json_t *data)
{
    add_one(child(rules, told_word(data, "rule")), "raised");
}

const struct officer_finding *rule_figures_close(json_t *rules, const json_t *data)
{
    const struct officer_finding *finding = officer_finding(slice_of(told_word(data, "finding")));
    if (finding == NULL) {
        return NULL;
    }
    json_t *rule = child(rules, told_word(data, "rule"));
    add_one(rule, "closed");
    add_one(child(rule, "findings"), finding->name);
    if (finding->wrong) {
        add_one(rule, "false");
    }
    return finding;
}

static void print_findings(json_t *findings)
{
    const char *name;
    json_t *count;
    json_object_foreach(findings, name, count)
    {
        printf("  %s %lld", name, (long long)json_integer_value(count));
    }
}

struct ranked {
    const char *rule;
    json_t *figures;
};

static int by_raised(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    const json_int_t more = json_integer_value(json_object_get(left->figures, "raised")),
                     less = json_integer_value(json_object_get(right->figures, "raised"));
    return more != less ? (more < less ? 1 : -1) : strcmp(left->rule, right->rule);
}

json_t *rule_figures_sorted(json_t *rules)
{
    size_t count = 0;
    const char *rule;
    json_t *figures, *sorted = json_object();
    struct ranked *rows = calloc(json_object_size(rules) + 1, sizeof *rows);
    assert(rows != NULL);
    json_object_foreach(rules, rule, figures)
    {
        rows[count++] = (struct ranked){rule, figures};
    }
    qsort(rows, count, sizeof *rows, by_raised);
    for (size_t i = 0; i < count; i++) {
        json_object_set(sorted, rows[i].rule, rows[i].figures);
    }
    free(rows);
    return sorted;
}

void rule_figures_print(json_t *rules)
{
    const char *rule;
    json_t *row;
    printf("\n%-34s %8s %8s %8s %8s  findings 核查结论\n", "rule", "raised", "closed", "false",
        "false %");
    json_object_foreach(rules, rule, row)
    {
        json_int_t closed = json_integer_value(json_object_get(row, "closed"));
        json_int_t wrong = json_integer_value(json_object_get(row, "false"));
        char share[16] = "-";
        if (closed > 0) {
            snprintf(share, sizeof share, "%.0f", (double)wrong * 100 / (double)closed);
        }
        printf("%-34s %8lld %8lld %8lld %8s", rule,
            (long long)json_integer_value(json_object_get(row, "raised")), (long long)closed,
            (long long)wrong, share);
        print_findings(json_object_get(row, "findings"));
        putchar('\n');
    }
}
