#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/hub_state.h"
#include "core/clock.h"
#include "core/log.h"

/* Writing 10,000 devices' state and compressing segments takes seconds on an ordinary disk: a thread
 * does it, of copies made in the hub's own turn, while the hub goes on. */
struct checkpoint_job {
    pthread_t thread;
    struct hub *hub;
    struct checkpoint checkpoint; /* its sections are owned here */
    uint64_t keep_from[STREAM_COUNT];
    enum status status, tidied;
    _Atomic bool done;
};

static void keep_onset(void *context, const struct open_alarm *alarm)
{
    uint64_t *from = context;
    *from = alarm->onset_record < *from ? alarm->onset_record : *from;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Full segments are compressed, and what is past its age goes; what the outbox or Redis has not had
 * yet stays, and so does what an open alarm rests on. */
static void keep(struct hub *hub, uint64_t keep_from[static STREAM_COUNT])
{
    uint64_t redis = redis_sink_figures(hub->redis).position;
    uint64_t said = least(least(hub->published, redis), ledger_first(&hub->ledger));
    keep_from[STREAM_CAME] = hub->checkpointed;
    keep_from[STREAM_SAID] = said;
    pipeline_open_alarms(hub->pipeline, keep_onset, &keep_from[STREAM_CAME]);
}

static void *write_it(void *context)
{
    struct checkpoint_job *job = context;
    job->status = checkpoint_write(job->hub->config->journal.directory, &job->checkpoint);
    job->tidied = journal_tidy(job->hub->journal, job->keep_from, clock_wall());
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
        .section_count = 6,
        .sections =
            {
                {"registry", hub_own(hub->registry_bundle)},
                {"rules", hub_own(hub->rules_bundle)},
                {"keys", hub_own(hub->keys_record)},
                {"state", pipeline_pack(hub->pipeline)},
                {"published", hub_own(slice_from(&hub->published, sizeof hub->published))},
                {"ledger", hub_own(ledger_bytes(&hub->ledger))},
            },
    };
    assert(job->checkpoint.came_sequence <= journal_committed(hub->journal, STREAM_CAME));
    keep(hub, job->keep_from);
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
    if (job->tidied != STATUS_OK) {
        log_event(LOG_WARN, "journal-tidy-failed", "status=%s", status_name(job->tidied));
    }
    for (size_t i = 0; i < job->checkpoint.section_count; i++) {
        free((void *)(uintptr_t)job->checkpoint.sections[i].bytes.ptr);
    }
    free(job);
    hub->checkpoint = NULL;
}
