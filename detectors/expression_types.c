#include <assert.h>

#include "detectors/compiler.h"

void complain(struct compiler *compiler, size_t at, const char *words)
{
    if (!compiler->failed) {
        report_say(compiler->report, compiler->place.file, compiler->place.line,
            compiler->place.column + (uint32_t)at, "%s", words);
        compiler->failed = true;
    }
}

/* "units do not match: kW cannot be compared with degC" */
static void complain_of_units(struct compiler *compiler, size_t at, const struct type *a,
    const struct type *b, const char *joint)
{
    char space[160];
    struct text words = text_in(space, sizeof space - 1);
    text_add(&words, "units do not match: ");
    text_add(&words, dimension_name(a->dimension));
    text_add(&words, joint);
    text_add(&words, dimension_name(b->dimension));
    space[words.size] = '\0';
    complain(compiler, at, space);
}

void complain_of_word(
    struct compiler *compiler, struct token token, const char *before, struct slice behind)
{
    char space[460];
    struct text words = text_in(space, sizeof space - 1);
    text_add(&words, before);
    text_add(&words, " '");
    text_add_slice(&words, slice_head(token.text, 60));
    text_add(&words, "'");
    text_add_slice(&words, behind);
    space[words.size] = '\0';
    complain(compiler, token.at, space);
}

void emit(struct compiler *compiler, struct code_step step)
{
    if (compiler->code->size == CODE_MAX) {
        complain(compiler, compiler->lexer.at, "the expression is too long: split the rule");
        return;
    }
    compiler->code->steps[compiler->code->size++] = step;
}

void push(struct compiler *compiler, struct type type)
{
    if (compiler->depth == STACK_MAX) {
        complain(compiler, compiler->lexer.at, "the expression nests too deep: split the rule");
        return;
    }
    compiler->types[compiler->depth++] = type;
}

struct type pop(struct compiler *compiler)
{
    if (compiler->depth == 0) {
        complain(
            compiler, compiler->lexer.at, "something is missing here: an operator lacks a value");
        return (struct type){0};
    }
    return compiler->types[--compiler->depth];
}

/* The value `below` places under the top is wanted as yes or no. A plain switch may stand for that;
 * OP_TRUTH can only be written for the top. */
void want_truth_on_top(struct compiler *compiler)
{
    if (compiler->depth == 0) {
        return;
    }
    struct type *top = &compiler->types[compiler->depth - 1];
    if (top->truth) {
        return;
    }
    bool number = top->plain_input &&
                  (!top->typed || dimension_equal(top->dimension, (struct dimension){{0}}));
    if (!number) {
        complain(compiler, top->at,
            "a number stands where yes or no is wanted: compare it with something");
        return;
    }
    emit(compiler, (struct code_step){.op = OP_TRUTH});
    *top = (struct type){.truth = true, .at = top->at};
}

static bool same_dimension(struct type a, struct type b)
{
    return !a.typed || !b.typed || dimension_equal(a.dimension, b.dimension);
}

/* A yes-or-no in parentheses is compared: there absent is not no, so no and of it is decided by its left side. */
static void let_both_count(struct code *code)
{
    for (size_t i = 0; i < code->size; i++) {
        bool skips_and =
            code->steps[i].skip > 0 && code->steps[i + code->steps[i].skip].op == OP_AND;
        code->steps[i].skip = skips_and ? 0 : code->steps[i].skip;
    }
}

static struct type comparison(struct compiler *compiler, struct type a, struct type b, size_t at)
{
    if (a.truth != b.truth) {
        complain(compiler, at, "yes or no cannot be compared with a number");
    }
    if (a.truth) {
        let_both_count(compiler->code);
    }
    if (!same_dimension(a, b)) {
        complain_of_units(compiler, at, &a, &b, " cannot be compared with ");
    }
    return (struct type){.truth = true};
}

struct type sum(
    struct compiler *compiler, struct type a, struct type b, size_t at, const char *joint)
{
    if (a.truth || b.truth) {
        complain(compiler, at, "yes or no cannot be added");
    }
    if (!same_dimension(a, b)) {
        complain_of_units(compiler, at, &a, &b, joint);
    }
    return (struct type){
        .typed = a.typed || b.typed, .dimension = a.typed ? a.dimension : b.dimension};
}

static struct type product(
    struct compiler *compiler, struct type a, struct type b, int sign, size_t at)
{
    if (a.truth || b.truth) {
        complain(compiler, at, "yes or no cannot be multiplied");
    }
    return (struct type){.typed = a.typed && b.typed,
        .dimension = dimension_multiply(a.dimension, b.dimension, sign)};
}

static void apply_pair(struct compiler *compiler, enum op op, size_t at)
{
    struct type b = pop(compiler);
    struct type a = pop(compiler);
    struct type made = {.truth = true};
    if (op == OP_AND || op == OP_OR) {
        assert(compiler->failed || (a.truth && b.truth));
    } else if (op >= OP_LESS && op <= OP_UNEQUAL) {
        made = comparison(compiler, a, b, at);
    } else if (op == OP_ADD || op == OP_SUBTRACT) {
        made = sum(
            compiler, a, b, at, op == OP_ADD ? " cannot be added to " : " cannot be reduced by ");
    } else {
        made = product(compiler, a, b, op == OP_DIVIDE ? -1 : 1, at);
    }
    made.at = a.at;
    emit(compiler, (struct code_step){.op = (uint8_t)op});
    push(compiler, made);
}

static void apply(struct compiler *compiler, struct waiting waiting)
{
    if (waiting.op == OP_NOT || waiting.op == OP_AND || waiting.op == OP_OR) {
        want_truth_on_top(compiler);
    }
    if (waiting.op == OP_NOT) {
        pop(compiler);
        emit(compiler, (struct code_step){.op = OP_NOT});
        push(compiler, (struct type){.truth = true, .at = waiting.at});
    } else if (waiting.op == OP_NEGATE) {
        struct type type = pop(compiler);
        if (type.truth) {
            complain(compiler, waiting.at, "yes or no has no negative: write not");
        }
        emit(compiler, (struct code_step){.op = OP_NEGATE});
        type.plain_input = false;
        type.at = waiting.at;
        push(compiler, type);
    } else {
        apply_pair(compiler, (enum op)waiting.op, waiting.at);
        if (waiting.left > 0 && !compiler->failed) {
            struct code *code = compiler->code;
            code->steps[waiting.left - 1].skip = (uint16_t)(code->size - waiting.left);
        }
    }
}

void apply_down_to(struct compiler *compiler, int precedence)
{
    while (compiler->waiting_count > 0 && !compiler->failed) {
        struct waiting top = compiler->waiting[compiler->waiting_count - 1];
        if (top.op >= MARK_OPEN || top.precedence < precedence) {
            return;
        }
        compiler->waiting_count -= 1;
        apply(compiler, top);
    }
}

void wait_for(struct compiler *compiler, struct waiting waiting)
{
    if (compiler->waiting_count == PENDING_MAX) {
        complain(compiler, compiler->lexer.at, "the expression nests too deep: split the rule");
        return;
    }
    compiler->waiting[compiler->waiting_count++] = waiting;
}
