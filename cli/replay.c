#include "cli/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/keyfile.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "cli/rules_dir.h"
#include "validators/keyring.h"
#include "validators/registry_csv.h"

/* Without a key that a frame needs nothing can be said of it, nor of what depends on it. */
static void watch_keys(void *context, const struct effect *effect)
{
    struct replay *replay = context;
    const struct message *message = effect->message;
    if (replay->keeper != NULL) {
        keeper_said(replay->keeper, effect);
    }
    if (replay->officer != NULL) {
        officer_hear(replay->officer, effect, replay->last.wall);
    }
    if (effect->kind == EFFECT_VERDICT && message->key_missing.size > 0) {
        replay->key_missing = true;
        report_say(replay->report, slice_of("keys"), 0, 0,
            "key %.*s of MN %.*s is needed: give the keyring that holds it with --keys FILE",
            (int)message->key_missing.size, (const char *)message->key_missing.ptr,
            (int)message->mn.size, (const char *)message->mn.ptr);
    } else if (!replay->key_missing) {
        replay->effect(replay->context, effect);
    }
}

static enum status take_keys(struct replay *replay, struct slice record)
{
    struct keyring *keyring = NULL;
    enum status status = keyring_join(record, replay->secrets, &keyring, replay->report);
    if (status == STATUS_OK) {
        keyring_free(pipeline_take_keys(replay->pipeline, keyring));
    }
    return status;
}

static bool restart_due(struct replay *replay, struct event_time now)
{
    const struct cadence *every = &replay->restart_every;
    if (replay->restarted.ms == 0) {
        replay->restarted = now;
    }
    return (every->records > 0 && replay->stepped % every->records == 0) ||
           (every->ms > 0 && now.ms - replay->restarted.ms >= every->ms);
}

