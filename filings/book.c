#include "filings/book.h"

#include <assert.h>
#include <string.h>

static struct slice by_of(const struct filing_book *book, uint32_t index)
{
    return slice_from(filing_words_at(book, index)->by, filing_at(book, index)->by_size);
}

uint32_t book_find(const struct filing_book *book, struct slice by, struct slice id)
{
    for (uint32_t i = 0; i < book->count; i++) {
        struct slice other = slice_from(filing_words_at(book, i)->id, filing_at(book, i)->id_size);
        if (slice_equal(other, id) && slice_equal(by_of(book, i), by)) {
            return i;
        }
    }
    return NONE;
}

/* Everything from `from` on stands at `to` from now on. */
static void shift(struct filing_book *book, uint32_t from, uint32_t to)
{
    uint32_t moved = book->count - from;
    if (moved > 0) {
        memmove(filing_at(book, to), filing_at(book, from), moved * sizeof(struct filing));
        memmove(filing_words_at(book, to), filing_words_at(book, from),
            moved * sizeof(struct filing_words));
    }
}

void book_remove(struct filing_book *book, uint32_t index)
{
    assert(index < book->count);
    uint32_t kind = filing_at(book, index)->kind;
    shift(book, index + 1, index);
    book->count -= 1;
    memset(filing_at(book, book->count), 0, sizeof(struct filing));
    memset(filing_words_at(book, book->count), 0, sizeof(struct filing_words));
    for (uint32_t i = kind + 1; i <= FILING_KIND_COUNT; i++) {
        book->first[i] -= 1;
    }
}

/* The one that has been over for longest: of this teller, or of anybody; NONE: none is over. */
static uint32_t oldest_over(const struct filing_book *book, const struct slice *by, int64_t now_ms)
{
    uint32_t oldest = NONE;
    for (uint32_t i = 0; i < book->count; i++) {
        const struct filing *filing = filing_at(book, i);
        if (filing->to_ms <= now_ms && (by == NULL || slice_equal(by_of(book, i), *by)) &&
            (oldest == NONE || filing->to_ms < filing_at(book, oldest)->to_ms)) {
            oldest = i;
        }
    }
    return oldest;
}

static uint32_t told_by(const struct filing_book *book, struct slice by)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < book->count; i++) {
        count += slice_equal(by_of(book, i), by);
    }
    return count;
}

/* One plant that tells much makes others forget nothing. */
bool book_make_room(
    struct filing_book *book, struct slice by, enum filing_teller teller, int64_t now_ms)
{
    bool plenty = teller == FILING_BY_PLANT && told_by(book, by) >= FILINGS_OF_PLANT_MAX;
    if (!plenty && book->count < book->capacity) {
        return true;
    }
    uint32_t oldest = oldest_over(book, plenty ? &by : NULL, now_ms);
    if (oldest != NONE) {
        book_remove(book, oldest);
    }
    return oldest != NONE;
}

static uint8_t keep(char *out, size_t room, struct slice text)
{
    assert(text.size <= room);
    if (text.size > 0) {
        memcpy(out, text.ptr, text.size);
    }
    return (uint8_t)text.size;
}

void book_insert(
    struct filing_book *book, const struct filing *filing, const struct filing_words *words)
{
    assert(book->count < book->capacity);
    uint32_t index = book->first[filing->kind + 1];
    if (index < book->count) {
        shift(book, index, index + 1);
    }
    *filing_at(book, index) = *filing;
    *filing_words_at(book, index) = *words;
    book->count += 1;
    for (uint32_t i = filing->kind + 1U; i <= FILING_KIND_COUNT; i++) {
        book->first[i] += 1;
    }
}

void book_add(struct filing_book *book, const struct filing_draft *draft)
{
    struct filing filing = draft->filing;
    struct filing_words words;
    memset(&words, 0, sizeof words);
    filing.serial = ++book->serial;
    filing.id_size = keep(words.id, sizeof words.id, draft->id);
    filing.by_size = keep(words.by, sizeof words.by, draft->by);
    filing.reason_size = keep(words.reason, sizeof words.reason, draft->reason);
    book_insert(book, &filing, &words);
}
