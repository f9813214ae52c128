/* draft -- what was told, read and judged by itself and with the registry, before the book is asked; private.
 *
 * Source   docs/filings.md.
 * Shape    JSON -> a draft, or the answer that says what is wrong with it.
 * Memory   slices borrow from the JSON or the source.
 * Errors   any answer but TAKEN.
 * Threads  pure.
 */
#ifndef FILINGS_DRAFT_H
#define FILINGS_DRAFT_H

#include "core/flat_json.h"
#include "filings/filings.h"

struct filing_draft {
    struct slice id, by, reason;
    struct slice kind_name; /* as it was given */
    bool withdraws;
    bool dated;           /* `from` was given */
    uint32_t enterprise;  /* whom it concerns; NONE: several */
    struct filing filing; /* without serial */
    char by_space[FILING_BY_SIZE];
};

enum filing_answer draft_read(const struct registry *registry, const struct filing_source *source,
    const struct flat_json *json, struct filing_draft *draft);

/* The id of what a filing is about; empty: it is gone. */
struct slice filing_subject(
    const struct registry *registry, enum filing_about about, uint32_t subject);

/* The enterprise that owns it; NONE: several, or it is gone. */
uint32_t filing_owner(const struct registry *registry, enum filing_about about, uint32_t subject);

/* The subject of this id; NONE: there is none. */
uint32_t filing_subject_find(
    const struct registry *registry, enum filing_about about, struct slice id);

#endif
