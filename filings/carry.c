#include "core/hash.h"
#include "filings/book.h"

void filings_lay_out(const struct registry *registry, struct filing_book *book)
{
    book->capacity = filing_book_capacity(registry);
}

static uint32_t count_of(const struct registry *registry, enum filing_about about)
{
    const uint32_t counts[FILING_ABOUT_COUNT] = {
        [FILING_ABOUT_AREA] = 1,
        [FILING_ABOUT_TOWN] = registry->enterprise_count,
        [FILING_ABOUT_ENTERPRISE] = registry->enterprise_count,
        [FILING_ABOUT_OUTLET] = registry->outlet_count,
        [FILING_ABOUT_LINKAGE] = registry->linkage_count,
        [FILING_ABOUT_EQUIPMENT] = registry->equipment_count,
        [FILING_ABOUT_DEVICE] = registry->device_count,
    };
    return counts[about];
}

/* What a registry between had not: only the fingerprint of its id is left. */
static uint32_t find_again(const struct registry *registry, const struct filing *filing)
{
    enum filing_about about = (enum filing_about)filing->about;
    for (uint32_t i = 0; i < count_of(registry, about); i++) {
        if (hash64(filing_subject(registry, about, i)) == filing->subject_hash) {
            return i;
        }
    }
    return NONE;
}

static uint32_t subject_in(
    const struct registry *from, const struct registry *to, const struct filing *filing)
{
    enum filing_about about = (enum filing_about)filing->about;
    return filing->subject == NONE
               ? find_again(to, filing)
               : filing_subject_find(to, about, filing_subject(from, about, filing->subject));
}

void filings_carry(const struct registry *from, const struct filing_book *old,
    const struct registry *to, struct filing_book *book, int64_t now_ms)
{
    uint32_t without = old->count > book->capacity ? old->count - book->capacity : 0;
    book->serial = old->serial;
    book->begun_ms = old->begun_ms;
    for (uint32_t i = 0; i < old->count && book->count < book->capacity; i++) {
        const struct filing *filing = filing_at(old, i);
        if (without > 0 && filing->to_ms <= now_ms) {
            without -= 1;
            continue;
        }
        struct filing carried = *filing;
        carried.subject = subject_in(from, to, filing);
        book_insert(book, &carried, filing_words_at(old, i));
    }
}
