/* rule_periods -- the kinds of data that rules name.
 *
 * Source   rule_periods.def.
 * Errors   NULL: there is none.
 * Threads  pure.
 */
#ifndef SCHEMAS_RULE_PERIODS_H
#define SCHEMAS_RULE_PERIODS_H

#include <stdint.h>

#include "core/slice.h"

struct rule_period {
    const char *word;
    int cn;
    const char *field;
    int64_t held_s;
};

const struct rule_period *rule_period_of(struct slice word);
const struct rule_period *rule_period_of_cn(int cn);

#endif
