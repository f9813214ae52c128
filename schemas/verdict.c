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

struct validity_mend validity_mend(enum validity_rule id)
{
    static const struct validity_mend MENDS[RULE_COUNT] = {
#define MEND(id, zh, en) [RULE_##id] = {zh, en},
#include "schemas/mends.def"
#undef MEND
    };
    assert(id < RULE_COUNT);
    return MENDS[id];
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
