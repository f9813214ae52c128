#include "detectors/evaluate.h"

/* What one state or let gives now, as its window takes it. */
static void feed(const struct evaluation *evaluation, const struct feeding *feeding, uint32_t index,
    struct value value)
{
    static const enum stands STANDS[] = {
        [VALUE_UNKNOWN] = STANDS_UNKNOWN, [VALUE_ASIDE] = STANDS_ASIDE};
    const struct program *program = evaluation->program;
    const struct window *window = pane_window(program, index);
    void *memory = window_of(program, evaluation->state, index);
    enum value_status status = value_status(value);
    if (status == VALUE_ABSENT) {
        return;
    }
    if (window->kind == WINDOW_HELD || (window->cells >> CELL_YES & 1) != 0) {
        window_stand(window, memory, evaluation->local_ms,
            status != VALUE_KNOWN ? STANDS[status]
            : value.number != 0   ? STANDS_YES
                                  : STANDS_NO);
    } else if (feeding->heard && status == VALUE_KNOWN) {
        window_take(window, memory, evaluation->local_ms, value.number);
    } else if (feeding->heard && status == VALUE_ASIDE) {
        window_aside(window, memory, evaluation->local_ms);
    }
}

bool evaluation_has_clock(const struct evaluation *evaluation, const struct bound *bound)
{
    return bound->clock_device == NONE ||
           track_of(evaluation->program, evaluation->state, bound->clock_device)->heard;
}

void evaluate_lets(
    struct evaluation *evaluation, const struct code *codes, const struct feeding *feeding)
{
    const struct program *program = evaluation->program;
    uint32_t own = 0, end = 0;
    if (feeding != NULL && evaluation_has_clock(evaluation, feeding->bound)) {
        own = feeding->bound->own_first;
        end = own + feeding->bound->own_count;
    }
    for (; own < end && pane_window(program, own)->at == LOOK_AT_INPUT; own++) {
        struct code_step step = {.op = OP_INPUT, .index = pane_window(program, own)->index};
        feed(evaluation, feeding, own, input_value(evaluation, &step));
    }
    for (size_t i = 0; i < evaluation->names->let_count; i++) {
        if (feeding == NULL || feeding->all || evaluation->names->lets[i].fed) {
            evaluation->lets[i] = evaluate(evaluation, &codes[i]);
        }
        for (; own < end && pane_window(program, own)->index == i; own++) {
            feed(evaluation, feeding, own, evaluation->lets[i]);
        }
    }
}
