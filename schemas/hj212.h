/* hj212 -- the tables of the standard: commands, factors, suffixes.
 *
 * Source   commands.def, factors.def, suffixes.def, each row with its own.
 * Shape    code -> row, or NULL.
 * Errors   NULL: not in the tables (which the standard declares open).
 * Threads  pure.
 */
#ifndef SCHEMAS_HJ212_H
#define SCHEMAS_HJ212_H

#include "schemas/message.h"

enum command_direction { COMMAND_UP, COMMAND_DOWN, COMMAND_BOTH };

struct command_row {
    int cn;
    const char *zh, *en;
    enum command_direction direction;
    const char *editions; /* "5", "7", "9" of 2005, 2017, 2025 */
    int answer;           /* 9014, 9013 or 0 */
    const char *source;
};

struct factor_row {
    struct slice name; /* its code, measured: it is looked up for every reading */
    char code[16];     /* padded with zeros: its first eight bytes compare as a number */
    const char *zh, *en, *unit, *format, *source, *sureness;
};

enum suffix_kind { SUFFIX_NUMBER, SUFFIX_TEXT, SUFFIX_TIME };

struct suffix_row {
    struct slice name;
    enum suffix_kind kind;
    const char *source;
};

const struct command_row *command_find(int cn);
bool command_in_edition(const struct command_row *command, enum edition edition);

/* What a device that sends this and asks for an answer gets: 9014 for data, 9013 for notices; 0: nothing. A
 * command of a maker's own is answered by its range, else the device would send it for ever. */
int command_answer(int cn);

const struct factor_row *factor_find(struct slice code);

/* The row of this edition where 2025 has one of its own (other digits), else the first. */
const struct factor_row *factor_find_in(struct slice code, enum edition edition);
const struct suffix_row *suffix_find(struct slice name);

#endif
