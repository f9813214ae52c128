#include <assert.h>
#include <math.h>

#include "detectors/program_state.h"

/* A value on the stack. Truth is 0 or 1. */
struct value {
    enum { VALUE_KNOWN, VALUE_UNKNOWN, VALUE_ABSENT } status;
    double number;
    double slope; /* how much it grows by itself in a ms */
};

static struct value known(double number)
{
    return (struct value){.status = VALUE_KNOWN, .number = number};
}

static const struct value UNKNOWN = {.status = VALUE_UNKNOWN};
static const struct value ABSENT = {.status = VALUE_ABSENT};

static void due_in(struct evaluation *evaluation, int64_t ms)
{
    int64_t at_ms = evaluation->clock->hub_ms + (ms < 1 ? 1 : ms);
    evaluation->due_ms = at_ms < evaluation->due_ms ? at_ms : evaluation->due_ms;
}

static void due_at_wall(struct evaluation *evaluation, int64_t wall_ms)
{
    int64_t ms = wall_ms - evaluation->clock->wall.ms;
    if (ms > 0 && ms < INT64_C(400) * DAY_MS) {
        due_in(evaluation, ms);
    }
}

/* --- inputs --- */

static struct value signal_value(struct evaluation *evaluation, uint32_t signal)
{
    const struct program *program = evaluation->program;
    if (evaluation->state == NULL) {
        return UNKNOWN; /* only asked what is there */
    }
    const struct signal_state *state = signal_of(program, evaluation->state, signal);
    int64_t now_ms = local_now(program, evaluation->state,
        program->registry->signals[signal].device, evaluation->clock->hub_ms);
    int64_t left_ms = fresh_ms(program, signal) - (now_ms - state->event_ms);
    if (!state->seen || !state->usable || left_ms < 0) {
        return UNKNOWN;
    }
    due_in(evaluation, left_ms + 1);
    return known(state->value * program->signal_scales[signal]);
}

static struct value estimator_value(struct evaluation *evaluation, uint32_t estimator)
{
    if (evaluation->state == NULL) {
        return UNKNOWN;
    }
    const struct estimator_state *state =
        estimator_of(evaluation->program, evaluation->state, estimator);
    bool blind = state->on_vote == TRI_UNKNOWN && state->off_vote == TRI_UNKNOWN;
    if (state->settled == SETTLED_NOT || blind) {
        return UNKNOWN;
    }
    return known(state->settled == SETTLED_ON ? 1 : 0);
}

/* Several equipment in one role. Yes or no: or, and (Kleene). Numbers: the greatest, the least. */
static struct value join(struct value a, struct value b, bool all, bool truth)
{
    if (truth) {
        double decides = all ? 0 : 1;
        if ((a.status == VALUE_KNOWN && a.number == decides) ||
            (b.status == VALUE_KNOWN && b.number == decides)) {
            return known(decides);
        }
    }
    if (a.status != VALUE_KNOWN || b.status != VALUE_KNOWN) {
        return UNKNOWN;
    }
    bool first = all ? a.number <= b.number : a.number >= b.number;
    return first ? a : b;
}

static struct value age_value(struct evaluation *evaluation, uint32_t device)
{
    if (evaluation->state == NULL) {
        return UNKNOWN;
    }
    const struct device *of = &evaluation->program->registry->devices[device];
    int64_t age_ms = device_age_ms(evaluation->program, evaluation->state, device);
    struct value value = known((double)age_ms / SECOND_MS);
    if (of->has_in_service_since && of->in_service_since.ms > evaluation->clock->wall.ms) {
        due_at_wall(evaluation, of->in_service_since.ms);
        return value; /* it stands until it is put into service */
    }
    value.slope = 1.0 / SECOND_MS; /* while the hub is deaf it stands, but it will go on */
    return value;
}

static struct value input_value(struct evaluation *evaluation, size_t index)
{
    const struct binding *binding = &evaluation->bindings[index];
    const struct input *input = &evaluation->names->inputs[index];
    struct value value = ABSENT;
    switch ((enum binding_kind)binding->kind) {
    case BINDING_ABSENT:
        return ABSENT;
    case BINDING_CONSTANT:
        return isnan(binding->constant) ? ABSENT : known(binding->constant);
    case BINDING_AGE:
        return age_value(evaluation, binding->first);
    case BINDING_SIGNALS:
    case BINDING_ESTIMATORS:
        for (uint32_t i = 0; i < binding->count; i++) {
            uint32_t element = evaluation->program->elements[binding->first + i];
            struct value one = binding->kind == BINDING_SIGNALS
                                   ? signal_value(evaluation, element)
                                   : estimator_value(evaluation, element);
            if (input->truth && one.status == VALUE_KNOWN) {
                one.number = one.number != 0 ? 1 : 0;
            }
            value = i == 0 ? one : join(value, one, binding->all, input->truth);
        }
        return value;
    }
    assert(!"a binding is of one of five kinds");
    return ABSENT;
}

