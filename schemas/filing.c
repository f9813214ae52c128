#include "schemas/filing.h"

#include <assert.h>

static const struct filing_kind_row KINDS[FILING_KIND_COUNT] = {
#define FILING_KIND(id, name, sort, teller, number, unit, least, most, zh, en)                     \
    [FILING_##id] = {name, FILING_##sort, FILING_BY_##teller, FILING_NUMBER_##number, unit, least, \
        most, zh, en},
#include "schemas/filing_kinds.def"
#undef FILING_KIND
};

static const char *const ABOUTS[FILING_ABOUT_COUNT] = {
#define FILING_ABOUT(id, name, zh) [FILING_ABOUT_##id] = name,
#include "schemas/filing_abouts.def"
#undef FILING_ABOUT
};

const struct filing_kind_row *filing_kind_row(enum filing_kind kind)
{
    assert(kind < FILING_KIND_COUNT);
    return &KINDS[kind];
}

bool filing_kind_find(struct slice name, enum filing_kind *kind)
{
    for (int i = 0; i < FILING_KIND_COUNT; i++) {
        if (slice_is(name, KINDS[i].name)) {
            *kind = (enum filing_kind)i;
            return true;
        }
    }
    return false;
}

const char *filing_about_name(enum filing_about about)
{
    assert(about < FILING_ABOUT_COUNT);
    return ABOUTS[about];
}

/* --- the book --- */

/* The bureau's orders to the area and its towns; of each enterprise some. */
enum { CAPACITY_OF_AREA = 256, CAPACITY_OF_ENTERPRISE = 4 };

uint32_t filing_book_capacity(const struct registry *registry)
{
    return CAPACITY_OF_AREA + CAPACITY_OF_ENTERPRISE * registry->enterprise_count;
}

size_t filing_book_size(const struct registry *registry)
{
    return sizeof(struct filing_book) +
           filing_book_capacity(registry) * (sizeof(struct filing) + sizeof(struct filing_words));
}

struct filing *filing_at(const struct filing_book *book, uint32_t index)
{
    assert(index < book->capacity);
    return (struct filing *)(uintptr_t)(book + 1) + index;
}

struct filing_words *filing_words_at(const struct filing_book *book, uint32_t index)
{
    assert(index < book->capacity);
    return (struct filing_words *)((struct filing *)(uintptr_t)(book + 1) + book->capacity) + index;
}

/* --- whom it concerns --- */

static bool is_member(const struct registry *registry, uint32_t linkage, uint32_t equipment)
{
    const struct linkage *of = &registry->linkages[linkage];
    for (uint32_t i = 0; i < of->member_count; i++) {
        if (registry->members[of->member_first + i].equipment == equipment) {
            return true;
        }
    }
    return false;
}

bool filing_concerns(
    const struct registry *registry, const struct filing *filing, const struct filing_place *place)
{
    if (filing->subject == NONE) {
        return false;
    }
    switch ((enum filing_about)filing->about) {
    case FILING_ABOUT_AREA:
        return true;
    case FILING_ABOUT_TOWN:
        return place->enterprise != NONE && slice_equal(registry->enterprises[filing->subject].town,
                                                registry->enterprises[place->enterprise].town);
    case FILING_ABOUT_ENTERPRISE:
        return filing->subject == place->enterprise;
    case FILING_ABOUT_OUTLET:
        return filing->subject == place->outlet;
    case FILING_ABOUT_LINKAGE:
        return filing->subject == place->linkage;
    case FILING_ABOUT_EQUIPMENT:
        return filing->subject == place->equipment ||
               (place->linkage != NONE && is_member(registry, place->linkage, filing->subject));
    case FILING_ABOUT_DEVICE:
        return filing->subject == place->device;
    case FILING_ABOUT_COUNT:
        break;
    }
    assert(!"a filing is about one of these");
    return false;
}

static bool decides_over(const struct filing *filing, const struct filing *other)
{
    return other == NULL || filing->about > other->about ||
           (filing->about == other->about && filing->serial > other->serial);
}

struct filing_view filing_in_force(const struct filing_book *book, const struct registry *registry,
    enum filing_kind kind, const struct filing_place *place, int64_t now_ms)
{
    struct filing_view view = {.turns_ms = INT64_MAX};
    for (uint32_t i = book->first[kind]; i < book->first[kind + 1]; i++) {
        const struct filing *filing = filing_at(book, i);
        if (now_ms >= filing->to_ms || !filing_concerns(registry, filing, place)) {
            continue;
        }
        bool holds = now_ms >= filing->from_ms;
        int64_t turns_ms = holds ? filing->to_ms : filing->from_ms;
        view.turns_ms = turns_ms < view.turns_ms ? turns_ms : view.turns_ms;
        if (holds && decides_over(filing, view.filing)) {
            view.filing = filing;
        }
    }
    return view;
}

const struct filing *filing_last(const struct filing_book *book, const struct registry *registry,
    enum filing_kind kind, const struct filing_place *place, int64_t now_ms)
{
    const struct filing *last = NULL;
    for (uint32_t i = book->first[kind]; i < book->first[kind + 1]; i++) {
        const struct filing *filing = filing_at(book, i);
        bool later = last == NULL || filing->to_ms > last->to_ms ||
                     (filing->to_ms == last->to_ms && filing->serial > last->serial);
        if (!filing->withdrawn && now_ms >= filing->to_ms && later &&
            filing_concerns(registry, filing, place)) {
            last = filing;
        }
    }
    return last;
}
