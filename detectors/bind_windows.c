#include <math.h>

#include "detectors/baseline.h"
#include "detectors/binder.h"

static const enum keeps KEEPS_OF[OPS] = {
#define FUNCTION(id, name, takes, gives, keeps, value, zh, en) [OP_##id] = keeps,
#include "detectors/functions.def"
#undef FUNCTION
};

static uint32_t add_window(
    struct binder *binder, const struct window *window, uint32_t owner, uint32_t before)
{
    binder->windows = array_grow(&binder->scratch, binder->windows, binder->window_count,
        &binder->window_capacity, sizeof *binder->windows);
    binder->windows[binder->window_count] = (struct window_made){*window, owner, before};
    return binder->window_count++;
}

/* One that keeps what is wanted already, or a new one; `last`: the owner's made last. A ring serves all
 * who ask of the same: it is as long as the longest of them wants. */
static uint32_t window_for(
    struct binder *binder, const struct window *wanted, uint32_t owner, uint32_t *last)
{
    for (uint32_t i = *last; i != NONE; i = binder->windows[i].before) {
        struct window *window = &binder->windows[i].window;
        if (window_same(window, wanted)) {
            window->capacity =
                wanted->capacity > window->capacity ? wanted->capacity : window->capacity;
            return i;
        }
    }
    *last = add_window(binder, wanted, owner, *last);
    return *last;
}

/* What tells a look's window from others of its kind; one baseline serves all shares. */
static double window_number(const struct look *look)
{
    const enum baseline_of of = look->column > 0 ? BASELINE_OF_A_MACHINE : BASELINE_OF_ANYTHING;
    return KEEPS_OF[look->op] == KEEPS_BASELINE ? (double)of : look->number;
}

static uint32_t signal_window(struct binder *binder, const struct look *look, uint32_t signal)
{
    double scale = unit_find(binder->registry->signals[signal].unit)->scale;
    bool band = KEEPS_OF[look->op] == KEEPS_ANCHOR;
    struct window wanted = {.at = LOOK_AT_SIGNALS,
        .span = look->span,
        .interval_ms = signal_interval_ms(binder->registry, signal),
        .spacing_ms = signal_spacing_ms(binder->registry, signal),
        .delay_ms = signal_delay_ms(binder->registry, signal),
        .number = band ? look->number / scale : window_number(look)};
    window_shape(&wanted, KEEPS_OF[look->op], false);
    return window_for(binder, &wanted, signal, &binder->last_windows[signal]);
}

static uint32_t own_window(struct binder *binder, const struct expression_scope *names,
    const struct look *look, const struct bound *bound, uint32_t *last)
{
    enum { INTERVAL_S = 60 }; /* of an instance without a device */
    const struct device *devices = binder->registry->devices;
    int64_t interval_s =
        bound->clock_device == NONE ? INTERVAL_S : devices[bound->clock_device].interval_s;
    struct window wanted = {.at = (uint8_t)look->at,
        .index = look->index,
        .span = look->span,
        .interval_ms = interval_s * SECOND_MS,
        .spacing_ms = interval_s * SECOND_MS,
        .number = window_number(look)};
    window_shape(&wanted, KEEPS_OF[look->op],
        look->at == LOOK_AT_LET && names->lets[look->index].sets_aside);
    return window_for(binder, &wanted, binder->program->bound_count, last);
}

static void add_look_window(struct binder *binder, uint32_t window)
{
    struct program *program = binder->program;
    program->look_windows = array_grow(&program->arena, program->look_windows,
        program->look_window_count, &binder->look_window_capacity, sizeof *program->look_windows);
    program->look_windows[program->look_window_count++] = window;
}

static uint32_t add_looks(struct binder *binder, size_t count)
{
    struct program *program = binder->program;
    uint32_t first = program->look_count;
    for (size_t i = 0; i < count; i++) {
        program->looks = array_grow(&program->arena, program->looks, program->look_count,
            &binder->look_capacity, sizeof *program->looks);
        program->looks[program->look_count++] = NONE;
    }
    return first;
}