/* --- operators --- */

/* What is not there drops out of an or, and of a clearing's and. In a condition that raises, it must
 * not drop out of an and: "production runs and the bypass is warm" would become "production runs"
 * where no thermometer is. There the and speaks of nothing. */
static struct value truth_and_or(
    const struct evaluation *evaluation, struct value a, struct value b, bool is_and)
{
    bool absent = a.status == VALUE_ABSENT || b.status == VALUE_ABSENT;
    if (absent && is_and && !evaluation->lenient) {
        return ABSENT;
    }
    if (a.status == VALUE_ABSENT) {
        return b;
    }
    return b.status == VALUE_ABSENT ? a : join(a, b, is_and, true);
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
        bool deaf = evaluation->clock->listening == LISTENING_NO;
        due_in(evaluation, deaf && left_ms < SECOND_MS ? SECOND_MS : left_ms);
    }
}

static struct value compare(
    struct evaluation *evaluation, struct value a, struct value b, enum op op)
{
    if (a.status == VALUE_ABSENT || b.status == VALUE_ABSENT) {
        return ABSENT;
    }
    if (a.status == VALUE_UNKNOWN || b.status == VALUE_UNKNOWN) {
        return UNKNOWN;
    }
    note_crossing(evaluation, a, b);
    bool holds =
        (op == OP_LESS && a.number < b.number) || (op == OP_LESS_EQUAL && a.number <= b.number) ||
        (op == OP_GREATER && a.number > b.number) ||
        (op == OP_GREATER_EQUAL && a.number >= b.number) ||
        (op == OP_EQUAL && a.number == b.number) || (op == OP_UNEQUAL && a.number != b.number);
    return known(holds ? 1 : 0);
}

static struct value arithmetic(struct value a, struct value b, enum op op)
{
    if (a.status == VALUE_ABSENT || b.status == VALUE_ABSENT) {
        return ABSENT;
    }
    if (a.status == VALUE_UNKNOWN || b.status == VALUE_UNKNOWN) {
        return UNKNOWN;
    }
    struct value made = {.status = VALUE_KNOWN};
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
    return isfinite(made.number) ? made : UNKNOWN; /* a division by nothing says nothing */
}

static struct value extreme(const struct value *values, size_t count, bool greatest)
{
    struct value made = ABSENT;
    for (size_t i = 0; i < count; i++) {
        if (values[i].status == VALUE_ABSENT) {
            continue;
        }
        made = made.status == VALUE_ABSENT ? values[i] : join(made, values[i], !greatest, false);
    }
    return made;
}

/* --- looking back --- */

/* HJ 212-2017 App. C counts a statistic as normal from three quarters of its values on; so does a
 * window: with less it is not known. */
enum { COVERAGE_PERCENT = 75 };

struct look {
    int64_t first_ms, last_ms;
    double first, last, sum, lowest, highest;
    uint32_t count;
};

static struct look look_back(
    const struct window *window, const struct window_head *head, int64_t now_ms)
{
    const struct window_sample *samples = (const struct window_sample *)(const void *)(head + 1);
    struct look look = {0};
    for (uint32_t i = 0; i < head->count; i++) {
        uint32_t at = (head->next + window->capacity - head->count + i) % window->capacity;
        const struct window_sample *sample = &samples[at];
        if (sample->event_ms <= now_ms - window->width_ms) {
            continue;
        }
        if (look.count++ == 0) {
            look.first_ms = sample->event_ms;
            look.first = sample->value;
            look.lowest = sample->value;
            look.highest = sample->value;
        }
        look.last_ms = sample->event_ms;
        look.last = sample->value;
        look.sum += sample->value;
        look.lowest = sample->value < look.lowest ? sample->value : look.lowest;
        look.highest = sample->value > look.highest ? sample->value : look.highest;
    }
    return look;
}

