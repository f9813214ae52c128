#include "sinks/redis_link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "core/backoff.h"
#include "core/clock.h"
#include "core/hash.h"

enum { PASSWORD_SIZE = 512 };

static struct timeval timeval_of(int ms)
{
    return (struct timeval){.tv_sec = ms / SECOND_MS, .tv_usec = (ms % SECOND_MS) * 1000L};
}

static void set_error(struct redis_link *link, const char *words)
{
    snprintf(link->error, sizeof link->error, "%s", words);
}

void redis_link_close(struct redis_link *link)
{
    if (link->context != NULL) {
        redisFree(link->context);
        link->context = NULL;
    }
}

/* The first line of the file, without its end. */
static bool read_password(const char *path, char out[static PASSWORD_SIZE])
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    bool whole = fgets(out, PASSWORD_SIZE, file) != NULL;
    fclose(file);
    if (whole) {
        out[strcspn(out, "\r\n")] = '\0';
    }
    return whole;
}

static enum status authenticate(struct redis_link *link)
{
    char password[PASSWORD_SIZE];
    const char *words[3] = {"AUTH"};
    size_t sizes[3] = {4}, count = 1;
    if (!read_password(link->target.password_file, password)) {
        snprintf(link->error, sizeof link->error, "password file: %s", strerror(errno));
        return STATUS_REFUSED;
    }
    if (link->target.user != NULL) {
        words[count] = link->target.user;
        sizes[count++] = strlen(link->target.user);
    }
    words[count] = password;
    sizes[count++] = strlen(password);
    redisReply *reply = redis_link_call(link, count, words, sizes);
    explicit_bzero(password, sizeof password);
    if (reply == NULL) {
        return STATUS_CLOSED;
    }
    enum status status = STATUS_OK;
    if (reply->type == REDIS_REPLY_ERROR) {
        set_error(link, reply->str);
        status = STATUS_REFUSED;
    }
    freeReplyObject(reply);
    return status;
}

enum status redis_link_connect(struct redis_link *link)
{
    const struct redis_target *target = &link->target;
    redis_link_close(link);
    link->context =
        target->socket != NULL
            ? redisConnectUnixWithTimeout(target->socket, timeval_of(REDIS_CONNECT_MS))
            : redisConnectWithTimeout(target->host, target->port, timeval_of(REDIS_CONNECT_MS));
    enum status status = STATUS_OK;
    if (link->context == NULL || link->context->err != 0 ||
        redisSetTimeout(link->context, timeval_of(REDIS_CALL_MS)) != REDIS_OK) {
        set_error(link, link->context == NULL ? "out of memory" : link->context->errstr);
        status = STATUS_CLOSED;
    } else if (target->socket == NULL && redisEnableKeepAlive(link->context) != REDIS_OK) {
        set_error(link, link->context->errstr);
        status = STATUS_CLOSED;
    } else if (target->password_file != NULL) {
        status = authenticate(link);
    }
    if (status != STATUS_OK) {
        redis_link_close(link);
        link->failures += 1;
    }
    return status;
}

redisReply *redis_link_call(
    struct redis_link *link, size_t count, const char **words, const size_t *sizes)
{
    redisReply *reply = redisCommandArgv(link->context, (int)count, words, sizes);
    if (reply == NULL) {
        set_error(link, link->context->errstr);
        if (link->context->err == REDIS_ERR_IO && errno == EAGAIN) {
            snprintf(link->error, sizeof link->error, "no answer within %d s",
                REDIS_CALL_MS / (int)SECOND_MS);
        }
        redis_link_close(link);
        link->failures += 1;
    }
    return reply;
}

int64_t redis_link_wait_ms(const struct redis_link *link)
{
    int64_t now_ms = clock_mono().ms;
    return backoff_ms(link->failures, hash64(slice_from(&now_ms, sizeof now_ms)));
}
