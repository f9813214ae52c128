#include "tests/bench/fleet.h"

#include <stdio.h>
#include <stdlib.h>

enum { SO2_TENTHS = 200, SPIKE_TENTHS = 900, QN_AT = 9, QN_SIZE = 17 };

void fleet_read(struct fleet *fleet, const char *path, const char *area)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        wire_die(path);
    }
    fleet->area = area;
    char mn[FLEET_MN_SIZE];
    while (fleet->device_count < FLEET_MAX && fscanf(file, "%24s", mn) == 1) {
        size_t at = fleet->device_count++;
        memcpy(fleet->mns[at], mn, sizeof mn);
        snprintf(fleet->topics[at], FLEET_TOPIC_SIZE, "ems/v1/%s/%s/up/hj212", area, mn);
    }
    fclose(file);
    fleet->device_count -= fleet->device_count % FLEET_CONNECTIONS;
    if (fleet->device_count == 0) {
        wire_die("no devices");
    }
}

bool fleet_spikes(const struct fleet *fleet, size_t index, size_t spike)
{
    /* Each device at another turn, so that the alarms come one by one. */
    return spike > 0 && (index / fleet->device_count + index) % spike == spike - 1;
}

void fleet_messages(
    struct fleet *fleet, struct event_time base, size_t count, bool asks, size_t spike)
{
    fleet->frames = realloc(fleet->frames, count * sizeof *fleet->frames);
    assert(fleet->frames != NULL);
    fleet->base = base;
    fleet->count = count;
    for (size_t i = 0; i < count; i++) {
        bool high = fleet_spikes(fleet, i, spike);
        struct frame frame = {.mn = fleet->mns[i % fleet->device_count],
            .pw = "123456",
            .time = {base.ms + (int64_t)i},
            .asks = asks,
            .so2_tenths = high ? SPIKE_TENTHS : SO2_TENTHS + (unsigned)i % 50,
            .salt = (unsigned)i};
        frame_write(&frame, fleet->frames[i]);
    }
}

struct wire_message fleet_message(const struct fleet *fleet, size_t index)
{
    return (struct wire_message){.topic = slice_of(fleet->topics[index % fleet->device_count]),
        .payload = slice_from(fleet->frames[index], FRAME_SIZE)};
}

size_t fleet_answered(const struct fleet *fleet, struct slice answer)
{
    struct event_time qn;
    if (!event_time_from_cst(slice_head(slice_tail(answer, QN_AT), QN_SIZE), &qn)) {
        return fleet->count;
    }
    int64_t index = qn.ms - fleet->base.ms;
    return index < 0 || (size_t)index >= fleet->count ? fleet->count : (size_t)index;
}
