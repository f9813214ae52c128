#include "validators/hj212_relations.h"

#include <math.h>
#include <string.h>

#include "schemas/data_flags.h"
#include "schemas/hj212.h"

enum role {
#define ROLE(id, code, old_code, clause, sureness) ROLE_##id,
#define CONVERSION(oxygen, share, least, most, clause, sureness)
#define SUM(total, part, weight, rest, share, least, clause, sureness)
#include "schemas/relations.def"
#undef ROLE
#undef CONVERSION
#undef SUM
    ROLE_NONE
};

static const struct conversion {
    enum role oxygen;
    double share, least, most;
} CONVERSIONS[] = {
#define ROLE(id, code, old_code, clause, sureness)
#define CONVERSION(oxygen, share, least, most, clause, sureness)                                   \
    {ROLE_##oxygen, share, least, most},
#define SUM(total, part, weight, rest, share, least, clause, sureness)
#include "schemas/relations.def"
#undef ROLE
#undef CONVERSION
#undef SUM
};

static const struct sum {
    enum role total, part, rest;
    double weight, share, least;
} SUMS[] = {
#define ROLE(id, code, old_code, clause, sureness)
#define CONVERSION(oxygen, share, least, most, clause, sureness)
#define SUM(total, part, weight, rest, share, least, clause, sureness)                             \
    {ROLE_##total, ROLE_##part, ROLE_##rest, weight, share, least},
#include "schemas/relations.def"
#undef ROLE
#undef CONVERSION
#undef SUM
};

/* The kinds that are compared with each other: of a moment, and the mean of a period. */
enum kind { MOMENT, MEAN, KIND_COUNT };

/* The first reading of each role, by kind; NULL: none. */
struct gathered {
    const struct reading *roles[ROLE_NONE][KIND_COUNT];
    bool converted; /* the frame has converted values */
};

/* Of a size that the compiler knows: it is asked of every factor of every frame. */
static inline bool is_code(struct slice factor, const char *code, size_t size)
{
    return size > 0 && factor.size == size && memcmp(factor.ptr, code, size) == 0;
}

static enum role role_of(struct slice factor)
{
#define ROLE(id, code, old_code, clause, sureness)                                                 \
    if (is_code(factor, code, sizeof(code) - 1) ||                                                 \
        is_code(factor, old_code, sizeof(old_code) - 1)) {                                         \
        return ROLE_##id;                                                                          \
    }
#define CONVERSION(oxygen, share, least, most, clause, sureness)
#define SUM(total, part, weight, rest, share, least, clause, sureness)
#include "schemas/relations.def"
#undef ROLE
#undef CONVERSION
#undef SUM
    return ROLE_NONE;
}

/* Min <= Avg <= Max, measured and converted, of the factor that was the last to have any of them. */
struct spreads {
    struct slice factor;
    struct spread {
        double values[3];
        unsigned known; /* bit i: values[i] */
    } of[2];
};

static bool spread_holds(const struct spread *spread)
{
    const double *v = spread->values;
    return !((spread->known & 3) == 3 && v[0] > v[1]) &&
           !((spread->known & 6) == 6 && v[1] > v[2]) && !((spread->known & 5) == 5 && v[0] > v[2]);
}

static void judge_spread(struct spreads *spreads, struct reading *reading)
{
    static const struct {
        uint8_t spread, at; /* at: 1 to 3; 0: not of any */
    } PLACES[] = {
        [SUFFIX_MIN] = {0, 1},
        [SUFFIX_AVG] = {0, 2},
        [SUFFIX_MAX] = {0, 3},
        [SUFFIX_ZS_MIN] = {1, 1},
        [SUFFIX_ZS_AVG] = {1, 2},
        [SUFFIX_ZS_MAX] = {1, 3},
    };
    if (reading->suffix >= sizeof PLACES / sizeof PLACES[0] || PLACES[reading->suffix].at == 0) {
        return;
    }
    if (!slice_equal(spreads->factor, reading->factor)) {
        spreads->factor = reading->factor;
        spreads->of[0].known = spreads->of[1].known = 0;
    }
    unsigned at = PLACES[reading->suffix].at - 1U;
    struct spread *spread = &spreads->of[PLACES[reading->suffix].spread];
    spread->values[at] = reading->value;
    spread->known |= 1U << at;
    if (!spread_holds(&spreads->of[0]) || !spread_holds(&spreads->of[1])) {
        rule_set_add(&reading->broken, RULE_MIN_AVG_MAX);
    }
}

static void gather(struct gathered *gathered, const struct reading *reading)
{
    gathered->converted |= reading->suffix == SUFFIX_ZS_RTD || reading->suffix == SUFFIX_ZS_AVG;
    if (reading->suffix != SUFFIX_RTD && reading->suffix != SUFFIX_AVG) {
        return;
    }
    enum role role = role_of(reading->factor);
    if (role != ROLE_NONE) {
        enum kind kind = reading->suffix == SUFFIX_RTD ? MOMENT : MEAN;
        const struct reading **place = &gathered->roles[role][kind];
        *place = *place == NULL ? reading : *place;
    }
}

/* Of most readings there is little to ask, and it is asked of every one: no more than that. */
static void look(struct message *message, struct gathered *gathered)
{
    struct spreads spreads = {0};
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        if (reading->has_value) {
            judge_spread(&spreads, reading);
            gather(gathered, reading);
        }
    }
}

static bool near(double value, double wanted, double share, double least)
{
    double most = fabs(wanted) * share;
    return fabs(value - wanted) <= (most > least ? most : least);
}

static bool usable(const struct reading *reading)
{
    return reading != NULL && flag_usable(reading->flag);
}

/* Both NOx and its parts; the total is what breaks it. */
static void judge_sum(const struct sum *sum, struct gathered *gathered, struct message *message)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        const struct reading *total = gathered->roles[sum->total][kind];
        const struct reading *part = gathered->roles[sum->part][kind];
        const struct reading *rest = gathered->roles[sum->rest][kind];
        if (usable(total) && usable(part) && usable(rest) &&
            !near(total->value, sum->weight * part->value + rest->value, sum->share, sum->least)) {
            rule_set_add(&message->readings[total - message->readings].broken, RULE_SUM_OF_PARTS);
        }
    }
}

