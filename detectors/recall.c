#include "detectors/recall.h"

#include <string.h>

/* A day of a signal that comes each minute is 1,440: a tenth of the signals may back-fill half an hour each. */
enum { PLACES_A_SIGNAL = 16, PLACES_MIN = 4096, PLACES_MAX = 262144, STEPS_BACK = 4096 };

struct kept {
    int64_t event_ms;
    double value;
    uint64_t before; /* number of the signal's one before, from 1; 0: none */
    uint32_t signal;
    uint8_t usable, flag;
    uint8_t padding[2];
};

struct recall {
    uint64_t count;
    struct signal_state asked;
};

static uint64_t capacity_of(uint32_t signals)
{
    uint64_t places = (uint64_t)signals * PLACES_A_SIGNAL;
    return places < PLACES_MIN ? PLACES_MIN : places > PLACES_MAX ? PLACES_MAX : places;
}

static uint64_t *newest_of(void *recall)
{
    return (uint64_t *)(void *)((struct recall *)recall + 1);
}

static struct kept *place_of(void *recall, uint32_t signals, uint64_t number)
{
    struct kept *places = (struct kept *)(void *)(newest_of(recall) + signals);
    return &places[(number - 1) % capacity_of(signals)];
}

static size_t size_of(uint32_t signals, uint64_t places)
{
    return sizeof(struct recall) + signals * sizeof(uint64_t) + places * sizeof(struct kept);
}

size_t recall_size(uint32_t signals)
{
    return size_of(signals, capacity_of(signals));
}

size_t recall_used(const void *recall, uint32_t signals)
{
    uint64_t count = ((const struct recall *)recall)->count;
    uint64_t capacity = capacity_of(signals);
    return size_of(signals, count < capacity ? count : capacity);
}

uint64_t recall_lost(const void *recall, uint32_t signals)
{
    uint64_t count = ((const struct recall *)recall)->count;
    uint64_t capacity = capacity_of(signals);
    return count > capacity ? count - capacity : 0;
}

void recall_keep(void *recall, uint32_t signals, const struct sample *sample)
{
    struct recall *of = recall;
    uint64_t *newest = &newest_of(recall)[sample->signal];
    of->count += 1;
    *place_of(recall, signals, of->count) = (struct kept){
        .event_ms = sample->time.ms,
        .value = sample->value,
        .before = *newest,
        .signal = sample->signal,
        .usable = sample->usable,
        .flag = (uint8_t)sample->flag,
    };
    *newest = of->count;
}

const struct signal_state *recall_at(
    void *recall, uint32_t signals, uint32_t signal, int64_t at_ms, int64_t fresh_ms)
{
    struct recall *of = recall;
    uint64_t number = newest_of(recall)[signal];
    for (int i = 0; i < STEPS_BACK && number > recall_lost(recall, signals); i++) {
        const struct kept *kept = place_of(recall, signals, number);
        if (kept->event_ms <= at_ms && kept->event_ms >= at_ms - fresh_ms) {
            memset(&of->asked, 0, sizeof of->asked); /* it is state: its padding counts */
            of->asked.seen = 1;
            of->asked.usable = kept->usable;
            of->asked.flag = kept->flag;
            of->asked.value = kept->value;
            of->asked.sent = kept->value;
            of->asked.event_ms = kept->event_ms;
            return &of->asked;
        }
        number = kept->before;
    }
    return NULL;
}
