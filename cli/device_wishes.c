#include "cli/device_wishes.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "journal/journal.h"
#include "schemas/topic.h"
#include "validators/decode.h"

static bool is_wish(struct slice cn)
{
    static const char *const WISHES[] = {"1001", "1014"};
    for (size_t i = 0; i < sizeof WISHES / sizeof WISHES[0]; i++) {
        if (slice_is(cn, WISHES[i])) {
            return true;
        }
    }
    return false;
}

/* Most of a journal is data: only what may be a wish is decoded. The header is never encrypted. */
static bool may_wish(struct slice payload)
{
    static const char CN[] = "CN=";
    enum { NAME = sizeof CN - 1, DIGITS = 4 };
    for (size_t at = 0; (at = slice_find(payload, at, 'C')) + NAME + DIGITS <= payload.size; at++) {
        struct slice here = slice_tail(payload, at);
        if (slice_is(slice_head(here, NAME), CN) &&
            is_wish(slice_head(slice_tail(here, NAME), DIGITS))) {
            return true;
        }
    }
    return false;
}

/* What it tells of itself: i23005-Info and so on. */
static json_t *information(const struct message *message)
{
    json_t *object = json_object();
    for (size_t i = 0; i < message->reading_count; i++) {
        const struct reading *reading = &message->readings[i];
        char space[80];
        struct text name = text_in(space, sizeof space);
        text_add_slice(&name, reading->factor);
        text_add_byte(&name, '-');
        text_add_slice(&name, reading->field);
        json_t *value = json_stringn((const char *)reading->text.ptr, reading->text.size);
        if (value != NULL && !name.truncated) { /* NULL: no UTF-8 */
            json_object_setn_new(object, name.at, name.size, value);
        }
    }
    return object;
}

static void note(json_t *wishes, const struct message *message, const struct topic *topic,
    const struct record *record)
{
    char key[100], at[RFC3339_SIZE + 1];
    bool new = topic->kind == TOPIC_NEW_UP_HJ212;
    snprintf(key, sizeof key, "%.*s %d %.*s", (int)message->cn.size, (const char *)message->cn.ptr,
        new, (int)topic->name.size, (const char *)topic->name.ptr);
    event_time_write(record->wall, at);
    json_t *wish = json_object_get(wishes, key);
    if (wish == NULL) {
        wish = json_pack("{s:i, s:s%, s:s, s:i}", "cn", message->cn_code, new ? "user" : "mn",
            (const char *)topic->name.ptr, topic->name.size, "first", at, "times", 0);
        json_object_set_new(wishes, key, wish);
    }
    json_t *times = json_object_get(wish, "times");
    json_integer_set(times, json_integer_value(times) + 1);
    json_object_set_new(wish, "last", json_string(at));
    json_object_set_new(wish, "record", json_integer((json_int_t)record->sequence));
    json_object_set_new(wish, "information", information(message));
}

static void look(json_t *wishes, struct decoder *decoder, const struct record *record)
{
    struct topic topic = topic_parse(record->topic);
    bool new = topic.kind == TOPIC_NEW_UP_HJ212;
    if (record->kind != RECORD_MESSAGE || (!new &&topic.kind != TOPIC_UP_HJ212) ||
        !may_wish(record->payload)) {
        return;
    }
    struct decode_context context = {.format = FORMAT_HJ212,
        .has_topic = true,
        .topic_mn = new ? (struct slice){0} : topic.name,
        .direction = DIRECTION_UP,
        .has_arrival = true,
        .arrival = record->wall};
    decoder_begin(decoder, &context, record->payload);
    while (decoder_next(decoder)) {
        if (is_wish(decoder->message.cn) && decoder->message.verdict.kind != VERDICT_REJECTED) {
            note(wishes, &decoder->message, &topic, record);
        }
    }
}

static const char *word(const json_t *wish, const char *name)
{
    const char *value = json_string_value(json_object_get(wish, name));
    return value == NULL ? "" : value;
}

static void print_wish(json_t *wish)
{
    const char *name;
    const json_t *value;
    const struct command_row *command =
        command_find((int)json_integer_value(json_object_get(wish, "cn")));
    bool new = json_object_get(wish, "user") != NULL;
    printf("%d  %s%s  %s  %s\n    %lld times, last %s\n", command->cn, new ? "new/" : "",
        word(wish, new ? "user" : "mn"), command->zh, command->en,
        json_integer_value(json_object_get(wish, "times")), word(wish, "last"));
    json_object_foreach(json_object_get(wish, "information"), name, value)
    { /* what a device sent is shown escaped: it may hold what a terminal obeys */
        printf("    %s=", name);
        json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
        putchar('\n');
    }
}

static void print(json_t *wishes, bool json)
{
    const char *key;
    json_t *wish;
    json_object_foreach(wishes, key, wish)
    {
        if (json) {
            json_dumpf(wish, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
            putchar('\n');
        } else {
            print_wish(wish);
        }
    }
}

int device_wishes(const char *journal, bool json)
{
    struct journal_reader *reader;
    struct record record;
    enum status status = journal_reader_open(journal, STREAM_CAME, 1, &reader);
    if (status != STATUS_OK) {
        return command_fail("device", "%s: no journal there (%s)", journal, status_name(status));
    }
    struct decoder *decoder = calloc(1, sizeof *decoder);
    json_t *wishes = json_object();
    while (decoder != NULL && (status = journal_reader_next(reader, &record)) == STATUS_OK) {
        look(wishes, decoder, &record);
    }
    print(wishes, json);
    json_decref(wishes);
    free(decoder);
    journal_reader_close(reader);
    return status == STATUS_CORRUPT
               ? command_fail("device", "%s: a record does not check; see hjhub-verify", journal)
               : EXIT_FINE;
}
