#include "filings/draft.h"

#include "core/hash.h"
#include "schemas/topic.h"
#include "schemas/units.h"

/* Nobody plans a year ahead, and nobody remembers a day's work for longer. A clock may be a little ahead. */
#define FAR_MS (INT64_C(366) * DAY_MS)
enum { AHEAD_MS = 5 * MINUTE_MS };

/* The member that names it: one, or none. */
static enum filing_answer read_subject(
    const struct registry *registry, const struct flat_json *json, struct filing_draft *draft)
{
    int named = 0;
    struct slice id = {0};
    for (int about = 0; about < FILING_ABOUT_COUNT; about++) {
        struct slice value = flat_json_string(json, filing_about_name((enum filing_about)about));
        if (value.size > 0) {
            named += 1;
            id = value;
            draft->filing.about = (uint8_t)about;
            draft->filing.subject = filing_subject_find(registry, (enum filing_about)about, value);
        }
    }
    draft->filing.subject_hash = hash64(id);
    return named == 1 && draft->filing.subject != NONE ? FILING_ANSWER_TAKEN
                                                       : FILING_ANSWER_NO_SUCH_SUBJECT;
}

static bool names_a_subject(const struct flat_json *json)
{
    for (int about = 0; about < FILING_ABOUT_COUNT; about++) {
        if (flat_json_string(json, filing_about_name((enum filing_about)about)).size > 0) {
            return true;
        }
    }
    return false;
}

/* A plant speaks of what is its own; of all of it where it names nothing. */
static enum filing_answer read_whom(const struct registry *registry, uint32_t plant,
    const struct flat_json *json, struct filing_draft *draft)
{
    if (plant != NONE && !names_a_subject(json)) {
        draft->filing.about = FILING_ABOUT_ENTERPRISE;
        draft->filing.subject = plant;
        draft->filing.subject_hash = hash64(registry->enterprises[plant].id);
        draft->enterprise = plant;
        return FILING_ANSWER_TAKEN;
    }
    enum filing_answer answer = read_subject(registry, json, draft);
    if (answer == FILING_ANSWER_TAKEN) {
        draft->enterprise =
            filing_owner(registry, (enum filing_about)draft->filing.about, draft->filing.subject);
        answer = plant != NONE && draft->enterprise != plant ? FILING_ANSWER_NOT_OF_PLANT : answer;
    }
    return answer;
}

static bool read_time(const struct flat_json *json, const char *name, bool *given, int64_t *ms)
{
    struct event_time time = {0};
    struct slice text = flat_json_string(json, name);
    *given = text.size > 0;
    if (*given && event_time_from_rfc3339(text, &time)) {
        *ms = time.ms;
        return true;
    }
    return !*given;
}

static enum filing_answer read_times(const struct filing_kind_row *row,
    const struct filing_source *source, const struct flat_json *json, struct filing_draft *draft)
{
    struct filing *filing = &draft->filing;
    bool ended;
    filing->from_ms = source->wall.ms;
    filing->to_ms = INT64_MAX;
    if (!read_time(json, "from", &draft->dated, &filing->from_ms) ||
        !read_time(json, "to", &ended, &filing->to_ms)) {
        return FILING_ANSWER_BAD_FILING;
    }
    int64_t away_ms = filing->from_ms - source->wall.ms;
    bool near = away_ms >= -FAR_MS && away_ms <= FAR_MS;
    if (row->sort == FILING_RECORDED) {
        filing->to_ms = filing->from_ms;
        return near && !ended && away_ms <= AHEAD_MS ? FILING_ANSWER_TAKEN : FILING_ANSWER_BAD_TIME;
    }
    if (!ended && row->sort == FILING_ANNOUNCED && source->teller == FILING_BY_PLANT) {
        return FILING_ANSWER_NO_END;
    }
    bool lasts = filing->to_ms > filing->from_ms && filing->to_ms > source->wall.ms &&
                 (!ended || filing->to_ms - filing->from_ms <= FAR_MS);
    return near && lasts ? FILING_ANSWER_TAKEN : FILING_ANSWER_BAD_TIME;
}

