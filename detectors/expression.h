/* expression -- one line of the rule language -> typed postfix code.
 *
 *   or  and  not  < <= > >= == !=  + -  * /  -x   numbers with units, names, functions, parentheses
 *
 * Source   docs/rules.md.
 * Shape    text -> at most CODE_MAX operations and INPUTS_MAX distinct inputs. A shunting yard: no
 *          recursion; a value has a dimension (units.def) or is yes or no.
 * Units    numbers of the code are in the base unit of their dimension.
 * Memory   names borrow from the text.
 * Errors   one finding per expression, with the column.
 * Threads  pure.
 */
#ifndef DETECTORS_EXPRESSION_H
#define DETECTORS_EXPRESSION_H

#include "core/report.h"
#include "core/text.h"
#include "detectors/asks.h"
#include "detectors/period.h"
#include "schemas/units.h"

enum {
    CODE_MAX = 96,
    INPUTS_MAX = 24,
    STACK_MAX = 24,
    PARAMETERS_MAX = 24,
    LETS_MAX = 16,
    LOOKS_MAX = 24
};

enum op {
    OP_NUMBER, /* push number */
    OP_INPUT,  /* push input `index` */
    OP_LET,    /* push let `index` */
    OP_NOT,
    OP_NEGATE,
    OP_TRUTH, /* a number that stands where yes or no is wanted: is it not 0? */
    OP_OR,
    OP_AND,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_EQUAL,
    OP_UNEQUAL,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_COLUMN, /* column `count` of input `index` in signals.csv */
#define FUNCTION(id, name, takes, gives, keeps, value, zh, en) OP_##id,
#include "detectors/functions.def"
#undef FUNCTION
    OPS
};

enum column {
#define COLUMN(id, name) COLUMN_##id,
#include "detectors/columns.def"
#undef COLUMN
    COLUMN_COUNT
};

struct code_step {
    uint8_t op;
    uint8_t count;
    uint16_t index;
    uint16_t parameter; /* 1 and more: number is that parameter of the rule, counted from 1 */
    uint16_t
        skip; /* the left side of an and or an or ends here, which is so many steps further; 0: none does */
    double number;
};

struct code {
    size_t size; /* 0: no expression */
    struct code_step steps[CODE_MAX];
};

/* A name that a rule reads: role.quantity, or one of the words value, limit, rated ... */
struct input {
    struct slice role; /* empty for a word */
    struct slice name;
    struct dimension dimension;
    bool typed;     /* dimension is known */
    bool truth;     /* yes or no: a state of equipment */
    struct ask ask; /* what it asks of messages instead of values; its name is its text then */
};

struct parameter {
    struct slice name;
    double value, min, max; /* base unit; NaN: no bound */
    struct dimension dimension;
    struct slice text; /* as written: for sentences */
};

/* What a rule computes once and calls by a name. */
struct let {
    struct slice name;
    struct dimension dimension;
    bool typed, truth;
    bool plain;      /* a switch under another name: may stand for yes or no */
    bool sets_aside; /* there is a where in it */
    bool fed;        /* a window wants each of its values, or of one that is made of it */
    bool read;
};

/* What a step looks back over; equal ones of a rule are one. */
struct look {
    enum op op;
    enum { LOOK_AT_SIGNALS, LOOK_AT_INPUT, LOOK_AT_LET } at;
    uint16_t index; /* of the input or let; signals: those of the input, each on its own */
    struct span span;
    double number; /* a band, a share */
    uint16_t span_parameter,
        number_parameter; /* as code_step.parameter: what they are of the rule */
    uint8_t column;       /* 1 + the column that it stands in for where that is empty; 0: none */
};

/* A parameter's seconds as the width of a span. */
int64_t span_ms(double seconds);

/* What names mean for the rules being compiled. */
struct vocabulary {
    void *context;
    /* Fill dimension, typed and truth of the input; false: no such name, and why or what else. */
    bool (*describe)(void *context, struct input *input, struct text *why);
    /* Whether the rule is of this scope: a word of scopes.def. */
    bool (*is_of)(const void *context, const char *scope);
};

/* The inputs, words, lets and looks that the expressions of one rule share. */
struct expression_scope {
    const struct vocabulary *vocabulary;
    struct parameter parameters[PARAMETERS_MAX];
    size_t parameter_count;
    struct input inputs[INPUTS_MAX];
    size_t input_count;
    struct slice words[8]; /* of filed(...) and calendar(...) */
    size_t word_count;
    struct let lets[LETS_MAX];
    size_t let_count;
    struct look looks[LOOKS_MAX];
    size_t look_count;
    bool asks_filings; /* filed(...) and its like */
    bool asks_alarms;  /* raised(...), evidence(...) */
};

struct place {
    struct slice file;
    uint32_t line, column;
};

/* A condition: yes or no. */
bool expression_compile(struct expression_scope *scope, struct slice text, struct place place,
    struct code *code, struct report *report);

/* A let: yes or no, or a number; those that follow may read it. */
bool expression_compile_let(struct expression_scope *scope, struct slice name, struct slice text,
    struct place place, struct code *code, struct report *report);

/* Which of the inputs a sentence names: role.name. INPUTS_MAX: none. */
size_t expression_input(const struct expression_scope *scope, struct slice name);

/* "60 s", "5 %", "35 mg/m3": a number and its unit. */
bool quantity_parse(struct slice text, double *value, struct dimension *dimension);

#endif
