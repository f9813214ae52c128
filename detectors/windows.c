#include "detectors/program_state.h"

size_t window_size(const struct window *window)
{
    return sizeof(struct window_head) + window->capacity * sizeof(struct window_sample);
}

void window_take(
    const struct window *window, struct window_head *head, int64_t event_ms, double value)
{
    struct window_sample *samples = (struct window_sample *)(void *)(head + 1);
    if (window->kind == WINDOW_RING) {
        samples[head->next] = (struct window_sample){event_ms, value};
        head->next = head->next + 1 == window->capacity ? 0 : head->next + 1;
        head->count += head->count < window->capacity ? 1 : 0;
        return;
    }
    double moved = value > head->anchor ? value - head->anchor : head->anchor - value;
    if (head->count == 0 || moved > window->band) {
        head->anchor = value;
        head->anchor_ms = event_ms;
        head->count = 1;
    }
}
