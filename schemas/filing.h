/* filing -- what people have told the hub: stops and repairs, the bureau's orders, records of work.
 *
 *   | struct filing_book | its filings, in the order of kinds | their words |
 *
 * Source   schemas/filing_kinds.def; docs/filings.md.
 * Shape    a flat table with a place for filing_book_capacity() of them; look-ups by kind and place. Each is about
 *          one subject, and concerns what lies within it: an order to a town all its enterprises, the repair of a
 *          filter the linkage it stands in. Several that hold: the closest decides, of these the last told.
 * Units    ms of event time, [from, to); a number in the base unit of its kind's.
 * Memory   flat, no pointers, zeroed = empty: part of the state. The stage filings/ writes it, others read.
 * Errors   none.
 * Threads  one thread.
 */
#ifndef SCHEMAS_FILING_H
#define SCHEMAS_FILING_H

#include "schemas/registry.h"

enum filing_kind {
#define FILING_KIND(id, name, sort, teller, number, unit, least, most, zh, en) FILING_##id,
#include "schemas/filing_kinds.def"
#undef FILING_KIND
    FILING_KIND_COUNT
};

enum filing_sort { FILING_ANNOUNCED, FILING_ORDERED, FILING_RECORDED };
enum filing_teller { FILING_BY_PLANT, FILING_BY_BUREAU };
enum filing_number { FILING_NUMBER_NONE, FILING_NUMBER_MAY, FILING_NUMBER_NEEDS };

struct filing_kind_row {
    const char *name;
    enum filing_sort sort;
    enum filing_teller teller;
    enum filing_number number;
    const char *unit;
    double least, most; /* in the unit */
    const char *zh, *en;
};

const struct filing_kind_row *filing_kind_row(enum filing_kind kind);
bool filing_kind_find(struct slice name, enum filing_kind *kind);

/* The closer to the equipment, the greater: of two that hold the closer decides. */
enum filing_about {
#define FILING_ABOUT(id, name, zh) FILING_ABOUT_##id,
#include "schemas/filing_abouts.def"
#undef FILING_ABOUT
    FILING_ABOUT_COUNT
};

const char *filing_about_name(enum filing_about about);

enum { FILING_ID_SIZE = 40, FILING_BY_SIZE = 72, FILING_REASON_SIZE = 96 };

struct filing {
    int64_t from_ms, to_ms; /* INT64_MAX: until it is withdrawn; what is recorded: from = to */
    int64_t told_ms;        /* when its last word arrived */
    double number;
    uint64_t serial;       /* counts what is told */
    uint64_t subject_hash; /* of the subject's id: finds it again in another registry */
    uint32_t subject; /* index in the registry; a town: of its first enterprise; NONE: it is gone */
    uint16_t kind;    /* enum filing_kind */
    uint8_t about;    /* enum filing_about */
    uint8_t withdrawn, numbered;
    uint8_t id_size, by_size, reason_size;
};

struct filing_words {
    char id[FILING_ID_SIZE];
    char by[FILING_BY_SIZE]; /* plant:ENTERPRISE, an officer's user name, local:NAME */
    char reason[FILING_REASON_SIZE];
};

struct filing_book {
    uint32_t count, capacity;
    uint64_t serial;                       /* of the last one told */
    int64_t begun_ms;                      /* what was before is not known; 0: not begun */
    uint32_t first[FILING_KIND_COUNT + 1]; /* of each kind: where its filings begin */
    uint32_t padding;
};

uint32_t filing_book_capacity(const struct registry *registry);
size_t filing_book_size(const struct registry *registry);
struct filing *filing_at(const struct filing_book *book, uint32_t index);
struct filing_words *filing_words_at(const struct filing_book *book, uint32_t index);

/* Where something that asks stands; NONE where it has none. */
struct filing_place {
    uint32_t enterprise, outlet, linkage, equipment, device;
};

bool filing_concerns(
    const struct registry *registry, const struct filing *filing, const struct filing_place *place);

/* Of this kind and place: the one that holds now, or NULL; and when that may change (INT64_MAX: never). */
struct filing_view {
    const struct filing *filing;
    int64_t turns_ms;
};
struct filing_view filing_in_force(const struct filing_book *book, const struct registry *registry,
    enum filing_kind kind, const struct filing_place *place, int64_t now_ms);

/* The last one that has ended or was done, and was not withdrawn; NULL: none is known. */
const struct filing *filing_last(const struct filing_book *book, const struct registry *registry,
    enum filing_kind kind, const struct filing_place *place, int64_t now_ms);

#endif
