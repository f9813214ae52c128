#include "filings/filings.h"

#include <assert.h>
#include <string.h>

#include "core/hash.h"
#include "filings/book.h"
#include "filings/draft.h"
#include "schemas/units.h"

static const struct {
    const char *name, *zh, *en;
} ANSWERS[FILING_ANSWER_COUNT] = {
#define FILING_ANSWER(id, name, zh, en) [FILING_ANSWER_##id] = {name, zh, en},
#include "schemas/filing_answers.def"
#undef FILING_ANSWER
};

static void add_both(struct text *json, const char *name, const char *zh, const char *en)
{
    text_add_key(json, name);
    text_add_byte(json, '{');
    text_add_field(json, "zh", slice_of(zh));
    text_add_field(json, "en", slice_of(en));
    text_add_byte(json, '}');
}

static const char *stands(const struct filing *filing, int64_t now_ms)
{
    return filing->withdrawn          ? "withdrawn"
           : now_ms < filing->from_ms ? "ahead"
           : now_ms < filing->to_ms   ? "in-force"
                                      : "over";
}

static void add_time(struct text *json, const char *name, int64_t ms)
{
    text_add_field_time(json, name, (struct event_time){ms});
}

void filing_write(const struct registry *registry, const struct filing_book *book, uint32_t index,
    int64_t now_ms, struct text *json)
{
    const struct filing *filing = filing_at(book, index);
    const struct filing_words *words = filing_words_at(book, index);
    const struct filing_kind_row *row = filing_kind_row((enum filing_kind)filing->kind);
    enum filing_about about = (enum filing_about)filing->about;
    text_add_field(json, "id", slice_from(words->id, filing->id_size));
    text_add_field(json, "by", slice_from(words->by, filing->by_size));
    text_add_field(json, "kind", slice_of(row->name));
    add_both(json, "title", row->zh, row->en);
    text_add_field(
        json, filing_about_name(about), filing_subject(registry, about, filing->subject));
    add_time(json, "from", filing->from_ms);
    if (row->sort != FILING_RECORDED && filing->to_ms != INT64_MAX) {
        add_time(json, "to", filing->to_ms);
    }
    if (filing->numbered) {
        text_add_key(json, "number");
        text_add_shortest(json, filing->number / unit_find(slice_of(row->unit))->scale);
        text_add_field(json, "unit", slice_of(row->unit));
    }
    if (filing->reason_size > 0) {
        text_add_field(json, "reason", slice_from(words->reason, filing->reason_size));
    }
    add_time(json, "told", filing->told_ms);
    text_add_field(json, "stands", slice_of(stands(filing, now_ms)));
}

static bool same(
    const struct filing *filing, const struct filing_words *words, const struct filing_draft *draft)
{
    const struct filing *other = &draft->filing;
    return filing->kind == other->kind && filing->about == other->about &&
           filing->subject == other->subject && filing->numbered == other->numbered &&
           filing->number == other->number &&
           slice_equal(slice_from(words->reason, filing->reason_size), draft->reason) &&
           filing->from_ms == other->from_ms && filing->to_ms == other->to_ms;
}

static uint32_t enterprise_of(const struct registry *registry, const struct filing *filing)
{
    return filing_owner(registry, (enum filing_about)filing->about, filing->subject);
}

static struct filing_outcome withdraw(
    const struct registry *registry, struct filing_book *book, uint32_t index, int64_t now_ms)
{
    struct filing *filing = index == NONE ? NULL : filing_at(book, index);
    bool recorded =
        filing != NULL && filing_kind_row((enum filing_kind)filing->kind)->sort == FILING_RECORDED;
    if (filing == NULL || filing->withdrawn || (!recorded && filing->to_ms <= now_ms)) {
        return (struct filing_outcome){.answer = FILING_ANSWER_NO_SUCH_FILING};
    }
    filing->withdrawn = 1;
    filing->told_ms = now_ms;
    filing->to_ms = filing->from_ms > now_ms || recorded ? filing->from_ms : now_ms;
    return (struct filing_outcome){FILING_ANSWER_WITHDRAWN, true, enterprise_of(registry, filing)};
}

/* Where nothing was said of it, it begins when it was told first. */
static void keep_beginning(struct filing_draft *draft, const struct filing *old)
{
    bool instant = draft->filing.to_ms == draft->filing.from_ms;
    if (!draft->dated) {
        draft->filing.from_ms = old->from_ms;
        draft->filing.to_ms = instant ? old->from_ms : draft->filing.to_ms;
    }
}

/* What was told before under the same id makes room for it. */
static struct filing_outcome take(const struct registry *registry, struct filing_book *book,
    struct filing_draft *draft, uint32_t before, const struct filing_source *source)
{
    struct filing_outcome outcome = {FILING_ANSWER_TAKEN, true, draft->enterprise};
    draft->filing.told_ms = source->wall.ms;
    if (before != NONE) {
        const struct filing *old = filing_at(book, before);
        if (old->withdrawn) {
            return (struct filing_outcome){.answer = FILING_ANSWER_GONE};
        }
        keep_beginning(draft, old);
        if (same(old, filing_words_at(book, before), draft)) {
            return (struct filing_outcome){.answer = FILING_ANSWER_REPEATED};
        }
        outcome.answer = FILING_ANSWER_SUPERSEDED;
        outcome.enterprise =
            enterprise_of(registry, old) == draft->enterprise ? draft->enterprise : NONE;
        book_remove(book, before);
    } else if (!book_make_room(book, draft->by, source->teller, source->wall.ms)) {
        return (struct filing_outcome){.answer = FILING_ANSWER_FULL};
    }
    book_add(book, draft);
    return outcome;
}

static void write_result(const struct registry *registry, const struct filing_book *book,
    const struct filing_draft *draft, const struct filing_source *source, enum filing_answer answer,
    struct text *result)
{
    uint32_t index = book_find(book, draft->by, draft->id);
    text_add_byte(result, '{');
    text_add_field_time(result, "at", source->wall);
    text_add_field(result, "id", slice_head(draft->id, 128));
    text_add_field(result, "by", slice_head(draft->by, 128));
    text_add_field(result, "result", slice_of(ANSWERS[answer].name));
    add_both(result, "message", ANSWERS[answer].zh, ANSWERS[answer].en);
    if (answer <= FILING_ANSWER_WITHDRAWN && index != NONE) {
        text_add_key(result, "filing");
        text_add_byte(result, '{');
        filing_write(registry, book, index, source->wall.ms, result);
        text_add_byte(result, '}');
    }
    text_add_byte(result, '}');
    assert(!result->truncated);
}

struct filing_outcome filings_obey(const struct registry *registry, struct filing_book *book,
    const struct filing_source *source, struct slice payload, struct text *result)
{
    struct flat_json json;
    struct filing_draft draft = {.filing.subject = NONE};
    struct filing_outcome outcome = {.answer = FILING_ANSWER_BAD_FILING};
    if (flat_json_read(&json, payload)) {
        outcome.answer = draft_read(registry, source, &json, &draft);
        if (outcome.answer == FILING_ANSWER_TAKEN) {
            uint32_t before = book_find(book, draft.by, draft.id);
            outcome = draft.withdraws ? withdraw(registry, book, before, source->wall.ms)
                                      : take(registry, book, &draft, before, source);
        }
    }
    write_result(registry, book, &draft, source, outcome.answer, result);
    return outcome;
}
