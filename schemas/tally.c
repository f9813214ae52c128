#include "schemas/tally.h"

#include <assert.h>

enum { KINDS = EVIDENCE_KIND_COUNT - 1 }; /* EVIDENCE_NONE has no place */

static size_t evidence_size(uint32_t enterprises)
{
    return (size_t)enterprises * KINDS * sizeof(struct evidence_tally);
}

size_t alarm_tallies_size(uint32_t enterprises, uint32_t instances)
{
    return sizeof(struct alarm_tallies) + evidence_size(enterprises) + 2 * (size_t)instances;
}

struct evidence_tally *alarm_tallies_evidence(
    const struct alarm_tallies *tallies, uint32_t enterprise, enum evidence_kind kind)
{
    assert(enterprise < tallies->enterprise_count);
    assert(kind != EVIDENCE_NONE);
    uint8_t *first = (uint8_t *)(uintptr_t)(tallies + 1);
    return (struct evidence_tally *)(void *)first + (size_t)enterprise * KINDS + (kind - 1);
}

uint8_t *alarm_tallies_counted(const struct alarm_tallies *tallies, bool late, uint32_t instance)
{
    assert(instance < tallies->instance_count);
    uint8_t *first = (uint8_t *)(uintptr_t)(tallies + 1) + evidence_size(tallies->enterprise_count);
    return first + (late ? tallies->instance_count : 0) + instance;
}

uint32_t tally_raised(
    const struct alarm_tallies *tallies, enum severity severity, int64_t within_ms, int64_t now_ms)
{
    const int64_t newest = tallies->minute, behind = (now_ms - within_ms) / MINUTE_MS;
    uint32_t count = 0;
    for (int64_t minute = newest; minute > behind && minute > newest - TALLY_MINUTES && minute >= 0;
         minute--) {
        for (int i = 0; i < (int)severity; i++) {
            count += tallies->raised[minute % TALLY_MINUTES][i];
        }
    }
    return count;
}

/* 0: there is none. */
static int gravest(const struct evidence_tally *evidence, int64_t within_ms, int64_t now_ms)
{
    for (int i = 0; i < SEVERITY_S4; i++) {
        bool lately = evidence->seen_ms[i] != 0 && now_ms - evidence->seen_ms[i] <= within_ms;
        if (evidence->held[i] > 0 || lately) {
            return i + 1;
        }
    }
    return 0;
}

uint32_t tally_evidence(const struct alarm_tallies *tallies, uint32_t enterprise,
    enum severity severity, int64_t within_ms, int64_t now_ms)
{
    uint32_t count = 0;
    for (int kind = EVIDENCE_NONE + 1; kind < EVIDENCE_KIND_COUNT; kind++) {
        const struct evidence_tally *evidence =
            alarm_tallies_evidence(tallies, enterprise, (enum evidence_kind)kind);
        count += gravest(evidence, within_ms, now_ms) == (int)severity ? 1 : 0;
    }
    return count;
}
