/* book -- the book while it is written: found, added, removed, in the order of kinds; private to filings/.
 *
 * Shape    schemas/filing.h.
 * Memory   the book; unused places are zero, so that equal books are equal bytes.
 * Errors   none.
 * Threads  one thread.
 */
#ifndef FILINGS_BOOK_H
#define FILINGS_BOOK_H

#include "filings/draft.h"

/* What this one told under this id; NONE: nothing. */
uint32_t book_find(const struct filing_book *book, struct slice by, struct slice id);

void book_remove(struct filing_book *book, uint32_t index);

/* False: there is no room, and nothing that is over. */
bool book_make_room(
    struct filing_book *book, struct slice by, enum filing_teller teller, int64_t now_ms);

/* Both: there is room. */
void book_add(struct filing_book *book, const struct filing_draft *draft);
void book_insert(
    struct filing_book *book, const struct filing *filing, const struct filing_words *words);

#endif