static struct value window_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct program *program = evaluation->program;
    const struct binding *binding = &evaluation->bindings[step->index];
    if (binding->kind != BINDING_SIGNALS) {
        return ABSENT;
    }
    if (evaluation->state == NULL || evaluation->windows == NULL) {
        return UNKNOWN;
    }
    uint32_t index = evaluation->windows[step->count];
    struct value now = signal_value(evaluation, program->windows[index].signal);
    if (now.status != VALUE_KNOWN) {
        return UNKNOWN; /* the value itself is not usable now */
    }
    const struct window *window = &program->windows[index];
    const struct window_head *head = window_of(program, evaluation->state, index);
    const struct signal_state *signal = signal_of(program, evaluation->state, window->signal);
    const double scale = program->signal_scales[window->signal];
    if (step->op == OP_SAME_FOR) {
        return known((double)(signal->event_ms - head->anchor_ms) / SECOND_MS);
    }
    struct look look = look_back(window, head, signal->event_ms);
    int64_t interval_ms =
        (int64_t)program->registry->devices[program->registry->signals[window->signal].device]
            .interval_s *
        SECOND_MS;
    bool covered = look.count > 0 &&
                   (int64_t)look.count * interval_ms * 100 >= window->width_ms * COVERAGE_PERCENT;
    if (!covered) {
        return UNKNOWN;
    }
    if (step->op == OP_RATE) {
        double seconds = (double)(look.last_ms - look.first_ms) / SECOND_MS;
        return seconds > 0 ? known((look.last - look.first) * scale / seconds) : UNKNOWN;
    }
    double number = step->op == OP_MEAN      ? look.sum / look.count
                    : step->op == OP_LOWEST  ? look.lowest
                    : step->op == OP_HIGHEST ? look.highest
                                             : look.last - look.first;
    return known(number * scale);
}

static struct value since_one(struct evaluation *evaluation, enum op op, uint32_t signal)
{
    const struct program *program = evaluation->program;
    const struct signal_state *state = signal_of(program, evaluation->state, signal);
    int64_t now_ms = local_now(program, evaluation->state,
        program->registry->signals[signal].device, evaluation->clock->hub_ms);
    struct value value = {.status = VALUE_KNOWN, .slope = 1.0 / SECOND_MS};
    if (op == OP_AGE) {
        value.number = (double)(now_ms - state->event_ms) / SECOND_MS;
        return state->seen ? value : UNKNOWN;
    }
    if (signal_value(evaluation, signal).status == VALUE_KNOWN || !state->seen) {
        return known(0);
    }
    value.number = (double)(now_ms - state->usable_ms) / SECOND_MS;
    return value;
}

/* Of several equipment in one role: the longest, or where all are meant the shortest. */
static struct value since_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct binding *binding = &evaluation->bindings[step->index];
    if (binding->kind != BINDING_SIGNALS) {
        return ABSENT;
    }
    if (evaluation->state == NULL) {
        return UNKNOWN;
    }
    struct value value = ABSENT;
    for (uint32_t i = 0; i < binding->count; i++) {
        struct value one = since_one(
            evaluation, (enum op)step->op, evaluation->program->elements[binding->first + i]);
        value = i == 0 ? one : join(value, one, binding->all, false);
    }
    return value;
}

static struct value starting_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct program *program = evaluation->program;
    const struct binding *binding = &evaluation->bindings[step->index];
    if (binding->kind != BINDING_ESTIMATORS) {
        return ABSENT;
    }
    if (evaluation->state == NULL) {
        return UNKNOWN;
    }
    for (uint32_t i = 0; i < binding->count; i++) {
        uint32_t index = program->elements[binding->first + i];
        const struct estimator_state *state = estimator_of(program, evaluation->state, index);
        int64_t now_ms = local_now(program, evaluation->state,
            program->estimators[index].clock_device, evaluation->clock->hub_ms);
        int64_t left_ms = (int64_t)(step->number * SECOND_MS) - (now_ms - state->since_ms);
        if (state->settled == SETTLED_ON && state->since_ms > 0 && left_ms > 0) {
            due_in(evaluation, left_ms);
            return known(1);
        }
    }
    return known(0);
}

/* Of several equipment in one role: as their values, the greatest or the least. */
static struct value column_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct program *program = evaluation->program;
    const struct binding *binding = &evaluation->bindings[step->index];
    struct value value = ABSENT;
    for (uint32_t i = 0; binding->kind == BINDING_SIGNALS && i < binding->count; i++) {
        double number =
            signal_column(program, program->elements[binding->first + i], (enum column)step->count);
        if (!isnan(number)) {
            value = value.status == VALUE_ABSENT ? known(number)
                                                 : join(value, known(number), binding->all, false);
        }
    }
    return value;
}

/* --- the calendar and what was told beforehand --- */

static struct value filed_value(struct evaluation *evaluation, struct slice kind)
{
    const struct registry *registry = evaluation->program->registry;
    int64_t now_ms = evaluation->clock->wall.ms;
    for (uint32_t i = 0; registry != NULL && i < registry->plan_count; i++) {
        const struct plan *plan = &registry->plans[i];
        if (plan->enterprise != evaluation->enterprise || !slice_equal(plan->kind, kind)) {
            continue;
        }
        due_at_wall(evaluation, now_ms < plan->from.ms ? plan->from.ms : plan->to.ms);
        if (now_ms >= plan->from.ms && now_ms < plan->to.ms) {
            return known(1);
        }
    }
    return known(0);
}

