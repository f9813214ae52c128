/* verdict -- what the hub says of everything it receives, exactly once.
 *
 * Source   design: "Verdicts"; rows in rules.def (the rules of validity).
 * Shape    one of four kinds, and the set of rules that are broken.
 * Errors   none.
 * Threads  pure.
 */
#ifndef SCHEMAS_VERDICT_H
#define SCHEMAS_VERDICT_H

#include <assert.h>

#include "core/slice.h"

enum verdict_kind { VERDICT_ACCEPTED, VERDICT_DUPLICATE, VERDICT_QUARANTINED, VERDICT_REJECTED };

enum { VERDICT_KIND_COUNT = 4 };

/* From mild to severe; the frame's verdict follows the severest rule broken in it. */
enum consequence {
    CONSEQUENCE_MARK,       /* odd, noted, used */
    CONSEQUENCE_WITHHOLD,   /* this reading is unusable, the others stand */
    CONSEQUENCE_QUARANTINE, /* read, but its origin, key or time is not believed */
    CONSEQUENCE_REJECT,     /* cannot be read as a frame or pack */
};

/* RULE(id, "name-in-kebab-case", consequence, clause, zh, en, source) */
enum validity_rule {
#define RULE(id, name, consequence, clause, zh, en, source) RULE_##id,
#include "schemas/rules.def"
#undef RULE
    RULE_COUNT
};

enum { RULE_SET_WORDS = 2 };

struct rule_set {
    uint64_t bits[RULE_SET_WORDS]; /* bit n set: rule n is broken */
};

static_assert(RULE_COUNT <= 64 * RULE_SET_WORDS, "a rule set has a bit for every rule");

struct verdict {
    enum verdict_kind kind;
    struct rule_set broken; /* by the frame and by any of its readings */
};

struct validity_rule_row {
    const char *name;
    enum consequence consequence;
    const char *clause;
    const char *zh;
    const char *en;
    const char
        *source; /* standard text, quoted, implementations agree, single source, inferred, house */
};

const struct validity_rule_row *validity_rule(enum validity_rule id);
/* How a device's maker mends it; NULL in both: nobody has written that down. */
struct validity_mend {
    const char *zh, *en;
};

struct validity_mend validity_mend(enum validity_rule id);
const char *verdict_name(enum verdict_kind kind);
const char *consequence_name(enum consequence consequence);

static inline void rule_set_add(struct rule_set *set, enum validity_rule id)
{
    assert(id < RULE_COUNT);
    set->bits[id / 64] |= UINT64_C(1) << (id % 64);
}

static inline void rule_set_drop(struct rule_set *set, enum validity_rule id)
{
    assert(id < RULE_COUNT);
    set->bits[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

static inline bool rule_set_has(const struct rule_set *set, enum validity_rule id)
{
    assert(id < RULE_COUNT);
    return (set->bits[id / 64] >> (id % 64) & 1) != 0;
}

static inline bool rule_set_empty(const struct rule_set *set)
{
    return set->bits[0] == 0 && set->bits[1] == 0;
}

/* The first rule in the set from `from` on, in the order of the rows; RULE_COUNT: there is none. */
static inline unsigned rule_set_next(const struct rule_set *set, unsigned from)
{
    while (from < RULE_COUNT) {
        uint64_t rest = set->bits[from / 64] >> (from % 64);
        if (rest != 0) {
            return from + (unsigned)__builtin_ctzll(rest);
        }
        from = (from / 64 + 1) * 64;
    }
    return RULE_COUNT;
}

static inline void rule_set_join(struct rule_set *into, const struct rule_set *from)
{
    for (int i = 0; i < RULE_SET_WORDS; i++) {
        into->bits[i] |= from->bits[i];
    }
}

#endif
