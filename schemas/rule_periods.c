#include "schemas/rule_periods.h"

static const struct rule_period PERIODS[] = {
#define RULE_PERIOD(word, cn, field, held_s) {#word, cn, field, held_s},
#include "schemas/rule_periods.def"
#undef RULE_PERIOD
};

enum { PERIOD_COUNT = sizeof PERIODS / sizeof PERIODS[0] };

const struct rule_period *rule_period_of(struct slice word)
{
    for (size_t i = 0; i < PERIOD_COUNT; i++) {
        if (slice_is(word, PERIODS[i].word)) {
            return &PERIODS[i];
        }
    }
    return NULL;
}

const struct rule_period *rule_period_of_cn(int cn)
{
    for (size_t i = 0; i < PERIOD_COUNT; i++) {
        if (PERIODS[i].cn == cn) {
            return &PERIODS[i];
        }
    }
    return NULL;
}
