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

void check_parents(const struct rules *rules, struct report *report)
{
    for (uint32_t i = 0; i < rules->rule_count && !report->accepted_before; i++) {
        const struct rule *rule = &rules->rules[i];
        for (size_t k = 0; k < rule->under.count; k++) {
            check_parent(rules, rule, rule->under.words[k], report);
        }
    }
}
