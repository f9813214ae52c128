#include "detectors/evaluate.h"

#include <assert.h>

struct moment moment_of(const void *state, const struct moment *books)
{
    const struct head *head = state_head_of((void *)(uintptr_t)state);
    return (struct moment){.hub_ms = head->hub_ms,
        .listening_ms = head->listening_ms,
        .wall = {head->wall_ms},
        .listening = LISTENING_YES,
        .filings = books->filings,
        .tallies = books->tallies};
}

struct evaluation evaluation_of(const struct program *program, void *state,
    const struct moment *moment, const struct expression_scope *names, uint32_t binding_first)
{
    return (struct evaluation){
        .program = program,
        .state = state,
        .moment = moment,
        .bindings = program->bindings + binding_first,
        .names = names,
        .due_ms = TIMER_NEVER,
    };
}

void evaluation_due_at_wall(struct evaluation *evaluation, int64_t wall_ms)
{
    int64_t ms = wall_ms - evaluation->moment->wall.ms;
    if (ms > 0 && ms < INT64_C(400) * DAY_MS) {
        evaluation_due_in(evaluation, ms);
    }
}

struct value value_join(struct value a, struct value b, bool all, bool truth)
{
    if (truth) {
        double decides = all ? 0 : 1;
        if ((is_known(a) && a.number == decides) || (is_known(b) && b.number == decides)) {
            return known(decides);
        }
    }
    if (!is_known(a) || !is_known(b)) {
        return UNKNOWN_VALUE;
    }
    bool first = all ? a.number <= b.number : a.number >= b.number;
    return first ? a : b;
}

/* What is not there drops out of an or, and of a clearing's and. In a condition that raises, it must
 * not drop out of an and: "production runs and the bypass is warm" would become "production runs"
 * where no thermometer is. There the and speaks of nothing. */
static struct value truth_and_or(
    const struct evaluation *evaluation, struct value a, struct value b, bool is_and)
{
    bool absent = value_status(a) == VALUE_ABSENT || value_status(b) == VALUE_ABSENT;
    if (absent && is_and && !evaluation->lenient) {
        return ABSENT_VALUE;
    }
    if (value_status(a) == VALUE_ABSENT) {
        return b;
    }
    return value_status(b) == VALUE_ABSENT ? a : value_join(a, b, is_and, true);
}

/* What comes of two of which one is not known. */
static struct value not_known(struct value a, struct value b)
{
    enum value_status left = value_status(a), right = value_status(b);
    if (left == VALUE_ABSENT || right == VALUE_ABSENT) {
        return ABSENT_VALUE;
    }
    return left == VALUE_UNKNOWN || right == VALUE_UNKNOWN ? UNKNOWN_VALUE : ASIDE_VALUE;
}

/* When will the order of the two turn, if they go on as they do? */
static void note_crossing(struct evaluation *evaluation, struct value a, struct value b)
{
    double slope = a.slope - b.slope;
    if (slope == 0) {
        return;
    }
    double ms = (b.number - a.number) / slope;
    if (ms >= 0 && ms < 4e15) {
        double whole = (double)(int64_t)ms;
        int64_t left_ms = (int64_t)(whole < ms ? whole + 1 : whole);
        /* While a queue drains, hub time runs and absence stands: the timer ends early and is set
         * again. Not each ms, though. */
        bool deaf = evaluation->moment->listening == LISTENING_NO;
        evaluation_due_in(evaluation, deaf && left_ms < SECOND_MS ? SECOND_MS : left_ms);
    }
}

static struct value compare(
    struct evaluation *evaluation, struct value a, struct value b, enum op op)
{
    if (!is_known(a) || !is_known(b)) {
        return not_known(a, b);
    }
    note_crossing(evaluation, a, b);
    const double x = a.number, y = b.number;
    bool holds = op == OP_LESS            ? x < y
                 : op == OP_LESS_EQUAL    ? x <= y
                 : op == OP_GREATER       ? x > y
                 : op == OP_GREATER_EQUAL ? x >= y
                 : op == OP_EQUAL         ? x == y
                                          : x != y;
    return known(holds ? 1 : 0);
}

static struct value arithmetic(struct value a, struct value b, enum op op)
{
    if (!is_known(a) || !is_known(b)) {
        return not_known(a, b);
    }
    struct value made = {0};
    if (op == OP_ADD || op == OP_SUBTRACT) {
        double sign = op == OP_ADD ? 1 : -1;
        made.number = a.number + sign * b.number;
        made.slope = a.slope + sign * b.slope;
    } else if (op == OP_MULTIPLY) {
        made.number = a.number * b.number;
        made.slope = a.slope * b.number + b.slope * a.number;
    } else {
        made.number = a.number / b.number;
        made.slope = b.slope == 0 ? a.slope / b.number : 0;
    }
    return isfinite(made.number) ? made : UNKNOWN_VALUE; /* a division by nothing says nothing */
}

