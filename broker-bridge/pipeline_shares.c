#include <assert.h>
#include <stdlib.h>

#include "broker-bridge/pipeline_state.h"
#include "validators/duplicates.h"

static size_t sum_of(const struct state_share *share)
{
    return share->ring + share->live + share->reserve + share->late + share->rest;
}

static void share_rules(const struct revision *revision, struct state_share *shares)
{
    const uint32_t count = revision->registry.device_count;
    enum { MANY = 1024 };
    const size_t resting = alarms_rest_size(MANY) / MANY;
    const size_t slot = (alarms_state_size(MANY) - alarms_rest_size(MANY)) / MANY;
    size_t *rules = calloc((size_t)count + 1, sizeof *rules);
    assert(rules != NULL);
    program_shares(revision->program, rules);
    for (uint32_t i = 0; i <= count; i++) {
        shares[i].live += rules[i];
        shares[i].late += rules[i];
    }
    free(rules);
    for (uint32_t i = 0; i < revision->alarms.count; i++) {
        uint32_t device = revision->instances[i]->device;
        struct state_share *share = &shares[device == NONE ? count : device];
        bool lent = alarms_lent(&revision->alarms, revision_alarms(revision), i);
        share->live += resting + (lent ? slot : 0);
        share->reserve += lent ? 0 : slot;
        share->late += resting + slot + sizeof(struct gap);
    }
}

void pipeline_shares(const struct pipeline *pipeline, struct state_share *shares)
{
    const struct revision *revision = pipeline->revision;
    const uint32_t count = revision->registry.device_count;
    const size_t peer = exchanges_state_size(1) - exchanges_state_size(0);
    size_t given = 0;
    for (uint32_t i = 0; i <= count; i++) {
        shares[i] = (struct state_share){0};
    }
    share_rules(revision, shares);
    for (uint32_t i = 0; i < count; i++) {
        shares[i].ring = revision->ring_offsets[i + 1] - revision->ring_offsets[i];
        shares[i].rest = sizeof(struct device_state) + peer +
                         (revision->parts_order[i] == NONE ? 0 : parts_size());
        given += sum_of(&shares[i]);
    }
    shares[count].late += recall_size(revision->registry.signal_count);
    given += sum_of(&shares[count]);
    assert(given <= revision->size);
    shares[count].rest += revision->size - given;
}