static struct value calendar_value(struct evaluation *evaluation, struct slice id)
{
    const struct registry *registry = evaluation->program->registry;
    struct civil civil = event_time_civil(evaluation->clock->wall);
    int64_t now_ms = evaluation->clock->wall.ms;
    int32_t minute = civil.hour * 60 + civil.minute;
    int64_t day = (now_ms + CST_OFFSET_MS) / DAY_MS;
    unsigned weekday = (unsigned)((day + 3) % 7); /* 1970-01-01 was a Thursday; 0: Monday */
    bool any = false;
    struct value value = known(0);
    for (uint32_t i = 0; registry != NULL && i < registry->calendar_count; i++) {
        const struct calendar *calendar = &registry->calendars[i];
        if (!slice_equal(calendar->id, id) ||
            (calendar->enterprise != NONE && calendar->enterprise != evaluation->enterprise)) {
            continue;
        }
        any = true;
        bool wraps = calendar->from_minute > calendar->to_minute;
        bool after = minute >= calendar->from_minute, before = minute < calendar->to_minute;
        bool within = wraps ? after || before : after && before;
        bool today = (calendar->weekdays >> weekday & 1) != 0;
        bool dated = now_ms >= calendar->from_date.ms && now_ms < calendar->to_date.ms;
        value.number = within && today && dated ? 1 : value.number;
    }
    due_in(evaluation, MINUTE_MS - (now_ms % MINUTE_MS + MINUTE_MS) % MINUTE_MS);
    return any ? value : known(1); /* without hours of its own it always applies */
}

/* --- the machine --- */

static struct value step_value(struct evaluation *evaluation, const struct code_step *step)
{
    enum op op = (enum op)step->op;
    if (op == OP_NUMBER) {
        return known(step->number);
    }
    if (op == OP_INPUT) {
        return input_value(evaluation, step->index);
    }
    if (op == OP_AGE || op == OP_UNKNOWN_FOR) {
        return since_value(evaluation, step);
    }
    if (op == OP_STARTING) {
        return starting_value(evaluation, step);
    }
    if (op == OP_COLUMN) {
        return column_value(evaluation, step);
    }
    if (op == OP_FILED) {
        return filed_value(evaluation, evaluation->names->words[step->index]);
    }
    if (op == OP_CALENDAR) {
        return calendar_value(evaluation, evaluation->names->words[step->index]);
    }
    return window_value(evaluation, step);
}

static struct value unary(struct value value, enum op op)
{
    if (value.status != VALUE_KNOWN) {
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

static struct value binary(
    struct evaluation *evaluation, struct value a, struct value b, enum op op)
{
    if (op == OP_AND || op == OP_OR) {
        return truth_and_or(evaluation, a, b, op == OP_AND);
    }
    return op <= OP_UNEQUAL ? compare(evaluation, a, b, op) : arithmetic(a, b, op);
}

static struct value run(struct evaluation *evaluation, const struct code *code)
{
    struct value stack[STACK_MAX];
    size_t depth = 0;
    for (size_t i = 0; i < code->size; i++) {
        const struct code_step *step = &code->steps[i];
        enum op op = (enum op)step->op;
        if (op == OP_NOT || op == OP_TRUTH || op == OP_NEGATE || op == OP_ABS) {
            stack[depth - 1] = unary(stack[depth - 1], op);
        } else if (op >= OP_OR && op <= OP_DIVIDE) {
            depth -= 1;
            stack[depth - 1] = binary(evaluation, stack[depth - 1], stack[depth], op);
        } else if (op == OP_MAX || op == OP_MIN) {
            depth -= step->count;
            stack[depth] = extreme(stack + depth, step->count, op == OP_MAX);
            depth += 1;
        } else {
            stack[depth++] = step_value(evaluation, step);
        }
        assert(depth >= 1 && depth <= STACK_MAX);
    }
    assert(depth == 1); /* the compiler counted */
    return stack[0];
}

enum tri evaluate_truth(struct evaluation *evaluation, const struct code *code, bool *absent)
{
    struct value value = run(evaluation, code);
    *absent = value.status == VALUE_ABSENT;
    if (value.status == VALUE_UNKNOWN) {
        return TRI_UNKNOWN;
    }
    return value.status == VALUE_KNOWN && value.number != 0 ? TRI_YES : TRI_NO;
}