static struct value extreme(const struct value *values, size_t count, bool greatest)
{
    struct value made = ABSENT_VALUE;
    for (size_t i = 0; i < count; i++) {
        if (value_status(values[i]) == VALUE_ABSENT) {
            continue;
        }
        made = value_status(made) == VALUE_ABSENT ? values[i]
                                                  : value_join(made, values[i], !greatest, false);
    }
    return made;
}

/* What each operation that pushes a value is evaluated by; the machine knows the others. */
static step_value *const STEPS[OPS] = {
    [OP_INPUT] = input_value,
    [OP_COLUMN] = column_value,
#define FUNCTION(id, name, takes, gives, keeps, value, zh, en) [OP_##id] = value,
#include "detectors/functions.def"
#undef FUNCTION
};

static struct value unary(struct value value, enum op op)
{
    if (!is_known(value)) {
        return value;
    }
    if (op == OP_NOT) {
        return known(value.number == 0 ? 1 : 0);
    }
    if (op == OP_TRUTH) {
        return known(value.number != 0 ? 1 : 0);
    }
    if (op == OP_NEGATE || value.number < 0) {
        value.number = -value.number;
        value.slope = -value.slope;
    }
    return value;
}

/* where(t, x): while t is no the value is set aside. */
static struct value where(struct value holds, struct value value)
{
    if (!is_known(holds) || value_status(value) == VALUE_ABSENT) {
        return not_known(holds, value);
    }
    return holds.number != 0 ? value : ASIDE_VALUE;
}

static struct value binary(
    struct evaluation *evaluation, struct value a, struct value b, enum op op)
{
    if (op == OP_WHERE) {
        return where(a, b);
    }
    if (op == OP_AND || op == OP_OR) {
        return truth_and_or(evaluation, a, b, op == OP_AND);
    }
    return op <= OP_UNEQUAL ? compare(evaluation, a, b, op) : arithmetic(a, b, op);
}

/* From the end of a left side to the end of what it decides alone; also of what that decides in turn. */
static size_t decided(const struct code *code, size_t i, struct value value)
{
    while (code->steps[i].skip != 0) {
        const size_t end = i + code->steps[i].skip;
        if (!is_known(value) || value.number != (code->steps[end].op == OP_OR ? 1 : 0)) {
            return i;
        }
        i = end;
    }
    return i;
}

/* The topmost value is kept apart: it stays in registers, where a value that was stored in two halves and is read
 * as one would wait for both. */
struct value evaluate(struct evaluation *evaluation, const struct code *code)
{
    struct value below[STACK_MAX + 1], top = UNKNOWN_VALUE;
    size_t depth = 0;
    for (size_t i = 0; i < code->size; i++) {
        const struct code_step *step = &code->steps[i];
        enum op op = (enum op)step->op;
        if (op == OP_NOT || op == OP_TRUTH || op == OP_NEGATE || op == OP_ABS) {
            top = unary(top, op);
        } else if ((op >= OP_OR && op <= OP_DIVIDE) || op == OP_WHERE) {
            depth -= 1;
            top = binary(evaluation, below[depth], top, op);
        } else if (op == OP_MAX || op == OP_MIN) {
            below[depth] = top;
            depth -= step->count - 1U;
            top = extreme(below + depth, step->count, op == OP_MAX);
        } else {
            below[depth] = top;
            depth += 1;
            top = op == OP_NUMBER ? known(step->number)
                  : op == OP_LET  ? evaluation->lets[step->index]
                                  : STEPS[op](evaluation, step);
        }
        assert(depth >= 1 && depth <= STACK_MAX);
        if (step->skip != 0 && evaluation->brief) {
            i = decided(code, i, top);
        }
    }
    assert(depth == 1); /* the compiler counted */
    return top;
}

enum tri evaluate_truth(struct evaluation *evaluation, const struct code *code, bool *absent)
{
    struct value value = evaluate(evaluation, code);
    *absent = value_status(value) == VALUE_ABSENT;
    if (!is_known(value)) {
        return *absent ? TRI_NO : TRI_UNKNOWN;
    }
    return value.number != 0 ? TRI_YES : TRI_NO;
}