static enum status step(struct replay *replay, struct record *record)
{
    struct revision *revision = NULL;
    if (replay->keeper != NULL) {
        keeper_came(replay->keeper, record);
    }
    replay->sequence = record->sequence;
    if (record->kind == RECORD_REGISTRY && !replay->registry_given) {
        replay->registry_bundle = arena_copy(&replay->arena, record->payload);
    } else if (record->kind == RECORD_RULES && !replay->rules_given) {
        replay->rules_bundle = arena_copy(&replay->arena, record->payload);
    }
    if (record->kind == RECORD_REGISTRY || record->kind == RECORD_RULES) {
        replay->report->accepted_before = !replay->rules_given;
        enum status status = revision_prepare(
            replay->registry_bundle, replay->rules_bundle, replay->area, &revision, replay->report);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (record->kind == RECORD_KEYS) {
        enum status status = take_keys(replay, record->payload);
        if (status != STATUS_OK) {
            return status;
        }
    }
    revision_free(pipeline_step(replay->pipeline, record, revision, watch_keys, replay));
    replay->stepped += 1;
    if (restart_due(replay, record->wall)) {
        replay->restarted = record->wall;
        pipeline_restart(replay->pipeline);
    }
    return replay->key_missing ? STATUS_INVALID : STATUS_OK;
}

/* A tick brings the hub to that instant; nothing comes behind it. */
static enum status stop(struct replay *replay)
{
    struct record *tick = &replay->last;
    int64_t passed_ms = tick->wall.ms == 0 ? 0 : replay->until.ms - tick->wall.ms;
    if (replay->stopped) {
        return STATUS_OK;
    }
    replay->stopped = true;
    tick->kind = RECORD_TICK;
    tick->wall = replay->until;
    tick->mono.ms += passed_ms > 0 ? passed_ms : 0;
    return step(replay, tick);
}

/* What an officer has said by the instant of this record, just before it. Each command puts its alarm off to a later day. */
static enum status answer_alarms(struct replay *replay, const struct record *record)
{
    struct record command = {.sequence = record->sequence,
        .wall = record->wall,
        .mono = record->mono,
        .session = record->session};
    enum status status = STATUS_OK;
    while (replay->officer != NULL && status == STATUS_OK &&
           officer_speak(replay->officer, replay->area, &command)) {
        replay->last = command;
        status = step(replay, &command);
    }
    return status;
}

enum status replay_step(struct replay *replay, const struct record *record)
{
    replay->read_to = record->wall;
    if (replay->until.ms != 0 && record->wall.ms > replay->until.ms) {
        return stop(replay);
    }
    struct record taken = *record;
    enum status status = answer_alarms(replay, record);
    replay->last = taken;
    return status == STATUS_OK ? step(replay, &taken) : status;
}

static enum status read_given(struct replay *replay, const struct replay_options *options)
{
    enum status status = STATUS_OK;
    if (options->registry != NULL) {
        struct registry registry = {0};
        status = registry_dir_read(
            options->registry, &replay->arena, &replay->registry_bundle, replay->report);
        if (status == STATUS_OK) {
            status = registry_parse(replay->registry_bundle, &registry, replay->report);
        }
        if (status == STATUS_OK) {
            replay->area = arena_copy(&replay->arena, registry.area);
            registry_free(&registry);
        }
        replay->registry_given = true;
    }
    if (status == STATUS_OK && options->rules != NULL) {
        status =
            rules_dir_read(options->rules, &replay->arena, &replay->rules_bundle, replay->report);
        replay->rules_given = true;
    }
    if (status == STATUS_OK && options->keys != NULL) {
        status = keyfile_read(options->keys, &replay->secrets, replay->report);
    }
    return status;
}

int replay_run(struct replay *replay, const struct replay_options *options)
{
    struct stat info = {0};
    replay->restart_every = options->restart_every;
    replay->until = options->until;
    if (strcmp(options->input, "-") != 0 && stat(options->input, &info) != 0) {
        return command_fail("replay", "%s: no such file or journal", options->input);
    }
    char catalogue[4096];
    struct replay_options given = *options;
    if (!S_ISDIR(info.st_mode) && given.rules == NULL) {
        given.rules = rules_dir_default(catalogue, sizeof catalogue);
    }
    enum status status = read_given(replay, &given);
    size_t line = 0;
    if (S_ISDIR(info.st_mode) && options->officer) {
        return command_fail(
            "replay", "a journal has its officers' commands: --officer is for lines");
    }
    if (status == STATUS_OK && S_ISDIR(info.st_mode)) {
        status = replay_journal(replay, options->input, options->verify);
    } else if (status == STATUS_OK && (!replay->registry_given || !replay->rules_given)) {
        return command_fail("replay", given.rules == NULL
                                          ? "no rules found beside this program: give --rules DIR"
                                          : "a file of lines needs --registry DIR");
    } else if (status == STATUS_OK) {
        status = options->keep == NULL ? STATUS_OK
                                       : keeper_open(options->keep, replay->area, &replay->keeper);
        if (status != STATUS_OK) {
            return command_fail("replay", "%s: %s", options->keep,
                status == STATUS_REFUSED ? "a journal stands there already" : status_name(status));
        }
        replay->officer = options->officer ? officer_new() : NULL;
        status = replay_lines(replay, options->input, &line);
    }
    if (status == STATUS_OK && replay->until.ms != 0) {
        status = stop(replay);
    }
    if (replay->keeper != NULL) {
        enum status kept = keeper_close(replay->keeper);
        replay->keeper = NULL;
        status = status == STATUS_OK ? kept : status;
    }
    findings_print(replay->report, stderr);
    if (status == STATUS_REFUSED) {
        return EXIT_FINDINGS; /* --verify found a difference and has named it */
    }
    if (status != STATUS_OK && replay->report->count > 0) {
        return command_fail(
            "replay", "the registry, the rules or the keys are not in order: see above");
    }
    if (status != STATUS_OK && line > 0) {
        return command_fail("replay",
            "%s:%zu: not a line of the form {\"at\": ..., \"topic\": ..., \"payload\": ...}",
            options->input, line);
    }
    if (status != STATUS_OK) {
        return command_fail("replay", "%s: %s", options->input, status_name(status));
    }
    return EXIT_FINE;
}

void replay_close(struct replay *replay)
{
    pipeline_free(replay->pipeline);
    officer_free(replay->officer);
    keyring_free(replay->secrets);
    arena_free(&replay->arena);
    report_free(replay->report);
    free(replay->report);
}
