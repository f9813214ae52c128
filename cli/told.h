/* told -- the alarms that a replay tells, each from its first raise to its end.
 *
 * Shape    transitions in, in their order; out: one struct told an alarm, in the order of rule, subject and onset.
 * Units    from_ms, to_ms: event time; records: sequences of what came.
 * Memory   told_free; strings borrow from `raised`.
 * Errors   none: what is no transition of an alarm is passed over.
 * Threads  one thread.
 */
#ifndef CLI_TOLD_H
#define CLI_TOLD_H

#include <jansson.h>

#include "broker-bridge/pipeline.h"

#define TOLD_OPEN INT64_MAX

struct told {
    json_t *raised; /* the data of its first transition */
    const char *rule, *subject;
    char severity[3];       /* the gravest that it had */
    int64_t from_ms, to_ms; /* TOLD_OPEN: not over at the end of the input */
    uint64_t onset_record, raised_record;
};

struct told_list {
    struct told *alarms;
    size_t count, capacity;
    json_t *places; /* by alarm id: its place in alarms */
};

void told_take(struct told_list *list, const struct effect *effect, uint64_t record);
void told_sort(struct told_list *list); /* when all is told */
void told_free(struct told_list *list);

/* Of rule and subject alone. */
int told_compare_subject(const struct told *a, const struct told *b);

/* The data of a transition as it is said (a CloudEvent), for the caller to json_decref; NULL: it is none. */
json_t *told_data(struct slice event);
const char *told_word(const json_t *data, const char *key); /* "": it has none */

#endif
