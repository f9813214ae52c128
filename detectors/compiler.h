/* compiler -- an expression while it is compiled: what typing, operands and parser share; private.
 *
 * Source   docs/rules.md, "Expressions".
 * Shape    expression.c is the shunting yard; expression_types.c writes code and knows what fits together;
 *          expression_operands.c knows numbers and names, expression_functions.c functions, expression_looks.c
 *          those that look back.
 * Memory   on the stack of expression_compile.
 * Errors   the first complaint of an expression is its finding.
 * Threads  one thread.
 */
#ifndef DETECTORS_COMPILER_H
#define DETECTORS_COMPILER_H

#include "detectors/expression.h"
#include "detectors/keeps.h"
#include "detectors/lexer.h"

enum { PENDING_MAX = 48, MARK_OPEN = 200, MARK_FUNCTION = 201 };

/* The type of a value on the stack while code is written. */
struct type {
    bool truth;
    bool typed; /* the dimension is known */
    struct dimension dimension;
    bool plain_input; /* nothing but an input: may stand for yes or no, or take a dimension */
    bool literal;
    size_t at; /* where it begins */
};

enum takes {
    TAKES_VALUES,
    TAKES_WHERE,
    TAKES_NAME,
    TAKES_NAME_AND_FLAGS,
    TAKES_WORD,
    TAKES_KIND,
    TAKES_HOURS,
    TAKES_NUMBER,
    TAKES_NUMBER_AND_BAND,
    TAKES_NUMBER_AND_SPAN,
    TAKES_NUMBER_SHARE_AND_TIME,
    TAKES_NUMBER_AND_COUNT,
    TAKES_NUMBER_AND_TIMES,
    TAKES_TRUTH,
    TAKES_TRUTH_AND_SPAN,
    TAKES_TRUTH_AND_TIME
};
enum gives {
    GIVES_SAME,
    GIVES_TRUTH,
    GIVES_TIME,
    GIVES_RATE,
    GIVES_PLAIN,
    GIVES_KIND_NUMBER,
    GIVES_PART
};

/* A row of functions.def, or a column of signals.csv. */
struct function {
    const char *name;
    enum op op;
    enum takes takes;
    enum gives gives;
    enum keeps keeps;
    enum column column; /* OP_COLUMN */
};

struct waiting {
    uint8_t op; /* enum op, MARK_OPEN or MARK_FUNCTION */
    int precedence;
    const struct function *function;
    uint8_t arguments;
    size_t at; /* in the text */
    size_t
        left; /* OP_AND, OP_OR: the step with which their left side ends, plus one; 0: both sides count */
};

struct compiler {
    struct expression_scope *scope;
    struct lexer lexer;
    struct code *code;
    struct type types[STACK_MAX];
    size_t depth;
    struct waiting waiting[PENDING_MAX];
    size_t waiting_count;
    bool condition; /* what is absent says no here */
    struct place place;
    struct report *report;
    bool failed;
};

void complain(struct compiler *compiler, size_t at, const char *words);

/* A word that is not known, in the middle of what is said of it. */
void complain_of_word(
    struct compiler *compiler, struct token token, const char *before, struct slice behind);

/* Code and the types of what it leaves. */
void emit(struct compiler *compiler, struct code_step step);
void push(struct compiler *compiler, struct type type);
struct type pop(struct compiler *compiler);

/* The value on top is wanted as yes or no. */
void want_truth_on_top(struct compiler *compiler);

/* joint: what is said between the two units when they do not match. */
struct type sum(
    struct compiler *compiler, struct type a, struct type b, size_t at, const char *joint);

/* Operators that wait for their second side; apply what binds at least as tightly as what comes. */
void wait_for(struct compiler *compiler, struct waiting waiting);
void apply_down_to(struct compiler *compiler, int precedence);

/* A number, parameter or name. */
void operand(struct compiler *compiler, struct token token);
const struct parameter *parameter_of(const struct expression_scope *scope, struct slice name);
/* For code_step.parameter; parameter may be NULL. */
uint16_t parameter_number(const struct expression_scope *scope, const struct parameter *parameter);
/* The input's number, new or known; INPUTS_MAX: there is none, and that was said. */
size_t input_index(struct compiler *compiler, struct token name);

/* Where signals.csv leaves the column of this input empty: 1 + its look, for the step's number; 0: nothing is learnt. */
bool column_is_learnt(enum column column);
double column_baseline(struct compiler *compiler, enum column column, size_t input);

/* The let's number; LETS_MAX: no let has this name. */
size_t let_index(struct compiler *compiler, struct slice name);

/* A function from behind its name on; one that takes values when it ends. */
const struct function *function_of(struct slice name);
void begin_function(struct compiler *compiler, const struct function *function, struct token token);
void kind_function(struct compiler *compiler, const struct function *function, size_t at);
void end_function(struct compiler *compiler, struct waiting waiting);
/* came(2081, 24 h): what stands before a parenthesis and asks of messages; NULL: nothing of the kind. */
struct ask_row;
const struct ask_row *ask_row_of(struct slice name);
void ask_function(struct compiler *compiler, const struct ask_row *row, struct token token);
void unknown_function(struct compiler *compiler, struct token token);

/* One that looks back, from behind its opening parenthesis on. */
void look_function(struct compiler *compiler, const struct function *function, size_t at);

/* What the two files of functions share. */
bool expect(struct compiler *compiler, enum token_type type, const char *words);
struct dimension seconds(void);

#endif
