#include "detectors/evaluate.h"

static bool is_dated(const struct calendar *calendar, struct civil civil, int64_t now_ms)
{
    int32_t day = civil.month * 100 + civil.day;
    if (calendar->from_day == 0) {
        return now_ms >= calendar->from_date.ms && now_ms < calendar->to_date.ms;
    }
    bool after = day >= calendar->from_day, before = day <= calendar->to_day;
    return calendar->from_day > calendar->to_day ? after || before : after && before;
}

static bool holds(const struct calendar *calendar, struct event_time now)
{
    struct civil civil = event_time_civil(now);
    int32_t minute = civil.hour * 60 + civil.minute;
    int64_t day = (now.ms + CST_OFFSET_MS) / DAY_MS;
    unsigned weekday = (unsigned)((day + 3) % 7); /* 1970-01-01 was a Thursday; 0: Monday */
    bool after = minute >= calendar->from_minute, before = minute < calendar->to_minute;
    bool within = calendar->from_minute > calendar->to_minute ? after || before : after && before;
    return within && (calendar->weekdays >> weekday & 1) != 0 && is_dated(calendar, civil, now.ms);
}

/* What the rows of one calendar say of a place: whether any concerns it, whether one holds; and of those that hold the
 * share of the closest, of several the least. */
struct said {
    bool any, holds, of_equipment;
    double share;
};

static void add_share(struct said *said, const struct calendar *calendar)
{
    bool of_equipment = calendar->equipment != NONE;
    bool closer = of_equipment && !said->of_equipment;
    bool less =
        of_equipment == said->of_equipment && (isnan(said->share) || calendar->share < said->share);
    if (!isnan(calendar->share) && (closer || less)) {
        said->share = calendar->share;
        said->of_equipment = of_equipment;
    }
}

static struct said ask(struct evaluation *evaluation, const struct code_step *step)
{
    const struct slice id = evaluation->names->words[step->index];
    const struct registry *registry = evaluation->program->registry;
    struct event_time now = evaluation->moment->wall;
    struct said said = {.share = (double)NAN};
    for (uint32_t i = 0; registry != NULL && i < registry->calendar_count; i++) {
        const struct calendar *calendar = &registry->calendars[i];
        if (!slice_equal(calendar->id, id) ||
            !evaluation_concerns(evaluation, calendar->enterprise, calendar->equipment)) {
            continue;
        }
        said.any = true;
        if (holds(calendar, now)) {
            said.holds = true;
            add_share(&said, calendar);
        }
    }
    if (said.any) {
        evaluation_due_in(evaluation, MINUTE_MS - (now.ms % MINUTE_MS + MINUTE_MS) % MINUTE_MS);
    }
    return said;
}

/* Without hours of its own it always applies: business hours that nobody wrote down. */
struct value calendar_value(struct evaluation *evaluation, const struct code_step *step)
{
    struct said said = ask(evaluation, step);
    return known(said.holds || !said.any ? 1 : 0);
}

/* Whom no row names is not meant: a ban. */
struct value scheduled_value(struct evaluation *evaluation, const struct code_step *step)
{
    return known(ask(evaluation, step).holds ? 1 : 0);
}

struct value scheduled_share_value(struct evaluation *evaluation, const struct code_step *step)
{
    double share = ask(evaluation, step).share;
    return evaluation->state == NULL ? UNKNOWN_VALUE : isnan(share) ? ABSENT_VALUE : known(share);
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
