#include "broker-bridge/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where the alarm stands, or would. */
static size_t place_of(const struct ledger *ledger, struct slice alarm)
{
    size_t low = 0, high = ledger->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(slice_of(ledger->entries[middle].alarm), alarm) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool stands_at(const struct ledger *ledger, size_t place, struct slice alarm)
{
    return place < ledger->count && slice_equal(slice_of(ledger->entries[place].alarm), alarm);
}

static void reserve(struct ledger *ledger, size_t count)
{
    if (count > ledger->capacity) {
        ledger->capacity = count + count / 2 + 64;
        ledger->entries = realloc(ledger->entries, ledger->capacity * sizeof *ledger->entries);
        assert(ledger->entries != NULL);
    }
}

static void insert(struct ledger *ledger, size_t place, struct slice alarm, uint64_t said)
{
    reserve(ledger, ledger->count + 1);
    struct ledger_entry *entry = &ledger->entries[place];
    memmove(entry + 1, entry, (ledger->count - place) * sizeof *entry);
    *entry = (struct ledger_entry){.first = said, .last = said};
    memcpy(entry->alarm, alarm.ptr, alarm.size);
    ledger->count += 1;
}

static void take_out(struct ledger *ledger, size_t place)
{
    struct ledger_entry *entry = &ledger->entries[place];
    ledger->count -= 1;
    memmove(entry, entry + 1, (ledger->count - place) * sizeof *entry);
}

void ledger_note(struct ledger *ledger, struct slice alarm, bool open, uint64_t said)
{
    assert(alarm.size == ALARM_ID_SIZE);
    size_t place = place_of(ledger, alarm);
    bool known = stands_at(ledger, place, alarm);
    if (known && open) {
        ledger->entries[place].last = said;
    } else if (known) {
        take_out(ledger, place);
    } else if (open) {
        insert(ledger, place, alarm, said);
    }
}

const struct ledger_entry *ledger_find(const struct ledger *ledger, struct slice alarm)
{
    size_t place = place_of(ledger, alarm);
    return stands_at(ledger, place, alarm) ? &ledger->entries[place] : NULL;
}

uint64_t ledger_first(const struct ledger *ledger)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < ledger->count; i++) {
        first = ledger->entries[i].first < first ? ledger->entries[i].first : first;
    }
    return first;
}

struct slice ledger_bytes(const struct ledger *ledger)
{
    return slice_from(ledger->entries, ledger->count * sizeof *ledger->entries);
}

bool ledger_restore(struct ledger *ledger, struct slice bytes)
{
    size_t count = bytes.size / sizeof *ledger->entries;
    if (count * sizeof *ledger->entries != bytes.size) {
        return false;
    }
    reserve(ledger, count);
    if (count > 0) {
        memcpy(ledger->entries, bytes.ptr, bytes.size);
    }
    ledger->count = count;
    return true;
}

void ledger_free(struct ledger *ledger)
{
    free(ledger->entries);
    *ledger = (struct ledger){0};
}
