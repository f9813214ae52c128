/* rules -- rule files, parsed and typed, not yet bound to a registry; private to detectors/.
 *
 * Source   docs/rules.md; schemas/rule.schema.json.
 * Shape    a bundle of YAML files -> rules, states (estimators) and quantities.
 * Memory   the program's arena.
 * Errors   findings with file, line, column.
 */
#ifndef DETECTORS_RULES_H
#define DETECTORS_RULES_H

#include "core/status.h"
#include "detectors/expression.h"
#include "detectors/program.h"

enum { GRADES_MAX = 6, FILTER_MAX = 12, CITES_MAX = 6 };

enum scope {
#define SCOPE(id, name) SCOPE_##id,
#include "detectors/scopes.def"
#undef SCOPE
    SCOPE_STATE /* of a piece of equipment: what states are told from */
};

struct grade {
    struct code when;
    enum severity to;
};

/* The list of words a filter allows; empty: all. */
struct filter {
    struct slice words[FILTER_MAX];
    size_t count;
};

struct rule {
    struct slice id, title_zh, title_en, text_zh, text_en;
    struct slice source_cite, source_sure;
    struct law laws[CITES_MAX];
    uint32_t law_count;
    struct filter under;
    struct place under_place;
    enum evidence_kind evidence;
    bool latched;
    int64_t shadow_until_ms;
    uint64_t written_hash, parameter_hash; /* of the rule as written, and of the numbers in force */
    enum scope scope;
    enum period each; /* judged only when one has ended; PERIOD_SLIDING: at all times */
    struct filter kinds, quantities;
    int cn; /* of the signals it watches; 2011 unless a period is named */
    struct expression_scope names;
    struct code *lets; /* names.let_count */
    struct code when, clear_when;
    struct grade grades[GRADES_MAX]; /* the last that holds decides; `lower` is the last of all */
    size_t grade_count;
    uint8_t told[FIGURES_MAX]; /* of a report: the lets that it tells; it raises nothing */
    size_t told_count;
    struct figure_rate rates[RATES_MAX];
    size_t rate_count;
    size_t excuses; /* as in struct report_shape */
    int64_t raise_after_ms, clear_after_ms;
    uint16_t raise_parameter, clear_parameter; /* which one that is, from 1; 0: none */
    uint32_t index;                            /* its number; of a variant: that of its rule */
    enum severity severity;
    uint64_t text_hash; /* of the rule as written */
    struct place place;
};

/* A state of equipment: on, running, heated ... confirmed in both directions. */
struct state_rule {
    struct slice name, of;
    struct expression_scope names;
    struct code on_when, off_when;
    int64_t on_after_ms, off_after_ms;
    struct place place;
};

struct quantity_rule {
    struct slice name, unit, zh, en;
    struct dimension dimension;
};

struct rules {
    struct rule *rules; /* and behind them their variants: with numbers of parameters.csv */
    struct state_rule *states;
    struct quantity_rule *quantities;
    uint32_t rule_count, variant_count, state_count, quantity_count;
    uint32_t rule_capacity; /* the array grows: a rule is large */
};

/* Each expression of a rule in turn; NULL: no more. */
struct code *rule_code(struct rule *rule, size_t index);

/* A place for one more, behind all. */
struct rule *rules_next(struct rules *rules, struct arena *arena);

int64_t delay_ms(double seconds);

/* registry may be NULL. */
MUST_USE enum status rules_read(struct slice bundle, const struct registry *registry,
    struct arena *arena, struct rules *rules, struct report *report);

/* NULL: there is none; and what is said then, with the name that may have been meant. */
const struct rule *rule_named(const struct rules *rules, struct slice id);
void rule_say_unknown(const struct rules *rules, struct slice id, struct text *words);

uint64_t rule_hash_parameters(const struct expression_scope *names);

/* What others have to know of the rule itself, whatever it watches. */
void rule_show(const struct rule *rule, struct instance *shown);

#endif
