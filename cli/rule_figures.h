/* rule_figures -- how often each rule was raised and what officers found of it.
 *
 * Shape    transitions, in the order in which they were said -> an object: rule -> {raised, closed, false,
 *          findings: {finding: n}}. A raise is one that became work: announced; closed: by an officer.
 * Memory   the caller's object.
 * Errors   none.
 * Threads  one thread.
 */
#ifndef CLI_RULE_FIGURES_H
#define CLI_RULE_FIGURES_H

#include <jansson.h>

#include "schemas/alarm.h"

bool transition_is_raise(const json_t *data); /* held back or not */
enum severity transition_severity(const json_t *data);

/* counted: alarm -> the severity under which it is counted, since its raise. True: it is graver now, and counted as
 * that from here on; *before: what it was. */
void severity_count(json_t *counted, const json_t *data);
bool severity_grows(json_t *counted, const json_t *data, enum severity *before);

void rule_figures_raise(json_t *rules, const json_t *data);
/* What the officer found; NULL: the hub closed it, nobody judged. */
const struct officer_finding *rule_figures_close(json_t *rules, const json_t *data);
json_t *rule_figures_sorted(
    json_t *rules);                     /* the same, what was raised most first; to json_decref */
void rule_figures_print(json_t *rules); /* in words */

#endif
