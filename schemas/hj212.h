/* hj212 -- the tables of the standard: commands, systems, factors and their units, suffixes.
 *
 * Source   commands.def, systems.def, periods.def, factors.def, factor_units.def, suffixes.def, each row with its own.
 * Shape    code -> row, or NULL.
 * Errors   NULL: not in the tables (which the standard declares open).
 * Threads  pure.
 */
#ifndef SCHEMAS_HJ212_H
#define SCHEMAS_HJ212_H

#include <math.h>

#include "schemas/message.h"

#define NO_LEAST (-(double)INFINITY)
#define NO_MOST  ((double)INFINITY)

enum command_direction { COMMAND_UP, COMMAND_DOWN, COMMAND_BOTH };

struct command_row {
    int cn;
    const char *zh, *en;
    enum command_direction direction;
    const char *editions; /* letters of editions.def */
    int answer;           /* 9014, 9013 or 0 */
    const char *source;
};

struct range {
    double least, most;
};

enum factor_unit {
#define FACTOR_UNIT(id, name, least, most, clause, sureness) UNIT_##id,
#include "schemas/factor_units.def"
#undef FACTOR_UNIT
};

/* Nx.y, Cn, a time, or not established. */
enum factor_type { TYPE_DIGITS, TYPE_CHARACTERS, TYPE_INSTANT, TYPE_UNTYPED };

struct factor_row {
    struct slice name; /* its code, measured: it is looked up for every reading */
    char code[16];     /* padded with zeros: its first eight bytes compare as a number */
    const char *editions, *zh, *en;
    enum factor_unit unit;
    enum factor_type type;
    int digits, decimals; /* of TYPE_DIGITS: before the point and behind it */
    const char *clause, *sureness;
};

enum suffix_id {
    SUFFIX_UNKNOWN,
#define SUFFIX(id, name, editions, kind, family, least, most, clause, sureness) SUFFIX_##id,
#include "schemas/suffixes.def"
#undef SUFFIX
};

enum suffix_kind { KIND_NUMBER, KIND_TEXT, KIND_INSTANT };

enum suffix_family {
    FAMILY_MOMENT,
    FAMILY_PERIOD,
    FAMILY_TOTAL,
    FAMILY_BESIDE, /* may stand beside any data */
    FAMILY_RAW,
    FAMILY_CHECK,
    FAMILY_STATE,
    FAMILY_HOURS,
    FAMILY_NOISE,
    FAMILY_ALARM,
    FAMILY_INFORMATION,
    FAMILY_SERIAL,
};

struct suffix_row {
    struct slice name;
    enum suffix_id id;
    const char *editions;
    enum suffix_kind kind;
    enum suffix_family family;
    struct range range;
    const char *clause, *sureness;
};

const struct command_row *command_find(int cn);
bool command_in_edition(const struct command_row *command, enum edition edition);

/* What a device that sends this and asks for an answer gets: 9014 for data, 9013 for notices; 0: nothing. A
 * command of a maker's own is answered by its range, else the device would send it for ever. */
int command_answer(int cn);

/* ST; codes of letters, which 2017 leaves free, are not asked for. */
bool system_known(int st);
bool system_in_edition(int st, enum edition edition);

struct period_row {
    int cn;
    bool in_minutes; /* the device's minute interval goes before length_ms */
    int64_t length_ms;
};

const struct period_row *period_find(int cn);
int64_t resend_least_ms(void);

const struct factor_row *factor_find(struct slice code);

/* The row of this edition where 2025 has one of its own (other digits), else the first. */
const struct factor_row *factor_find_in(struct slice code, enum edition edition);

const char *factor_unit_name(enum factor_unit unit);
struct range factor_unit_range(enum factor_unit unit);

/* The row of this edition, else the first of that name. */
const struct suffix_row *suffix_find(struct slice name, enum edition edition);
const struct suffix_row *suffix_row(enum suffix_id id); /* not SUFFIX_UNKNOWN */

#endif
