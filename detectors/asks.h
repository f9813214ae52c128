/* asks -- what a rule asks of messages themselves: how many came, how late, how they were judged; and of places and sums.
 *
 * Source   docs/rules.md, "What messages tell"; rows in asks.def.
 * Shape    an ask is an input of the rule, by its own text: where that stands twice it is one input.
 * Units    ms.
 * Memory   borrows from the expression's text.
 * Errors   the compiler's.
 * Threads  pure.
 */
#ifndef DETECTORS_ASKS_H
#define DETECTORS_ASKS_H

#include "detectors/period.h"
#include "schemas/units.h"

enum ask_kind {
    ASK_NONE,
#define ASK(id, name, takes, gives, zh, en) ASK_##id,
#include "detectors/asks.def"
#undef ASK
};

enum { ASK_ANY_VERDICT = -1 };

struct ask {
    uint8_t kind;
    int32_t
        what; /* a CN, an enum verdict_kind or ASK_ANY_VERDICT, an enum validity_rule, an enum severity */
    int64_t than_ms;
    struct span span;
    struct slice word; /* a kind of zone */
};

bool ask_equal(const struct ask *a, const struct ask *b);

/* Counted message by message, in a state of its own. */
bool ask_is_tallied(const struct ask *ask);

/* Of alarms, not of messages. */
bool ask_is_of_alarms(const struct ask *ask);

#endif
