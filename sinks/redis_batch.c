#include "sinks/redis_batch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* KEYS: the sink's own hash, then one key a command. ARGV: epoch, the position this batch follows, the
 * one it leads to, then each command as: number of words, name, the words behind its key. */
static const char SCRIPT[] =
    "local sink = redis.call('HMGET', KEYS[1], 'epoch', 'position')\n"
    "local epoch, position = sink[1] or '0', sink[2] or ''\n"
    "if tonumber(epoch) > tonumber(ARGV[1]) then return {'taken', epoch, position} end\n"
    "if position ~= ARGV[2] then return {'elsewhere', epoch, position} end\n"
    "local at = 4\n"
    "for i = 2, #KEYS do\n"
    "  local last = at + tonumber(ARGV[at])\n"
    "  local reply = redis.pcall(ARGV[at + 1], KEYS[i], unpack(ARGV, at + 2, last))\n"
    "  if type(reply) == 'table' and reply.err and\n"
    "     not string.find(reply.err, 'equal or smaller', 1, true) and\n"
    "     not string.find(reply.err, 'no such key', 1, true) then\n"
    "    return {'refused', ARGV[at + 1] .. ' ' .. KEYS[i] .. ': ' .. reply.err}\n"
    "  end\n"
    "  at = last + 1\n"
    "end\n"
    "if epoch ~= ARGV[1] or position ~= ARGV[3] then\n"
    "  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'position', ARGV[3])\n"
    "end\n"
    "return {'done', ARGV[1], ARGV[3]}\n";

enum { HEAD_COUNT = 4, CLAIM_COUNT = 3 }; /* EVALSHA, sha, number of keys, sink; epoch, was, now */

static void words_add(struct redis_words *words, struct slice word)
{
    if (words->count == words->capacity) {
        words->capacity = words->capacity == 0 ? 256 : 2 * words->capacity;
        words->at = realloc(words->at, words->capacity * sizeof *words->at);
        assert(words->at != NULL);
    }
    words->at[words->count++] = word;
}

static struct slice decimal(struct redis_batch *batch, int64_t value)
{
    char space[24];
    struct text text = text_in(space, sizeof space);
    text_add_int(&text, value);
    return arena_copy(&batch->arena, text_slice(&text));
}

/* The number of words of the last command is known when the next begins. */
static void close_command(struct redis_batch *batch)
{
    if (batch->keys.count > 0) {
        size_t count = batch->arguments.count - batch->open_at - 1;
        batch->arguments.at[batch->open_at] = decimal(batch, (int64_t)count);
    }
}

void redis_batch_command(struct redis_batch *batch, const char *name, struct slice key)
{
    close_command(batch);
    batch->open_at = batch->arguments.count;
    words_add(&batch->keys, arena_copy(&batch->arena, key));
    words_add(&batch->arguments, (struct slice){0});
    words_add(&batch->arguments, slice_of(name));
}

void redis_batch_add(struct redis_batch *batch, struct slice word)
{
    assert(batch->keys.count > 0);
    words_add(&batch->arguments, arena_copy(&batch->arena, word));
}

void redis_batch_add_text(struct redis_batch *batch, const char *word)
{
    redis_batch_add(batch, slice_of(word));
}

void redis_batch_add_int(struct redis_batch *batch, int64_t value)
{
    assert(batch->keys.count > 0);
    words_add(&batch->arguments, decimal(batch, value));
}

void redis_batch_add_time(struct redis_batch *batch, struct event_time time)
{
    char space[RFC3339_SIZE + 1];
    event_time_write(time, space);
    redis_batch_add_text(batch, space);
}

size_t redis_batch_count(const struct redis_batch *batch)
{
    return batch->keys.count;
}

void redis_batch_reset(struct redis_batch *batch)
{
    arena_free(&batch->arena);
    batch->keys.count = 0;
    batch->arguments.count = 0;
}

void redis_batch_free(struct redis_batch *batch)
{
    redis_batch_reset(batch);
    free(batch->keys.at);
    free(batch->arguments.at);
    *batch = (struct redis_batch){0};
}

static struct redis_result failed(enum redis_outcome outcome, const char *words)
{
    struct redis_result result = {.outcome = outcome};
    snprintf(result.error, sizeof result.error, "%s", words);
    return result;
}

