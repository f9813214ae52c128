#include "detectors/evaluate.h"

struct value calendar_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct slice id = evaluation->names->words[step->index];
    const struct registry *registry = evaluation->program->registry;
    struct civil civil = event_time_civil(evaluation->moment->wall);
    int64_t now_ms = evaluation->moment->wall.ms;
    int32_t minute = civil.hour * 60 + civil.minute;
    int64_t day = (now_ms + CST_OFFSET_MS) / DAY_MS;
    unsigned weekday = (unsigned)((day + 3) % 7); /* 1970-01-01 was a Thursday; 0: Monday */
    bool any = false;
    struct value value = known(0);
    for (uint32_t i = 0; registry != NULL && i < registry->calendar_count; i++) {
        const struct calendar *calendar = &registry->calendars[i];
        if (!slice_equal(calendar->id, id) ||
            (calendar->enterprise != NONE &&
                (evaluation->place == NULL ||
                    calendar->enterprise != evaluation->place->enterprise))) {
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
    evaluation_due_in(evaluation, MINUTE_MS - (now_ms % MINUTE_MS + MINUTE_MS) % MINUTE_MS);
    return any ? value : known(1); /* without hours of its own it always applies */
}

/* clock(22:00, 06:00): index is the minute from which, number the one to which. */
struct value clock_value(struct evaluation *evaluation, const struct code_step *step)
{
    const int64_t now_ms = evaluation->local_ms + CST_OFFSET_MS;
    const int64_t of_day_ms = (now_ms % DAY_MS + DAY_MS) % DAY_MS;
    const int64_t from_ms = step->index * (int64_t)MINUTE_MS;
    const int64_t to_ms = (int64_t)step->number * MINUTE_MS;
    bool after = of_day_ms >= from_ms, before = of_day_ms < to_ms;
    bool within = from_ms > to_ms ? after || before : after && before;
    int64_t next_ms = after ? from_ms + DAY_MS : from_ms;
    int64_t other_ms = before ? to_ms : to_ms + DAY_MS;
    evaluation_due_in(evaluation, (next_ms < other_ms ? next_ms : other_ms) - of_day_ms);
    return known(within ? 1 : 0);
}
