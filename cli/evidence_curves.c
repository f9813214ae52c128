#include <math.h>

#include "cli/evidence.h"
#include "schemas/hj212.h"
#include "schemas/units.h"

enum {
    GAP_INTERVALS = 3, /* without a value for so long the curve is broken */
    POINTS_AROUND = 20,
    BEYOND = 3, /* so many times the curve's greatest is too far: the curve would lie flat */
};

/* Of data of hours nearly a day, of data of days only a day: the proof bears what all devices of the area sent then. */
static const int64_t AROUND_MS_MIN = INT64_C(10) * MINUTE_MS, AROUND_MS_MAX = INT64_C(1) * DAY_MS;

static int64_t interval_of(const struct evidence *evidence, const struct curve *curve)
{
    const struct signal *signal = &evidence->registry.signals[curve->signal];
    return evidence->registry.devices[signal->device].interval_s * (int64_t)SECOND_MS;
}

int64_t curve_length(const struct evidence *evidence, const struct curve *curve)
{
    const struct signal *signal = &evidence->registry.signals[curve->signal];
    const struct period_row *period = period_find(signal->cn);
    if (period == NULL) {
        return 0;
    }
    int32_t minutes = evidence->registry.devices[signal->device].minute_interval;
    return period->in_minutes ? minutes * (int64_t)MINUTE_MS : period->length_ms;
}

int64_t curve_gap(const struct evidence *evidence, const struct curve *curve)
{
    int64_t length_ms = curve_length(evidence, curve);
    return length_ms > 0 ? length_ms : interval_of(evidence, curve) * GAP_INTERVALS;
}

static struct curve_bounds bounds_of_values(const struct curve *curve)
{
    struct curve_bounds bounds = {0};
    bool any = false;
    for (size_t i = 0; i < curve->count; i++) {
        const struct curve_point *point = &curve->points[i];
        if (point->usable) {
            bounds.low = !any || point->value < bounds.low ? point->value : bounds.low;
            bounds.high = !any || point->value > bounds.high ? point->value : bounds.high;
            any = true;
        }
    }
    return bounds;
}

struct curve_bounds curve_bounds_of(const struct evidence *evidence, const struct curve *curve)
{
    struct curve_bounds bounds = bounds_of_values(curve);
    const double far = bounds.high > 0 ? bounds.high * BEYOND : (double)INFINITY;
    for (size_t i = 0; i < evidence->line_count; i++) {
        const struct chart_line *line = &evidence->lines[i];
        if (line->signal == curve->signal && line->number <= far) {
            bounds.low = line->number < bounds.low ? line->number : bounds.low;
            bounds.high = line->number > bounds.high ? line->number : bounds.high;
        }
    }
    bounds.low = bounds.low > 0 ? 0 : bounds.low; /* a curve that does not begin at 0 exaggerates */
    bounds.high =
        bounds.high > bounds.low ? bounds.high + (bounds.high - bounds.low) / 20 : bounds.low + 1;
    return bounds;
}

/* So that there are some points either side of the alarm, of the slowest curve too. */
static int64_t around(const struct evidence *evidence)
{
    int64_t around_ms = AROUND_MS_MIN;
    for (size_t i = 0; i < evidence->curve_count; i++) {
        const struct curve *curve = &evidence->curves[i];
        int64_t length_ms = curve_length(evidence, curve);
        int64_t ms = (length_ms > 0 ? length_ms : interval_of(evidence, curve)) * POINTS_AROUND;
        around_ms = ms > around_ms ? ms : around_ms;
    }
    return around_ms < AROUND_MS_MAX ? around_ms : AROUND_MS_MAX;
}

/* The number that the alarm bore under this name when it was raised, in the unit of the signal; NaN: none. */
static double borne(const struct evidence *evidence, uint32_t signal, struct slice name)
{
    const json_t *numbers = json_object_get(json_array_get(evidence->transitions, 0), "numbers");
    char key[100];
    snprintf(key, sizeof key, "%.*s", (int)name.size, (const char *)name.ptr);
    const json_t *number = json_object_get(numbers, key);
    const json_t *value = json_object_get(number, "value");
    const char *written = json_string_value(json_object_get(number, "unit"));
    const struct slice shown = evidence->registry.signals[signal].unit;
    if (!json_is_number(value)) {
        return (double)NAN;
    }
    const struct unit *from = written == NULL ? NULL : unit_find(slice_of(written));
    const struct unit *to = unit_find(shown);
    bool same = written == NULL || unit_same(slice_of(written), shown);
    double scale = same || from == NULL || to == NULL ? 1 : from->scale / to->scale;
    return json_number_value(value) * scale;
}

static void take_line(void *context, uint32_t signal, struct slice name, double number)
{
    struct evidence *evidence = context;
    double told = name.size > 0 ? borne(evidence, signal, name) : (double)NAN;
    struct chart_line line = {signal, name, isfinite(told) ? told : number};
    bool there = !isfinite(line.number) || evidence->line_count == EVIDENCE_LINES_MAX;
    for (size_t i = 0; i < evidence->line_count && !there; i++) {
        const struct chart_line *other = &evidence->lines[i];
        there = other->signal == signal && slice_equal(other->name, name) &&
                other->number <= line.number && other->number >= line.number;
    }
    if (!there) {
        evidence->lines[evidence->line_count++] = line;
    }
}

static void take_signal(void *context, uint32_t signal)
{
    struct evidence *evidence = context;
    for (size_t i = 0; i < evidence->curve_count; i++) {
        if (evidence->curves[i].signal == signal) {
            return;
        }
    }
    if (evidence->curve_count < EVIDENCE_SIGNALS_MAX) {
        evidence->curves[evidence->curve_count++].signal = signal;
    }
}

void evidence_find_curves(struct evidence *evidence)
{
    program_instance_reads(evidence->program, evidence->instance, take_signal, evidence);
    program_instance_compares(evidence->program, evidence->instance, take_line, evidence);
    const int64_t ms = around(evidence);
    evidence->before_ms = evidence->before_ms == EVIDENCE_AROUND ? ms : evidence->before_ms;
    evidence->after_ms = evidence->after_ms == EVIDENCE_AROUND ? ms : evidence->after_ms;
}
