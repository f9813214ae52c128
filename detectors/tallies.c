#include <string.h>

#include "detectors/program_state.h"

/* --- counting --- */

static bool is_counted(const struct ask *ask, const struct heard *heard)
{
    bool accepted = heard->verdict == VERDICT_ACCEPTED;
    switch ((enum ask_kind)ask->kind) {
    case ASK_CAME:
    case ASK_SILENT:
        return accepted && heard->cn == ask->what;
    case ASK_LATE:
        return accepted && heard->cn == ask->what && heard->has_lag && heard->lag_ms > ask->than_ms;
    case ASK_VERDICTS:
        return ask->what == ASK_ANY_VERDICT || ask->what == (int32_t)heard->verdict;
    case ASK_BREACHES:
        return rule_set_has(&heard->broken, (enum validity_rule)ask->what);
    case ASK_NONE:
    case ASK_LAG:
    case ASK_RESENT:
    case ASK_DATA_AGE:
    case ASK_EXPECTED:
    case ASK_BROKE:
    case ASK_MISSING:
    case ASK_INSIDE:
    case ASK_TOTAL:
    case ASK_RAISED:
    case ASK_EVIDENCE:
        break;
    }
    return false;
}

size_t tally_size(const struct ask *ask)
{
    return ask->kind == ASK_SILENT              ? sizeof(struct tally_silence)
           : ask->span.period == PERIOD_SLIDING ? sizeof(struct tally_parts)
                                                : sizeof(struct tally_periods);
}

/* At least a second, so that the number fits 32 bits. */
int64_t tally_part_ms(const struct ask *ask)
{
    const int64_t part_ms = ask->span.width_ms / TALLY_PARTS;
    return part_ms > SECOND_MS ? part_ms : SECOND_MS;
}

int64_t tally_number(const struct ask *ask, int64_t ms)
{
    if (ask->span.period == PERIOD_SLIDING) {
        return ms / tally_part_ms(ask);
    }
    /* Data of a period bears its begin: midnight is the first of the day. */
    return period_number((enum period)ask->span.period, ms + 1);
}

static void count_part(struct tally_parts *tally, int64_t number)
{
    const int64_t newest = tally->newest, ahead = number - newest;
    if (ahead <= -TALLY_PARTS) {
        return;
    }
    for (int64_t i = 1; i <= ahead && i <= TALLY_PARTS; i++) {
        tally->counts[(newest + i) % TALLY_PARTS] = 0;
    }
    tally->newest = (uint32_t)(ahead > 0 ? number : newest);
    uint16_t *count = &tally->counts[number % TALLY_PARTS];
    *count = (uint16_t)(*count + (*count < UINT16_MAX ? 1 : 0));
}

static void count_period(struct tally_periods *tally, int64_t number)
{
    const int64_t ahead = number - tally->newest;
    if (ahead <= -TALLY_PERIODS) {
        return;
    }
    if (ahead > 0) {
        tally->counts[1] = ahead == 1 ? tally->counts[0] : 0;
        tally->counts[0] = 0;
        tally->newest = (uint32_t)number;
    }
    tally->counts[ahead >= 0 ? 0 : 1] += 1;
}

static void take_one(const struct program *program, void *state, uint32_t index,
    const struct heard *heard, int64_t local_ms)
{
    const struct ask *ask = &program->asks[program->tallies[index].ask];
    void *tally = tally_of(program, state, index);
    if (!is_counted(ask, heard)) {
        return;
    }
    if (ask->kind == ASK_SILENT) {
        struct tally_silence *silence = tally;
        silence->since_ms = state_head_of(state)->listening_ms + 1;
        return;
    }
    /* Data counts in the period that it tells of, whenever it comes; in a time that slides, when it comes. */
    if (ask->span.period == PERIOD_SLIDING) {
        count_part(tally, tally_number(ask, local_ms));
    } else {
        const bool tells = heard->as == HEARD_FRESH;
        count_period(tally, tally_number(ask, tells ? heard->time.ms : local_ms));
    }
}

void tallies_take(const struct program *program, void *state, const struct heard *heard)
{
    const struct head *head = state_head_of(state);
    struct contact *contact = contact_of(program, state, heard->device);
    int64_t local_ms = local_now(program, state, heard->device, head->hub_ms);
    if (contact->since_ms == 0) {
        contact->since_ms = local_ms;
    }
    contact->broken = heard->broken;
    contact->resent = heard->resent;
    if (heard->newest) {
        contact->newer_ms = head->listening_ms;
        contact->has_newest = 1;
        contact->has_lag = heard->has_lag && !heard->resent ? 1 : contact->has_lag;
        contact->lag_ms = heard->has_lag && !heard->resent ? heard->lag_ms : contact->lag_ms;
    }
    for (uint32_t i = program->device_tallies.first[heard->device];
         i < program->device_tallies.first[heard->device + 1]; i++) {
        take_one(program, state, program->device_tallies.list[i], heard, local_ms);
    }
}

/* --- reload --- */

static void carry_device(const struct program *from, void *from_state, uint32_t old,
    const struct program *to, void *to_state, uint32_t device)
{
    *contact_of(to, to_state, device) = *contact_of(from, from_state, old);
    for (uint32_t i = to->device_tallies.first[device]; i < to->device_tallies.first[device + 1];
         i++) {
        uint32_t fresh = to->device_tallies.list[i];
        for (uint32_t k = from->device_tallies.first[old]; k < from->device_tallies.first[old + 1];
             k++) {
            uint32_t kept = from->device_tallies.list[k];
            const struct ask *ask = &to->asks[to->tallies[fresh].ask];
            if (ask_equal(ask, &from->asks[from->tallies[kept].ask])) {
                memcpy(tally_of(to, to_state, fresh), tally_of(from, from_state, kept),
                    tally_size(ask));
            }
        }
    }
}

void tallies_carry(
    const struct program *from, void *from_state, const struct program *to, void *to_state)
{
    for (uint32_t i = 0; i < to->registry->device_count; i++) {
        uint32_t old = registry_device(from->registry, to->registry->devices[i].mn);
        if (old != NONE) {
            carry_device(from, from_state, old, to, to_state, i);
        }
    }
}
