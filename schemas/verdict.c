#include "schemas/verdict.h"

static const struct validity_rule_row ROWS[RULE_COUNT] = {
#define RULE(id, name, consequence, clause, zh, en, source)                                        \
    [RULE_##id] = {name, CONSEQUENCE_##consequence, clause, zh, en, source},
#include "schemas/rules.def"
#undef RULE
};

const struct validity_rule_row *validity_rule(enum validity_rule id)
{
    assert(id < RULE_COUNT);
    return &ROWS[id];
}

const char *verdict_name(enum verdict_kind kind)
{
    static const char *const NAMES[] = {"accepted", "duplicate", "quarantined", "rejected"};
    assert((unsigned)kind < VERDICT_KIND_COUNT);
    return NAMES[kind];
}

const char *consequence_name(enum consequence consequence)
{
    static const char *const NAMES[] = {"mark", "withhold", "quarantine", "reject"};
    assert((unsigned)consequence < sizeof NAMES / sizeof NAMES[0]);
    return NAMES[consequence];
}

void rule_set_add(struct rule_set *set, enum validity_rule id)
{
    assert(id < RULE_COUNT);
    set->bits[id / 64] |= UINT64_C(1) << (id % 64);
}

bool rule_set_has(const struct rule_set *set, enum validity_rule id)
{
    assert(id < RULE_COUNT);
    return (set->bits[id / 64] >> (id % 64) & 1) != 0;
}

bool rule_set_empty(const struct rule_set *set)
{
    return set->bits[0] == 0 && set->bits[1] == 0;
}

void rule_set_join(struct rule_set *into, const struct rule_set *from)
{
    for (int i = 0; i < RULE_SET_WORDS; i++) {
        into->bits[i] |= from->bits[i];
    }
}