static enum filing_answer read_number(
    const struct filing_kind_row *row, const struct flat_json *json, struct filing *filing)
{
    double number = 0;
    bool given = flat_json_has(json, "number");
    bool fits = flat_json_decimal(json, "number", &number) && number >= row->least &&
                number <= row->most && row->number != FILING_NUMBER_NONE;
    if (given ? !fits : row->number == FILING_NUMBER_NEEDS) {
        return FILING_ANSWER_BAD_NUMBER;
    }
    filing->numbered = given;
    filing->number = number * unit_find(slice_of(row->unit))->scale;
    return FILING_ANSWER_TAKEN;
}

/* What fits into the book, whole characters; all of it stands in the journal. */
static struct slice cut_reason(struct slice reason)
{
    size_t size = reason.size < FILING_REASON_SIZE ? reason.size : FILING_REASON_SIZE;
    while (size > 0 && size < reason.size && (reason.ptr[size] & 0xC0) == 0x80) {
        size -= 1;
    }
    return slice_head(reason, size);
}

/* By whose name the book knows it. */
static uint32_t read_teller(
    const struct registry *registry, const struct filing_source *source, struct filing_draft *draft)
{
    struct text by = text_in(draft->by_space, sizeof draft->by_space);
    uint32_t plant = NONE;
    if (source->teller == FILING_BY_PLANT) {
        uint32_t device = registry_device(registry, source->name);
        plant = device != NONE
                    ? registry->devices[device].enterprise
                    : filing_subject_find(registry, FILING_ABOUT_ENTERPRISE, source->name);
        text_add(&by, "plant:");
    }
    text_add_slice(&by, plant == NONE ? source->name : registry->enterprises[plant].id);
    draft->by = text_slice(&by);
    return plant;
}

/* The bureau may withdraw what others told: `by` names them. */
static enum filing_answer read_withdrawal(
    const struct filing_source *source, const struct flat_json *json, struct filing_draft *draft)
{
    struct slice by = flat_json_string(json, "by");
    draft->withdraws = true;
    if (by.size > 0 && source->teller == FILING_BY_BUREAU) {
        draft->by = by;
    }
    return FILING_ANSWER_TAKEN;
}

enum filing_answer draft_read(const struct registry *registry, const struct filing_source *source,
    const struct flat_json *json, struct filing_draft *draft)
{
    enum filing_kind kind;
    struct slice action = flat_json_string(json, "action");
    *draft = (struct filing_draft){.filing.subject = NONE, .enterprise = NONE};
    draft->id = flat_json_string(json, "id");
    draft->kind_name = flat_json_string(json, "kind");
    draft->reason = cut_reason(flat_json_string(json, "reason"));
    uint32_t plant = read_teller(registry, source, draft);
    if (source->retained) {
        return FILING_ANSWER_RETAINED;
    }
    if (source->teller == FILING_BY_PLANT && plant == NONE) {
        return FILING_ANSWER_NO_SUCH_PLANT;
    }
    if (!name_valid(draft->id) || draft->id.size > FILING_ID_SIZE) {
        return FILING_ANSWER_BAD_FILING;
    }
    if (slice_is(action, "withdraw")) {
        return read_withdrawal(source, json, draft);
    }
    if (action.size > 0 && !slice_is(action, "file")) {
        return FILING_ANSWER_BAD_FILING;
    }
    if (!filing_kind_find(draft->kind_name, &kind)) {
        return FILING_ANSWER_NO_SUCH_KIND;
    }
    const struct filing_kind_row *row = filing_kind_row(kind);
    draft->filing.kind = (uint16_t)kind;
    if (row->teller == FILING_BY_BUREAU && source->teller == FILING_BY_PLANT) {
        return FILING_ANSWER_NOT_YOURS;
    }
    enum filing_answer answer = read_whom(registry, plant, json, draft);
    if (answer == FILING_ANSWER_TAKEN) {
        answer = read_times(row, source, json, draft);
    }
    return answer == FILING_ANSWER_TAKEN ? read_number(row, json, &draft->filing) : answer;
}