/* False: the connection is lost, or Redis refuses to keep the script; result says which. */
static bool load_script(
    struct redis_batch *batch, struct redis_link *link, struct redis_result *result)
{
    const char *words[] = {"SCRIPT", "LOAD", SCRIPT};
    const size_t sizes[] = {6, 4, sizeof SCRIPT - 1};
    redisReply *reply = redis_link_call(link, 3, words, sizes);
    if (reply == NULL) {
        *result = failed(REDIS_LOST, link->error);
        return false;
    }
    bool loaded = reply->type == REDIS_REPLY_STRING && reply->len == sizeof batch->sha - 1;
    if (loaded) {
        memcpy(batch->sha, reply->str, sizeof batch->sha);
    } else {
        *result = failed(REDIS_REFUSED, reply->type == REDIS_REPLY_ERROR ? reply->str : "no sha");
    }
    freeReplyObject(reply);
    return loaded;
}

static const char *element(const redisReply *reply, size_t index)
{
    if (index >= reply->elements || reply->element[index]->type != REDIS_REPLY_STRING) {
        return "";
    }
    return reply->element[index]->str;
}

static struct redis_result read_reply(const redisReply *reply)
{
    static const struct {
        const char *word;
        enum redis_outcome outcome;
    } ROWS[] = {{"done", REDIS_DONE}, {"elsewhere", REDIS_ELSEWHERE}, {"taken", REDIS_TAKEN}};
    if (reply->type == REDIS_REPLY_ERROR) {
        return failed(REDIS_REFUSED, reply->str);
    }
    if (reply->type != REDIS_REPLY_ARRAY) {
        return failed(REDIS_REFUSED, "the script gave no answer");
    }
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (strcmp(element(reply, 0), ROWS[i].word) == 0) {
            struct redis_result result = {.outcome = ROWS[i].outcome};
            result.epoch = (uint32_t)strtoul(element(reply, 1), NULL, 10);
            snprintf(result.position, sizeof result.position, "%s", element(reply, 2));
            return result;
        }
    }
    return failed(REDIS_REFUSED, element(reply, 1));
}

/* The whole call, word by word. */
static size_t lay_out(const struct redis_batch *batch,
    const struct slice head[static HEAD_COUNT + CLAIM_COUNT], const char **words, size_t *sizes)
{
    size_t count = 0;
    const struct {
        const struct slice *at;
        size_t count;
    } PARTS[] = {
        {head, HEAD_COUNT},
        {batch->keys.at, batch->keys.count},
        {head + HEAD_COUNT, CLAIM_COUNT},
        {batch->arguments.at, batch->arguments.count},
    };
    for (size_t part = 0; part < sizeof PARTS / sizeof PARTS[0]; part++) {
        for (size_t i = 0; i < PARTS[part].count; i++) {
            words[count] = (const char *)PARTS[part].at[i].ptr;
            sizes[count++] = PARTS[part].at[i].size;
        }
    }
    return count;
}

struct redis_result redis_batch_send(
    struct redis_batch *batch, struct redis_link *link, const struct redis_claim *claim)
{
    struct redis_result result = {0};
    close_command(batch);
    if (batch->sha[0] == '\0' && !load_script(batch, link, &result)) {
        return result;
    }
    char keys[24], epoch[24];
    snprintf(keys, sizeof keys, "%zu", batch->keys.count + 1);
    snprintf(epoch, sizeof epoch, "%lu", (unsigned long)claim->epoch);
    const struct slice head[HEAD_COUNT + CLAIM_COUNT] = {slice_of("EVALSHA"), slice_of(batch->sha),
        slice_of(keys), claim->sink_key, slice_of(epoch), slice_of(claim->was),
        slice_of(claim->now)};
    size_t count = HEAD_COUNT + CLAIM_COUNT + batch->keys.count + batch->arguments.count;
    const char **words = calloc(count, sizeof *words);
    size_t *sizes = calloc(count, sizeof *sizes);
    assert(words != NULL && sizes != NULL);
    size_t laid = lay_out(batch, head, words, sizes);
    assert(laid == count);
    redisReply *reply = redis_link_call(link, count, words, sizes);
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR &&
        strncmp(reply->str, "NOSCRIPT", 8) == 0) {
        freeReplyObject(reply); /* another server, or SCRIPT FLUSH: load it, once more */
        reply = NULL;
        if (load_script(batch, link, &result)) {
            reply = redis_link_call(link, count, words, sizes);
        }
    }
    if (reply != NULL) {
        result = read_reply(reply);
        freeReplyObject(reply);
    } else if (result.error[0] == '\0') {
        result = failed(REDIS_LOST, link->error);
    }
    free(words);
    free(sizes);
    return result;
}
