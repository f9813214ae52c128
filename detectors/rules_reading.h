/* rules_reading -- rule files while they are read: what rules, states and quantities share; private.
 *
 * Source   docs/rules.md.
 * Shape    rules.c walks the files, rule_item.c reads a rule, rule_values.c the small things in it, rule_lets.c
 *          what it computes for itself, rule_parents.c what stands under what.
 * Memory   the program's arena.
 * Errors   findings.
 * Threads  one thread.
 */
#ifndef DETECTORS_RULES_READING_H
#define DETECTORS_RULES_READING_H

#include "detectors/rules.h"
#include "detectors/yaml_tree.h"

enum { RULES_MAX = 1024 };

struct rules_reading {
    const struct registry *registry;
    struct arena *arena;
    struct rules *rules;
    struct report *report;
    struct yaml_tree *tree;
    struct slice text; /* of the file */
};

/* A scalar under a key; missing_ms when the key is not there. False: a finding. */
bool read_duration(struct rules_reading *reading, const yaml_node_t *item, const char *key,
    int64_t missing_ms, int64_t *ms);
/* That, or the name of a parameter that is a time: its number from 1; 0: none. */
uint16_t read_delay(struct rules_reading *reading, const yaml_node_t *item, const char *key,
    const struct expression_scope *names, int64_t *ms);
bool read_severity(struct rules_reading *reading, const yaml_node_t *node, enum severity *severity);
void read_filter(struct rules_reading *reading, yaml_node_t *node, struct filter *filter);
struct slice copied(struct rules_reading *reading, const yaml_node_t *item, const char *key);
void read_expression(struct rules_reading *reading, yaml_node_t *node,
    struct expression_scope *names, struct code *code);
void read_parameters(
    struct rules_reading *reading, const yaml_node_t *item, struct expression_scope *names);
void read_lets(struct rules_reading *reading, const yaml_node_t *item,
    struct expression_scope *names, struct code **lets);
void note_fed_lets(struct rule *rule); /* after all of its expressions */
void check_lets(                       /* each is read */
    struct rules_reading *reading, const yaml_node_t *item, const struct expression_scope *names);
/* Each name that it shows becomes an input too. */
void read_sentence(struct rules_reading *reading, const yaml_node_t *both, const char *key,
    struct expression_scope *names, struct slice *text);
void say_unknown_unit(struct rules_reading *reading, const yaml_node_t *node, struct slice unit);

/* What a report tells, and the rates of it. */
void read_told(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule);

/* What concerns the life of its alarms. */
void read_life(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule);

/* Parents that no rule is, and rules that stand under each other, once all are read. */
void check_parents(const struct rules *rules, struct report *report);

void read_rule(struct rules_reading *reading, yaml_node_t *item);
void read_report(struct rules_reading *reading, yaml_node_t *item);

#endif
