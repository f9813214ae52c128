#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/hub_state.h"
#include "core/clock.h"
#include "core/log.h"

/* Writing 10,000 devices' state takes seconds on an ordinary disk: a thread does it, of copies made in
 * the hub's own turn, while the hub goes on. */
struct checkpoint_job {
    pthread_t thread;
    struct hub *hub;
    struct checkpoint checkpoint; /* its sections are owned here */
    enum status status;
    _Atomic bool done;
};

static struct slice copy_of(struct slice bytes)
{
    uint8_t *copy = malloc(bytes.size + 1);
    assert(copy != NULL);
    if (bytes.size > 0) {
        memcpy(copy, bytes.ptr, bytes.size);
    }
    return slice_from(copy, bytes.size);
}

static void *write_it(void *context)
{
    struct checkpoint_job *job = context;
    job->status = checkpoint_write(job->hub->config->journal.directory, &job->checkpoint);
    atomic_store(&job->done, true);
    return NULL;
}

/* Of what was stepped, and no further: the newest commit may cover records that came meanwhile. */
void hub_checkpoint_begin(struct hub *hub)
{
    struct checkpoint_job *job = calloc(1, sizeof *job);
    assert(job != NULL && hub->checkpoint == NULL);
    job->hub = hub;
    job->checkpoint = (struct checkpoint){
        .version = CHECKPOINT_VERSION,
        .came_sequence = hub->stepped,
        .said_sequence = journal_committed(hub->journal, STREAM_SAID),
        .section_count = 5,
        .sections =
            {
                {"registry", copy_of(hub->registry_bundle)},
                {"rules", copy_of(hub->rules_bundle)},
                {"state", pipeline_pack(hub->pipeline)},
                {"published", copy_of(slice_from(&hub->published, sizeof hub->published))},
                {"ledger", copy_of(ledger_bytes(&hub->ledger))},
            },
    };
    assert(job->checkpoint.came_sequence <= journal_committed(hub->journal, STREAM_CAME));
    int failed = pthread_create(&job->thread, NULL, write_it, job);
    assert(failed == 0);
    hub->checkpoint = job;
}

bool hub_checkpoint_ended(const struct hub *hub)
{
    return hub->checkpoint != NULL && atomic_load(&hub->checkpoint->done);
}

void hub_checkpoint_end(struct hub *hub)
{
    struct checkpoint_job *job = hub->checkpoint;
    if (job == NULL) {
        return;
    }
    int failed = pthread_join(job->thread, NULL);
    assert(failed == 0);
    if (job->status == STATUS_OK) {
        hub->checkpointed = job->checkpoint.came_sequence;
        gauge_set(&hub->watch.counters, GAUGE_CHECKPOINT_TIME, clock_wall().ms);
    } else {
        log_event(LOG_WARN, "checkpoint-failed",
            "status=%s next=\"tried again; until then a restart takes longer\"",
            status_name(job->status));
    }
    for (size_t i = 0; i < job->checkpoint.section_count; i++) {
        free((void *)(uintptr_t)job->checkpoint.sections[i].bytes.ptr);
    }
    free(job);
    hub->checkpoint = NULL;
}
