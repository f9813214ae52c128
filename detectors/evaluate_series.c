#include "detectors/evaluate.h"
#include "detectors/last_digits.h"
#include "detectors/series_shape.h"

static struct value one_spread_of_digits(struct evaluation *evaluation,
    const struct code_step *step, const struct looked *looked, const struct window *window,
    const void *memory)
{
    (void)evaluation;
    (void)looked;
    (void)window;
    double number = step->op == OP_DIGIT_CHI ? last_digits_chi(memory) : last_digits_share(memory);
    return isnan(number) ? UNKNOWN_VALUE : known(number);
}

struct value digits_value(struct evaluation *evaluation, const struct code_step *step)
{
    return each_window(evaluation, step, one_spread_of_digits, false);
}

static struct value one_repetition(struct evaluation *evaluation, const struct code_step *step,
    const struct looked *looked, const struct window *window, const void *memory)
{
    (void)evaluation;
    (void)step;
    (void)looked;
    return known((double)series_shape_repeats_ms(memory, window->spacing_ms) / SECOND_MS);
}

struct value repeats_value(struct evaluation *evaluation, const struct code_step *step)
{
    return each_window(evaluation, step, one_repetition, false);
}
