#include "sinks/latest.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

enum { CELLS_MIN = 64 };

/* One name's words in one block: name, key, then the words, back to back. */
struct entry {
    struct entry *next;    /* of its cell */
    struct entry *changed; /* next of those not yet taken */
    bool is_changed;
    int64_t event_ms;
    uint64_t said;
    uint64_t hash;
    size_t name_size, key_size, count, capacity;
    size_t *sizes; /* of the words */
    uint8_t *bytes;
};

struct latest {
    pthread_mutex_t lock;
    struct entry **cells;
    size_t cell_count, entry_count;
    struct entry *first, **last; /* those changed, oldest change first */
};

struct latest *latest_new(void)
{
    struct latest *latest = calloc(1, sizeof *latest);
    assert(latest != NULL);
    pthread_mutex_init(&latest->lock, NULL);
    latest->cell_count = CELLS_MIN;
    latest->cells = calloc(latest->cell_count, sizeof *latest->cells);
    assert(latest->cells != NULL);
    latest->last = &latest->first;
    return latest;
}

void latest_free(struct latest *latest)
{
    for (size_t i = 0; i < latest->cell_count; i++) {
        struct entry *entry = latest->cells[i];
        while (entry != NULL) {
            struct entry *next = entry->next;
            free(entry->sizes);
            free(entry->bytes);
            free(entry);
            entry = next;
        }
    }
    free(latest->cells);
    pthread_mutex_destroy(&latest->lock);
    free(latest);
}

static void grow(struct latest *latest)
{
    size_t count = 2 * latest->cell_count;
    struct entry **cells = calloc(count, sizeof *cells);
    assert(cells != NULL);
    for (size_t i = 0; i < latest->cell_count; i++) {
        struct entry *entry = latest->cells[i];
        while (entry != NULL) {
            struct entry *next = entry->next;
            entry->next = cells[entry->hash & (count - 1)];
            cells[entry->hash & (count - 1)] = entry;
            entry = next;
        }
    }
    free(latest->cells);
    latest->cells = cells;
    latest->cell_count = count;
}

static struct entry *find(struct latest *latest, struct slice name)
{
    uint64_t hash = hash64(name);
    struct entry *entry = latest->cells[hash & (latest->cell_count - 1)];
    while (entry != NULL && !slice_equal(slice_from(entry->bytes, entry->name_size), name)) {
        entry = entry->next;
    }
    if (entry == NULL) {
        if (latest->entry_count >= latest->cell_count) {
            grow(latest);
        }
        entry = calloc(1, sizeof *entry);
        assert(entry != NULL);
        entry->hash = hash;
        entry->event_ms = INT64_MIN;
        entry->next = latest->cells[hash & (latest->cell_count - 1)];
        latest->cells[hash & (latest->cell_count - 1)] = entry;
        latest->entry_count += 1;
    }
    return entry;
}

static size_t append(uint8_t *bytes, size_t at, struct slice word)
{
    if (word.size > 0) {
        memcpy(bytes + at, word.ptr, word.size);
    }
    return at + word.size;
}

static void fill(struct entry *entry, const struct latest_words *words)
{
    size_t size = words->name.size + words->key.size;
    for (size_t i = 0; i < words->count; i++) {
        size += words->words[i].size;
    }
    if (size > entry->capacity) {
        entry->bytes = realloc(entry->bytes, size);
        assert(entry->bytes != NULL);
        entry->capacity = size;
    }
    if (words->count > entry->count) {
        entry->sizes = realloc(entry->sizes, words->count * sizeof *entry->sizes);
        assert(entry->sizes != NULL);
    }
    size_t at = append(entry->bytes, 0, words->name);
    at = append(entry->bytes, at, words->key);
    for (size_t i = 0; i < words->count; i++) {
        at = append(entry->bytes, at, words->words[i]);
        entry->sizes[i] = words->words[i].size;
    }
    entry->name_size = words->name.size;
    entry->key_size = words->key.size;
    entry->count = words->count;
    entry->event_ms = words->event_ms;
    entry->said = words->said;
}

static void mark(struct latest *latest, struct entry *entry)
{
    if (!entry->is_changed) {
        entry->is_changed = true;
        entry->changed = NULL;
        *latest->last = entry;
        latest->last = &entry->changed;
    }
}

void latest_put(struct latest *latest, const struct latest_words *words)
{
    pthread_mutex_lock(&latest->lock);
    struct entry *entry = find(latest, words->name);
    if (words->event_ms >= entry->event_ms) {
        fill(entry, words);
        mark(latest, entry);
    }
    pthread_mutex_unlock(&latest->lock);
}

static void copy_out(const struct entry *entry, struct arena *arena, struct latest_words *out)
{
    size_t at = entry->name_size + entry->key_size;
    struct slice *words = arena_take(arena, entry->count + 1, sizeof *words);
    for (size_t i = 0; i < entry->count; i++) {
        words[i] = arena_copy(arena, slice_from(entry->bytes + at, entry->sizes[i]));
        at += entry->sizes[i];
    }
    *out = (struct latest_words){
        .name = arena_copy(arena, slice_from(entry->bytes, entry->name_size)),
        .key = arena_copy(arena, slice_from(entry->bytes + entry->name_size, entry->key_size)),
        .event_ms = entry->event_ms,
        .said = entry->said,
        .words = words,
        .count = entry->count,
    };
}

size_t latest_take(struct latest *latest, uint64_t committed, struct arena *arena,
    struct latest_words *taken, size_t room)
{
    size_t count = 0;
    pthread_mutex_lock(&latest->lock);
    struct entry *entry = latest->first;
    latest->first = NULL;
    latest->last = &latest->first;
    while (entry != NULL) {
        struct entry *next = entry->changed;
        entry->is_changed = false;
        if (count < room && entry->said <= committed) {
            copy_out(entry, arena, &taken[count++]);
        } else {
            mark(latest, entry); /* not yet: it keeps its place in the line */
        }
        entry = next;
    }
    pthread_mutex_unlock(&latest->lock);
    return count;
}

void latest_again(struct latest *latest)
{
    pthread_mutex_lock(&latest->lock);
    for (size_t i = 0; i < latest->cell_count; i++) {
        for (struct entry *entry = latest->cells[i]; entry != NULL; entry = entry->next) {
            mark(latest, entry);
        }
    }
    pthread_mutex_unlock(&latest->lock);
}
