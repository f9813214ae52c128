#include <stdlib.h>

#include "broker-bridge/hub_state.h"
#include "broker-bridge/keyfile.h"
#include "core/clock.h"
#include "core/log.h"
#include "validators/hj212_seal.h"
#include "validators/keyring.h"

/* Nothing that it opened is in the journal any more. */
static bool is_spent(const struct hub *hub, const struct key *key)
{
    return key->until.ms + (int64_t)hub->config->journal.retention_days * DAY_MS < clock_wall().ms;
}

/* The rows of a record with the keys themselves. All of them: without one that it had, the hub would decide otherwise
 * than it did. */
static enum status join(const struct hub *hub, struct slice record, const struct keyring *secrets,
    struct keyring **made, struct report *report)
{
    const char *file = hub->config->keys == NULL ? "keys" : hub->config->keys;
    struct keyring *keyring = NULL;
    enum status status = keyring_join(record, secrets, &keyring, report);
    for (size_t i = 0; status == STATUS_OK && i < keyring->count; i++) {
        const struct key *key = &keyring->keys[i];
        if (key->cipher == NULL && !is_spent(hub, key)) {
            report_say(report, slice_of(file), 0, 0,
                "key %.*s of MN %.*s is missing: a key stays as long as the journal holds what it "
                "opens",
                (int)key->id.size, (const char *)key->id.ptr, (int)key->mn.size,
                (const char *)key->mn.ptr);
            keyring_free(keyring);
            return STATUS_INVALID;
        }
    }
    *made = status == STATUS_OK ? keyring : NULL;
    return status;
}

static enum status read_file(const struct hub *hub, struct keyring **secrets, struct report *report)
{
    return hub->config->keys == NULL
               ? keyring_parse((struct slice){0}, slice_of("keys"), secrets, report)
               : keyfile_read(hub->config->keys, secrets, report);
}

static void say_refused(const struct report *report)
{
    hub_log_report(report, "keys-refused");
    log_event(LOG_ERROR, "keys-refused",
        "next=\"mend the keyring and start again; until then the broker keeps what comes\"");
}

enum status hub_keys_begin(struct hub *hub)
{
    struct report report = {0};
    enum status status = read_file(hub, &hub->secrets, &report);
    if (status != STATUS_OK) {
        say_refused(&report);
    }
    report_free(&report);
    return status;
}

enum status hub_keys_read(
    struct hub *hub, struct arena *arena, struct slice *record, struct report *report)
{
    struct keyring *in_force = NULL;
    enum status status = read_file(hub, &hub->secrets_read, report);
    if (status == STATUS_OK) {
        status = join(hub, hub->keys_record, hub->secrets_read, &in_force, report);
        keyring_free(in_force);
        *record = keyring_record(hub->secrets_read, arena);
    }
    return status;
}

void hub_keys_settle(struct hub *hub, bool hold)
{
    keyring_free(hold ? hub->secrets : hub->secrets_read);
    hub->secrets = hold ? hub->secrets_read : hub->secrets;
    hub->secrets_read = NULL;
}

void hub_keys_free(struct hub *hub)
{
    keyring_free(hub->secrets);
    free((void *)(uintptr_t)hub->keys_record.ptr);
}

void hub_keys_take(struct hub *hub, struct slice record)
{
    struct report report = {0};
    struct keyring *keyring = NULL;
    if (join(hub, record, hub->secrets, &keyring, &report) == STATUS_OK) {
        hub_replace(&hub->keys_record, record);
        keyring_free(pipeline_take_keys(hub->pipeline, keyring));
    } else {
        say_refused(&report);
        hub->keys_missing = true;
    }
    report_free(&report);
}

bool hub_keys_seal(struct hub *hub, const struct effect *effect, struct text *frame)
{
    const struct sealing *sealing = effect->sealing;
    const struct key *key = keyring_find(hub->secrets, sealing->mn, sealing->key_id);
    const struct key *under = keyring_find(hub->secrets, sealing->mn, sealing->under_id);
    bool there = key != NULL && under != NULL;
    bool sealed =
        there && hj212_seal(effect->payload, key->cipher, under->cipher, sealing->crc, frame);
    if (!sealed) {
        log_event(LOG_ERROR, "key-not-sent", "mn=%.*s key=%.*s reason=\"%s\"",
            (int)sealing->mn.size, (const char *)sealing->mn.ptr, (int)sealing->key_id.size,
            (const char *)sealing->key_id.ptr,
            there ? "a key that is no text of 16 letters and digits cannot be sent"
                  : "it is not in the keyring any more");
    }
    return sealed;
}
