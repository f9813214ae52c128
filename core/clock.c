#include "core/clock.h"

#include <assert.h>
#include <sys/timex.h>
#include <time.h>

static int64_t now_us(clockid_t id)
{
    struct timespec now;
    int failed = clock_gettime(id, &now);
    assert(failed == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t now_ms(clockid_t id)
{
    return now_us(id) / 1000;
}

struct event_time clock_wall(void)
{
    return (struct event_time){now_ms(CLOCK_REALTIME)};
}

struct mono_time clock_mono(void)
{
    return (struct mono_time){now_ms(CLOCK_BOOTTIME)};
}

int64_t clock_mono_us(void)
{
    return now_us(CLOCK_BOOTTIME);
}

bool clock_synchronised(void)
{
    struct timex timex = {.modes = 0};
    int state = adjtimex(&timex);
    return state != -1 && state != TIME_ERROR;
}
