/* rule_terms -- what a test of a rule file says beside what is sent: filings, calendars, status of equipment.
 *
 *   filed: {repair: 60 s .. 600 s, halt: 0 s .., cleaned: 100 s, limit: {number: 50, from: 60 s, of: production}}
 *   calendars: {staggered: "00:10 .. 02:00", winter: {from: "00:00", to: "24:00", share: 50, of: production}}
 *   status: {production: retired}
 *
 * Source   docs/rules.md, "Tests".
 * Shape    of: a role, whose equipment is meant; without it the enterprise. Announced and ordered at the beginning of the
 *          test, recorded at its instant.
 * Memory   slices borrow from the tree.
 * Errors   findings with their place.
 * Threads  one thread.
 */
#ifndef CLI_RULE_TERMS_H
#define CLI_RULE_TERMS_H

#include "core/text.h"
#include "detectors/yaml_tree.h"
#include "schemas/filing.h"

enum { TERMS_MAX = 8 };

struct rule_terms {
    struct {
        enum filing_kind kind;
        int64_t from_ms, to_ms; /* INT64_MAX: no end */
        struct slice number, of;
    } filed[TERMS_MAX];
    struct {
        struct slice id, from, to, share, of;
    } hours[TERMS_MAX];
    struct {
        struct slice role, status;
    } standing[TERMS_MAX];
    size_t filed_count, hours_count, standing_count;
};

void rule_terms_read(struct yaml_tree *tree, yaml_node_t *test, struct rule_terms *terms);

/* The rows of calendars.csv. */
void rule_terms_calendars(const struct rule_terms *terms, struct text *rows);

struct slice rule_terms_status(const struct rule_terms *terms, struct slice role);

/* When the filing is told, and what: the payload of an officer. base: the test's first instant. */
int64_t rule_terms_told_ms(const struct rule_terms *terms, size_t index);
void rule_terms_filing(
    const struct rule_terms *terms, size_t index, int64_t base_ms, struct text *payload);

#endif
