#include "schemas/hj212.h"

#include <endian.h>
#include <string.h>

static const struct command_row COMMANDS[] = {
#define COMMAND_ROW(cn, zh, en, direction, editions, answer, source)                               \
    {cn, zh, en, COMMAND_##direction, editions, answer, source},
#include "schemas/commands.def"
#undef COMMAND_ROW
};

enum { ST_MAX = 99, CN_MAX = 9999 };

enum command_place {
#define COMMAND_ROW(cn, zh, en, direction, editions, answer, source) PLACE_##cn,
#include "schemas/commands.def"
#undef COMMAND_ROW
    COMMAND_COUNT
};

static_assert(COMMAND_COUNT <= UINT8_MAX, "a place, and one for none, fit into a byte");

/* One more than the place of a command among its rows; 0: there is none. A frame asks twice. */
static const uint8_t PLACES[CN_MAX + 1] = {
#define COMMAND_ROW(cn, zh, en, direction, editions, answer, source) [cn] = PLACE_##cn + 1,
#include "schemas/commands.def"
#undef COMMAND_ROW
};

/* How sure it is that an edition has it; "": it has not. */
static const char *const SYSTEMS[ST_MAX + 1][EDITION_COUNT] = {
#define ST_ROW(st, zh, en, sure_2005, sure_2017, sure_2025)                                        \
    [st] = {sure_2017, sure_2005, sure_2017, sure_2025},
#include "schemas/systems.def"
#undef ST_ROW
};

enum { PERIOD_FIXED = false, PERIOD_MINUTES = true };

static const struct period_row PERIODS[] = {
#define PERIOD(cn, kind, seconds, clause, sureness)                                                \
    {cn, PERIOD_##kind, INT64_C(seconds) * SECOND_MS},
#define RESEND(seconds, clause, sureness)
#include "schemas/periods.def"
#undef PERIOD
#undef RESEND
};

enum {
#define PERIOD(cn, kind, seconds, clause, sureness)
#define RESEND(seconds, clause, sureness) RESEND_LEAST_MS = (seconds)*SECOND_MS,
#include "schemas/periods.def"
#undef PERIOD
#undef RESEND
};

static const struct {
    const char *name;
    struct range range;
} UNITS[] = {
#define FACTOR_UNIT(id, name, least, most, clause, sureness) [UNIT_##id] = {name, {least, most}},
#include "schemas/factor_units.def"
#undef FACTOR_UNIT
};

static const struct factor_row FACTORS[] = {
#define FACTOR(code, editions, zh, en, unit, type, digits, decimals, clause, sureness)             \
    {{(const uint8_t *)(code), sizeof(code) - 1}, code, editions, zh, en, UNIT_##unit,             \
        TYPE_##type, digits, decimals, clause, sureness},
#include "schemas/factors.def"
#undef FACTOR
};

static const struct suffix_row SUFFIXES[] = {
#define SUFFIX(id, name, editions, kind, family, least, most, clause, sureness)                    \
    {{(const uint8_t *)(name), sizeof(name) - 1}, SUFFIX_##id, editions, KIND_##kind,              \
        FAMILY_##family, {least, most}, clause, sureness},
#include "schemas/suffixes.def"
#undef SUFFIX
};

enum {
    FACTOR_COUNT = sizeof FACTORS / sizeof FACTORS[0],
    SUFFIX_COUNT = sizeof SUFFIXES / sizeof SUFFIXES[0],
};

const struct command_row *command_find(int cn)
{
    unsigned place = cn >= 0 && cn <= CN_MAX ? PLACES[cn] : 0;
    return place == 0 ? NULL : &COMMANDS[place - 1];
}

bool command_in_edition(const struct command_row *command, enum edition edition)
{
    return edition_in(command->editions, edition);
}

int command_answer(int cn)
{
    const struct command_row *command = command_find(cn);
    if (command != NULL) {
        return command->answer;
    }
    if (cn < 1000 || cn > 9999) {
        return 0;
    }
    return cn >= 2000 && cn < 4000 ? 9014 : 9013; /* HJ 212-2017 6.5 */
}

bool system_known(int st)
{
    return st >= 0 && st <= ST_MAX && SYSTEMS[st][EDITION_UNKNOWN] != NULL;
}

bool system_in_edition(int st, enum edition edition)
{
    assert((unsigned)edition < EDITION_COUNT);
    return system_known(st) && SYSTEMS[st][edition][0] != '\0';
}

const struct period_row *period_find(int cn)
{
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++) {
        if (PERIODS[i].cn == cn) {
            return &PERIODS[i];
        }
    }
    return NULL;
}

int64_t resend_least_ms(void)
{
    return RESEND_LEAST_MS;
}

/* The first eight bytes as a number that is ordered as they are. */
static uint64_t head_of(const char head[static 8])
{
    uint64_t number;
    memcpy(&number, head, sizeof number);
    return be64toh(number);
}

const struct factor_row *factor_find(struct slice code)
{
    size_t low = 0, high = FACTOR_COUNT;
    char bytes[8] = {0};
    for (size_t i = 0; i < sizeof bytes && i < code.size; i++) {
        bytes[i] = (char)code.ptr[i];
    }
    uint64_t head = head_of(bytes);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (head_of(FACTORS[middle].code) < head) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low < FACTOR_COUNT && head_of(FACTORS[low].code) == head &&
           !slice_equal(code, FACTORS[low].name)) {
        low += 1; /* a longer code with the same beginning */
    }
    return low < FACTOR_COUNT && slice_equal(code, FACTORS[low].name) ? &FACTORS[low] : NULL;
}

const struct factor_row *factor_find_in(struct slice code, enum edition edition)
{
    const struct factor_row *first = factor_find(code);
    for (const struct factor_row *row = first;
         row != NULL && row < FACTORS + FACTOR_COUNT && slice_equal(row->name, code); row++) {
        if (edition_in(row->editions, edition)) {
            return row;
        }
    }
    return first;
}

const char *factor_unit_name(enum factor_unit unit)
{
    assert((size_t)unit < sizeof UNITS / sizeof UNITS[0]);
    return UNITS[unit].name;
}

struct range factor_unit_range(enum factor_unit unit)
{
    assert((size_t)unit < sizeof UNITS / sizeof UNITS[0]);
    return UNITS[unit].range;
}

const struct suffix_row *suffix_find(struct slice name, enum edition edition)
{
    const struct suffix_row *first = NULL;
    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        if (slice_equal(name, SUFFIXES[i].name)) {
            if (edition_in(SUFFIXES[i].editions, edition)) {
                return &SUFFIXES[i];
            }
            first = first == NULL ? &SUFFIXES[i] : first;
        }
    }
    return first;
}

const struct suffix_row *suffix_row(enum suffix_id id)
{
    assert(id > SUFFIX_UNKNOWN && (size_t)id <= SUFFIX_COUNT);
    return &SUFFIXES[id - 1];
}
