#include "validators/hj212_relations.h"

#include <math.h>

#include "schemas/data_flags.h"
#include "schemas/hj212.h"

enum role {
    ROLE_NONE,
#define ROLE(id, code, old_code, clause, sureness) ROLE_##id,
#define CONVERSION(oxygen, share, least, most, clause, sureness)
#define SUM(total, part, weight, rest, share, least, clause, sureness)
#include "schemas/relations.def"
#undef ROLE
#undef CONVERSION
#undef SUM
    ROLE_COUNT
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
    const struct reading *roles[ROLE_COUNT][KIND_COUNT];
    bool converted; /* the frame has converted values */
};

static bool is_code(struct slice factor, const char *code)
{
    return code[0] != '\0' && slice_is(factor, code);
}

unsigned hj212_role(struct slice factor)
{
#define ROLE(id, code, old_code, clause, sureness)                                                 \
    if (is_code(factor, code) || is_code(factor, old_code)) {                                      \
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

/* What a suffix says of its value: asked of every reading of every frame, so one look tells. */
static const struct place {
    uint8_t spread, at; /* which spread, and 1 to 3 in it; at 0: none */
    bool converted, compared;
    enum kind kind;
} PLACES[UINT8_MAX + 1] = {
    [SUFFIX_RTD] = {.compared = true, .kind = MOMENT},
    [SUFFIX_ZS_RTD] = {.converted = true, .kind = MOMENT},
    [SUFFIX_MIN] = {.spread = 0, .at = 1},
    [SUFFIX_AVG] = {.spread = 0, .at = 2, .compared = true, .kind = MEAN},
    [SUFFIX_MAX] = {.spread = 0, .at = 3},
    [SUFFIX_ZS_MIN] = {.spread = 1, .at = 1},
    [SUFFIX_ZS_AVG] = {.spread = 1, .at = 2, .converted = true, .kind = MEAN},
    [SUFFIX_ZS_MAX] = {.spread = 1, .at = 3},
};

static void judge_spread(struct spreads *spreads, const struct place *place,
    struct message *message, struct reading *reading)
{
    if (!slice_equal(spreads->factor, reading->factor)) {
        spreads->factor = reading->factor;
        spreads->of[0].known = spreads->of[1].known = 0;
    }
    unsigned at = place->at - 1U;
    struct spread *spread = &spreads->of[place->spread];
    spread->values[at] = reading->value;
    spread->known |= 1U << at;
    if (!spread_holds(&spreads->of[0]) || !spread_holds(&spreads->of[1])) {
        message_break_by(message, reading, RULE_MIN_AVG_MAX);
    }
}

static void look(struct message *message, struct gathered *gathered)
{
    struct spreads spreads = {0};
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        const struct place *place = &PLACES[reading->suffix];
        if (!reading->has_value) {
            continue;
        }
        if (place->at != 0) {
            judge_spread(&spreads, place, message, reading);
        }
        gathered->converted |= place->converted;
        if (reading->role != ROLE_NONE && place->compared) {
            const struct reading **first = &gathered->roles[reading->role][place->kind];
            *first = *first == NULL ? reading : *first;
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
    return flag_usable(reading->flag);
}

/* Both NOx and its parts; the total is what breaks it. */
static void judge_sum(const struct sum *sum, struct gathered *gathered, struct message *message)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        const struct reading *total = gathered->roles[sum->total][kind];
        const struct reading *part = gathered->roles[sum->part][kind];
        const struct reading *rest = gathered->roles[sum->rest][kind];
        bool whole = total != NULL && part != NULL && rest != NULL;
        if (whole && usable(total) && usable(part) && usable(rest) &&
            !near(total->value, sum->weight * part->value + rest->value, sum->share, sum->least)) {
            message_break_by(
                message, &message->readings[total - message->readings], RULE_SUM_OF_PARTS);
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
        const struct place *place = &PLACES[reading->suffix];
        if (!reading->has_value) {
            continue;
        }
        if (place->compared) {
            plain[place->kind] = reading;
        } else if (place->converted) {
            const struct reading *oxygen = gathered->roles[conversion->oxygen][place->kind];
            const struct reading *measured = plain[place->kind];
            if (oxygen == NULL || measured == NULL || !usable(oxygen) || !usable(measured) ||
                oxygen->value >= conversion->most) {
                continue;
            }
            double wanted = measured->value * (21 - o2_reference) / (21 - oxygen->value);
            if (!near(reading->value, wanted, conversion->share, conversion->least)) {
                message_break_by(message, reading, RULE_CONVERSION_WRONG);
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
