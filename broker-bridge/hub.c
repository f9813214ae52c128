#include "broker-bridge/hub.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "broker-bridge/hub_state.h"
#include "core/clock.h"
#include "core/log.h"

enum { TICK_MS = SECOND_MS, HEALTH_MS = 10 * SECOND_MS, REPLAYED_MANY = 10000 };

enum status hub_reload(struct hub *hub, struct report *report)
{
    enum status status = hub_load_files(hub, report);
    if (status != STATUS_OK) {
        char words[600];
        struct finding first = {.words = slice_of("no finding")};
        first = report->count > 0 ? report->findings[0] : first;
        log_event(LOG_ERROR, "reload-refused",
            "kept=\"what runs\" findings=%zu file=%.*s line=%u column=%u reason=%s", report->count,
            (int)first.file.size, (const char *)first.file.ptr, first.line, first.column,
            log_quoted(first.words, words, sizeof words));
        counter_add(&hub->watch.counters, COUNTER_RELOADS_REFUSED, 1);
        vitals_count(&hub->watch.vitals, HEALTH_RELOAD, (int64_t)report->count);
        return status;
    }
    log_event(
        LOG_INFO, "reloaded", "registry=%s rules=%s", hub->config->registry, hub->config->rules);
    counter_add(&hub->watch.counters, COUNTER_RELOADS, 1);
    vitals_count(&hub->watch.vitals, HEALTH_RELOAD, 0);
    return STATUS_OK;
}

static void reload(struct hub *hub)
{
    struct report *report = calloc(1, sizeof *report);
    assert(report != NULL);
    enum status status = hub_reload(hub, report);
    (void)status; /* logged, counted, and what ran goes on */
    report_free(report);
    free(report);
}

static void take_signals(struct hub *hub)
{
    struct signalfd_siginfo info;
    while (read(hub->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            reload(hub);
        } else {
            sd_notify(0, "STOPPING=1");
            log_event(LOG_INFO, "stopping", "signal=%u", info.ssi_signo);
            hub->stopping = true;
        }
    }
}

static enum status open_signals(struct hub *hub)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
        return STATUS_IO;
    }
    hub->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    hub->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return hub->signal_fd >= 0 && hub->wake_fd >= 0 ? STATUS_OK : STATUS_IO;
}

static void wait_for_work(struct hub *hub, int64_t now_ms)
{
    uint64_t count;
    struct pollfd fds[] = {{hub->wake_fd, POLLIN, 0}, {hub->signal_fd, POLLIN, 0}};
    int64_t until_ms = hub->next_tick_ms;
    until_ms = hub->next_connect_ms < until_ms ? hub->next_connect_ms : until_ms;
    int64_t wait_ms = until_ms > now_ms ? until_ms - now_ms : 0;
    int ready = poll(fds, 2, (int)(wait_ms > TICK_MS ? TICK_MS : wait_ms));
    if (ready > 0 && (fds[0].revents & POLLIN) != 0) {
        ssize_t drained = read(hub->wake_fd, &count, sizeof count);
        (void)drained;
    }
}

static enum status keep_house(struct hub *hub, int64_t now_ms, bool *tick)
{
    enum status status = STATUS_OK;
    *tick = now_ms >= hub->next_tick_ms;
    if (*tick) {
        hub->next_tick_ms = now_ms + TICK_MS;
        if (!hub->journal_full) {
            status = hub_append(hub, RECORD_TICK, (struct slice){0});
        }
        sd_notify(0, "WATCHDOG=1");
    }
    if (now_ms >= hub->next_health_ms) {
        hub->next_health_ms = now_ms + HEALTH_MS;
        hub_health(hub);
    }
    if (now_ms >= hub->next_checkpoint_ms) {
        hub->next_checkpoint_ms = now_ms + (int64_t)hub->config->journal.checkpoint_s * SECOND_MS;
        if (hub->checkpoint == NULL) {
            hub_checkpoint_begin(hub);
        }
    }
    if (hub_checkpoint_ended(hub)) {
        hub_checkpoint_end(hub);
    }
    return status;
}

