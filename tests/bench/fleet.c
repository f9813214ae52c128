#include "tests/bench/fleet.h"

#include <stdio.h>
#include <stdlib.h>

static_assert((int)FLEET_MAX <= (int)SECOND_MS, "the devices of a minute share its first second");

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

struct event_time fleet_time(const struct fleet *fleet, size_t index)
{
    return (struct event_time){fleet->base.ms + (int64_t)(index / fleet->device_count) * MINUTE_MS +
                               (int64_t)(index % fleet->device_count)};
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
            .time = fleet_time(fleet, i),
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
    const int64_t after_ms = qn.ms - fleet->base.ms;
    const size_t minutes = (size_t)(after_ms / MINUTE_MS), device = (size_t)(after_ms % MINUTE_MS);
    const size_t index = minutes * fleet->device_count + device;
    return after_ms < 0 || device >= fleet->device_count || index >= fleet->count ? fleet->count
                                                                                  : index;
}
