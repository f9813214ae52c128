#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/pipeline_state.h"

static uint32_t find_instance(
    const struct revision *revision, struct slice rule, struct slice subject)
{
    for (uint32_t i = 0; i < revision->alarms.count; i++) {
        const struct instance *instance = revision->instances[i];
        if (slice_equal(instance->rule, rule) && slice_equal(instance->subject, subject)) {
            return i;
        }
    }
    return NONE;
}

/* Looking remembers nothing: it is done on a copy. */
static void explain_votes(const struct pipeline *pipeline, uint32_t instance, struct text *out)
{
    const struct revision *revision = pipeline->revision;
    size_t size = program_state_size(revision->program);
    void *state = malloc(size);
    assert(state != NULL);
    memcpy(state, revision_detectors(revision), size);
    struct moment moment = time_moment(pipeline);
    detectors_explain(revision->program, state, &moment, instance, out);
    free(state);
}

bool pipeline_explain(
    const struct pipeline *pipeline, struct slice rule, struct slice subject, struct text *out)
{
    const struct revision *revision = pipeline->revision;
    uint32_t instance = find_instance(revision, rule, subject);
    if (instance == NONE) {
        return false;
    }
    const int64_t hub_ms = revision_head(revision)->hub_ms;
    text_add_byte(out, '{');
    text_add_field(out, "rule", rule);
    text_add_field(out, "subject", subject);
    explain_votes(pipeline, instance, out);
    text_add_key(out, "alarm");
    text_add_byte(out, '{');
    alarms_explain(&revision->alarms, revision_alarms(revision), instance, hub_ms, out);
    text_add_byte(out, '}');
    if (revision_head(revision)->late_count) {
        text_add_key(out, "late");
        text_add_byte(out, '{');
        alarms_explain(
            &revision->late_alarms, revision_late_alarms(revision), instance, hub_ms, out);
        text_add_byte(out, '}');
    }
    text_add_byte(out, '}');
    return true;
}