static void loop(struct hub *hub)
{
    while (!hub->stopping) {
        int64_t now_ms = clock_mono().ms;
        bool tick;
        enum status status = keep_house(hub, now_ms, &tick);
        if (status == STATUS_OK) {
            status = hub_batch(hub);
        }
        if (status != STATUS_OK && status != STATUS_ABSENT) {
            hub->exit_status = 1;
            return;
        }
        hub_bus(hub, now_ms);
        hub_watch_turn(hub, tick);
        take_signals(hub);
        if (status == STATUS_ABSENT && !hub->stopping) {
            wait_for_work(hub, now_ms);
        }
    }
}

static void stop(struct hub *hub)
{
    if (hub->session != NULL) {
        if (hub->taken_over) {
            session_disconnect(hub->session);
        } else {
            session_leave(hub->session);
        }
        session_free(hub->session);
        hub->session = NULL;
    }
    if (hub->exit_status == 0 && hub->journal != NULL) {
        enum status status = hub_batch(hub);
        hub_checkpoint_end(hub); /* one that is being written is of an earlier moment */
        if (status == STATUS_OK || status == STATUS_ABSENT) {
            hub_checkpoint_begin(hub);
        }
    }
    hub_checkpoint_end(hub);
    log_event(LOG_INFO, "stopped", "status=%d", hub->exit_status);
}

static void release(struct hub *hub)
{
    hub_watch_stop(hub);
    if (hub->redis != NULL) {
        redis_sink_stop(hub->redis);
    }
    outbox_free(hub->outbox);
    if (hub->came != NULL) {
        journal_reader_close(hub->came);
    }
    if (hub->journal != NULL) {
        journal_close(hub->journal);
    }
    pipeline_free(hub->pipeline);
    ledger_free(&hub->ledger);
    free((void *)(uintptr_t)hub->registry_bundle.ptr);
    free((void *)(uintptr_t)hub->rules_bundle.ptr);
    hub_keys_free(hub);
    free(hub->answers);
    free(hub->answer_space);
    close(hub->wake_fd);
    close(hub->signal_fd);
}

static enum status begin(struct hub *hub)
{
    struct session_handlers handlers = {hub, hub_arrived, hub_published, hub->wake_fd};
    enum status status = hub_watch_start(hub);
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "http-not-started",
            "status=%s next=\"is the port or the socket taken?\"", status_name(status));
        return status;
    }
    status = hub_start(hub);
    if (status != STATUS_OK) {
        return status;
    }
    status = hub_batch(hub);
    if (status != STATUS_OK && status != STATUS_ABSENT) {
        return status;
    }
    struct redis_sink_options options = {
        .target = hub_redis_target(hub->config),
        .journal = hub->journal,
        .directory = hub->config->journal.directory,
        .area = hub->area,
        .epoch = atomic_load(&hub->epoch),
    };
    hub->redis = redis_sink_start(&options);
    hub->outbox = outbox_new(hub->config->journal.directory, hub->area, hub->published,
        journal_appended(hub->journal, STREAM_SAID), &hub->watch.counters);
    return session_new(hub->config, &handlers, &hub->session);
}

int hub_run(const struct config *config)
{
    struct hub hub = {
        .config = config,
        .area = slice_of(config->area),
        .wake_fd = -1,
        .signal_fd = -1,
        .first_connection = true,
        .answers = calloc(ANSWERS_MAX, sizeof(struct answer)),
        .answer_space = malloc(ANSWER_SPACE_SIZE),
    };
    assert(hub.answers != NULL && hub.answer_space != NULL);
    hub.pipeline = pipeline_new(hub.area);
    watch_init(&hub.watch);
    if (open_signals(&hub) != STATUS_OK || begin(&hub) != STATUS_OK) {
        hub.exit_status = 2;
    } else {
        int64_t now_ms = clock_mono().ms;
        /* After a long replay at once: a hub that is killed again and again must get further each time. */
        hub.next_checkpoint_ms = hub.replayed >= REPLAYED_MANY
                                     ? now_ms
                                     : now_ms + (int64_t)config->journal.checkpoint_s * SECOND_MS;
        hub.next_connect_ms = now_ms;
        sd_notify(0, "READY=1");
        loop(&hub);
    }
    stop(&hub);
    release(&hub);
    return hub.exit_status;
}
