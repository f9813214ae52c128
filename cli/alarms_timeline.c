#include "cli/alarms_timeline.h"

#include <assert.h>
#include <stdlib.h>

#include "core/time.h"

enum { FLOOD_ABOVE = 10, FLOOD_BELOW = 5, FLOOD_MS = 10 * MINUTE_MS };

void timeline_add(struct timeline *line, int64_t at_ms)
{
    if (line->count == line->capacity) {
        line->capacity = line->capacity * 2 + 16;
        line->at_ms = realloc(line->at_ms, line->capacity * sizeof *line->at_ms);
        assert(line->at_ms != NULL);
    }
    line->at_ms[line->count++] = at_ms;
}

bool timeline_has(const struct timeline *line, size_t count, int64_t within_ms)
{
    for (size_t i = count - 1; i < line->count; i++) {
        if (line->at_ms[i] - line->at_ms[i - (count - 1)] <= within_ms) {
            return true;
        }
    }
    return false;
}

/* The instant at which fewer than five are left in the window, if no other comes. */
static int64_t ebbs_at(const struct timeline *line, size_t last)
{
    return line->at_ms[last < FLOOD_BELOW - 1 ? 0 : last - (FLOOD_BELOW - 1)] + FLOOD_MS;
}

int64_t timeline_flood_ms(const struct timeline *line, int64_t end_ms)
{
    int64_t flooded_ms = 0, begun_ms = 0;
    bool floods = false;
    for (size_t i = 0; i < line->count; i++) {
        if (floods && ebbs_at(line, i - 1) <= line->at_ms[i]) {
            flooded_ms += ebbs_at(line, i - 1) - begun_ms;
            floods = false;
        }
        if (!floods && i >= FLOOD_ABOVE &&
            line->at_ms[i] - line->at_ms[i - FLOOD_ABOVE] <= FLOOD_MS) {
            floods = true;
            begun_ms = line->at_ms[i];
        }
    }
    if (floods) {
        int64_t ebb_ms = ebbs_at(line, line->count - 1);
        flooded_ms += (ebb_ms < end_ms ? ebb_ms : end_ms) - begun_ms;
    }
    return flooded_ms;
}

void timeline_free(struct timeline *line)
{
    free(line->at_ms);
    *line = (struct timeline){0};
}
