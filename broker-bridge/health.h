/* health -- a snapshot of the hub -> is it well, why not, and what to do.
 *
 * Source   house: health.def.
 * Shape    one value a check; one pass over the rows. The whole is the worst of its parts.
 * Units    as the row says: ms since, a count, or 1 for yes. 0 is always well.
 * Memory   the report is a value of its own: nothing is borrowed.
 * Errors   none; text->truncated when the words find no room (HEALTH_SIZE is enough).
 * Threads  pure.
 */
#ifndef BROKER_BRIDGE_HEALTH_H
#define BROKER_BRIDGE_HEALTH_H

#include "core/text.h"

#define HEALTH_NEVER INT64_MAX

enum health_check {
#define HEALTH(id, name, weight, unit, warn_at, fail_at, after, en, zh, en_do, zh_do) HEALTH_##id,
#include "broker-bridge/health.def"
#undef HEALTH
    HEALTH_CHECK_COUNT
};

enum { HEALTH_DETAIL_SIZE = 120, HEALTH_SIZE = 16 * 1024 };

struct health_input {
    int64_t values[HEALTH_CHECK_COUNT];
    /* What the other side said last; "" if nothing. Filled by health_detail. */
    char details[HEALTH_CHECK_COUNT][HEALTH_DETAIL_SIZE];
};

enum health_state { HEALTH_OK, HEALTH_UNKNOWN, HEALTH_WARN, HEALTH_FAIL };

struct health_report {
    enum health_state checks[HEALTH_CHECK_COUNT];
    enum health_state overall; /* FAIL: not ready, or not even live */
    bool live, ready;
    struct health_input input;
};

/* Its value is in ms since. */
bool health_is_age(enum health_check which);

/* Cut to fit; what is not printable ASCII becomes '?': others wrote it, a terminal will show it. */
void health_detail(struct health_input *input, enum health_check which, const char *words);

void health_judge(const struct health_input *input, struct health_report *report);

/* {"status":"ok","live":true,"ready":true,"checks":[{"name":...,"status":...,"reason":{...},...}]} */
void health_json(const struct health_report *report, struct text *text);

enum health_scope { HEALTH_SCOPE_LIVE, HEALTH_SCOPE_READY, HEALTH_SCOPE_ALL };

/* A line a check that is not ok ("[-] session: ..."), with `verbose` also those that are; then one
 * word for the whole of the scope. */
void health_lines(
    const struct health_report *report, enum health_scope scope, bool verbose, struct text *text);

const char *health_state_name(enum health_state state); /* ok, unknown, warn, fail */

#endif
