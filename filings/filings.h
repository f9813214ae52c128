/* filings -- what people tell the hub, read, judged, and put into the book.
 *
 *   {"id": "f-17", "kind": "repair", "equipment": "F1", "from": "...", "to": "...", "reason": "..."}
 *   {"id": "f-17", "action": "withdraw"}
 *
 * Source   docs/filings.md; schemas/filing_kinds.def, schemas/filing_answers.def.
 * Shape    one flat JSON object -> a change of the book and one result, a JSON object. What is told is known by who
 *          told it and its id: the same again changes nothing, something else under the same id takes its place, and
 *          an id that was withdrawn stays so. What was told is never forgotten while it is in force or ahead; at
 *          capacity the oldest that is over makes room.
 * Units    times of the payload: RFC 3339; the number in the unit of its kind's row.
 * Memory   the book, of filing_book_size() bytes; nothing allocated.
 * Errors   what is not taken is answered with the reason; the book stays as it was.
 * Threads  one thread.
 * Limits   what is about something that a new registry no longer has concerns nobody until one has it again. A registry
 *          with so many enterprises less that not even what is in force has room loses some of it.
 */
#ifndef FILINGS_FILINGS_H
#define FILINGS_FILINGS_H

#include "core/text.h"
#include "schemas/filing.h"

enum filing_answer {
#define FILING_ANSWER(id, name, zh, en) FILING_ANSWER_##id,
#include "schemas/filing_answers.def"
#undef FILING_ANSWER
    FILING_ANSWER_COUNT
};

enum { FILINGS_OF_PLANT_MAX = 24, FILING_RESULT_SIZE = 4 * 1024 };

/* Who told it: a plant by the name in its topic (an MN or its enterprise), or somebody of the bureau. */
struct filing_source {
    struct slice name;
    enum filing_teller teller;
    bool retained;
    struct event_time wall;
};

struct filing_outcome {
    enum filing_answer answer;
    bool changed;        /* the book */
    uint32_t enterprise; /* whom the change concerns; NONE: several */
};

struct filing_outcome filings_obey(const struct registry *registry, struct filing_book *book,
    const struct filing_source *source, struct slice payload, struct text *result);

/* One of the book as the members of a JSON object, as of this instant. */
void filing_write(const struct registry *registry, const struct filing_book *book, uint32_t index,
    int64_t now_ms, struct text *json);

/* A zeroed book of filing_book_size(registry) bytes, laid out. */
void filings_lay_out(const struct registry *registry, struct filing_book *book);

/* Into the empty book of another registry; what a filing is about is found again by its id. */
void filings_carry(const struct registry *from, const struct filing_book *old,
    const struct registry *to, struct filing_book *book, int64_t now_ms);

#endif
