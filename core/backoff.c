#include "core/backoff.h"

int64_t backoff_ms(uint32_t failures, uint64_t chance)
{
    int64_t step_ms = BACKOFF_MIN_MS;
    for (uint32_t i = 1; i < failures && step_ms < BACKOFF_MAX_MS; i++) {
        step_ms *= 2;
    }
    step_ms = step_ms < BACKOFF_MAX_MS ? step_ms : BACKOFF_MAX_MS;
    int64_t half_ms = step_ms / 2;
    return half_ms + (int64_t)(chance % (uint64_t)(half_ms + 1));
}