static void judge_converted(const struct conversion *conversion, const struct gathered *gathered,
    double o2_reference, struct message *message)
{
    const struct reading *plain[KIND_COUNT] = {NULL};
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        if (!reading->joins) {
            plain[MOMENT] = plain[MEAN] = NULL;
        }
        bool moment = reading->suffix == SUFFIX_RTD || reading->suffix == SUFFIX_ZS_RTD;
        enum kind kind = moment ? MOMENT : MEAN;
        if (!reading->has_value) {
            continue;
        }
        if (reading->suffix == SUFFIX_RTD || reading->suffix == SUFFIX_AVG) {
            plain[kind] = reading;
        } else if (reading->suffix == SUFFIX_ZS_RTD || reading->suffix == SUFFIX_ZS_AVG) {
            const struct reading *oxygen = gathered->roles[conversion->oxygen][kind];
            if (!usable(oxygen) || !usable(plain[kind]) || oxygen->value >= conversion->most) {
                continue;
            }
            double wanted = plain[kind]->value * (21 - o2_reference) / (21 - oxygen->value);
            if (!near(reading->value, wanted, conversion->share, conversion->least)) {
                rule_set_add(&reading->broken, RULE_CONVERSION_WRONG);
            }
        }
    }
}

void hj212_relations_judge(double o2_reference, struct message *message)
{
    struct gathered gathered = {0};
    look(message, &gathered);
    for (size_t i = 0; i < sizeof SUMS / sizeof SUMS[0]; i++) {
        judge_sum(&SUMS[i], &gathered, message);
    }
    for (size_t i = 0; i < sizeof CONVERSIONS / sizeof CONVERSIONS[0]; i++) {
        if (gathered.converted && !isnan(o2_reference)) {
            judge_converted(&CONVERSIONS[i], &gathered, o2_reference, message);
        }
    }
}