static void look_at_signals(struct binder *binder, const struct look *look,
    const struct binding *binding, uint32_t *first_window)
{
    if (binding->kind != BINDING_SIGNALS) {
        return;
    }
    *first_window = binder->program->look_window_count;
    for (uint32_t i = 0; i < binding->count; i++) {
        uint32_t signal = binder->program->elements[binding->first + i];
        bool given = look->column > 0 && !isnan(signal_column(binder->program, signal,
                                             (enum column)(look->column - 1)));
        add_look_window(binder, given ? NONE : signal_window(binder, look, signal));
    }
}

/* A state that is estimated remembers itself when it was switched. */
static bool remembers_itself(const struct look *look, const struct binding *binding)
{
    return (look->op == OP_STARTING || look->op == OP_STOPPING) &&
           binding->kind == BINDING_ESTIMATORS;
}

/* Windows of states before those of lets, and these by let: the order in which they are fed. */
static void look_at_own(struct binder *binder, const struct expression_scope *names,
    uint32_t binding_first, uint32_t look_first, struct bound *bound)
{
    struct program *program = binder->program;
    uint32_t last = NONE;
    bound->own_first = binder->window_count;
    for (size_t turn = 0; turn <= names->let_count; turn++) {
        for (size_t i = 0; i < names->look_count; i++) {
            const struct look *look = &names->looks[i];
            bool input = turn == 0 && look->at == LOOK_AT_INPUT;
            bool let = turn > 0 && look->at == LOOK_AT_LET && look->index == turn - 1;
            const struct binding *binding = &program->bindings[binding_first + look->index];
            if ((!input && !let) ||
                (input && (binding->kind == BINDING_ABSENT || remembers_itself(look, binding)))) {
                continue;
            }
            program->looks[look_first + i] = program->look_window_count;
            add_look_window(binder, own_window(binder, names, look, bound, &last));
        }
    }
    bound->own_count = binder->window_count - bound->own_first;
}

uint32_t bind_looks(struct binder *binder, const struct expression_scope *names,
    uint32_t binding_first, struct bound *bound)
{
    struct program *program = binder->program;
    uint32_t look_first = add_looks(binder, names->look_count);
    for (size_t i = 0; i < names->look_count; i++) {
        const struct look *look = &names->looks[i];
        if (look->at == LOOK_AT_SIGNALS) {
            look_at_signals(binder, look, &program->bindings[binding_first + look->index],
                &program->looks[look_first + i]);
        }
    }
    if (bound != NULL) {
        look_at_own(binder, names, binding_first, look_first, bound);
    }
    return look_first;
}

enum { WINDOWS_SHARED = 1 << 16 }; /* what differs more is not looked for any more */

static uint32_t add_shared(struct binder *binder, const struct window *window, size_t *capacity)
{
    struct program *program = binder->program;
    program->windows = array_grow(&program->arena, program->windows, program->window_count,
        capacity, sizeof *program->windows);
    program->windows[program->window_count] = *window;
    return program->window_count++;
}

void bind_panes(struct binder *binder)
{
    struct program *program = binder->program;
    struct table numbers = table_new(&binder->scratch, WINDOWS_SHARED);
    size_t capacity = 0;
    program->pane_count = binder->window_count;
    program->panes = arena_take(&program->arena, binder->window_count, sizeof *program->panes);
    for (uint32_t i = 0; i < binder->window_count; i++) {
        const struct window_made *made = &binder->windows[i];
        const struct slice bytes = slice_from(&made->window, sizeof made->window);
        uint32_t number = table_find(&numbers, bytes);
        if (number == TABLE_NONE) {
            number = add_shared(binder, &made->window, &capacity);
            if (number < WINDOWS_SHARED) {
                table_add(&numbers, bytes, number);
            }
        }
        program->panes[i] = (struct pane){.window = number, .owner = made->owner};
    }
}
