#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include <sys/un.h>

#include "broker-bridge/config_rows.h"
#include "core/log.h"

enum {
    PACKET_SIZE_MAX = 64 * 1024, /* the shipped broker's max_packet_size */
    SOCKET_PATH_SIZE_MAX = sizeof((struct sockaddr_un){0}.sun_path) - 1,
};

struct judging {
    const struct config *config;
    const uint32_t *lines;
    struct slice file;
    struct report *report;
};

static void complain(
    struct judging *judging, const char *section, const char *key, const char *sentence)
{
    size_t which = config_row_find(section, key);
    assert(which < CONFIG_ROW_COUNT);
    report_say(judging->report, judging->file, judging->lines[which], 0, "%s: %s", key, sentence);
}

static void judge_area(struct judging *judging)
{
    const char *area = judging->config->area;
    if (area == NULL) {
        complain(judging, "", "area", "is missing; give the administrative division code");
        return;
    }
    size_t size = strlen(area);
    if (size < 6 || size > 12 || strspn(area, "0123456789") != size) {
        complain(judging, "", "area", "give an administrative division code of 6 to 12 digits");
    }
}

static void judge_words(struct judging *judging)
{
    enum log_level level;
    if (!log_level_from(judging->config->log_level, &level)) {
        complain(judging, "", "log_level", "is one of debug, info, warn and error");
    }
    const char *digest = judging->config->journal.digest;
    if (strcmp(digest, "sha256") != 0 && strcmp(digest, "sm3") != 0) {
        complain(judging, "journal", "digest", "is sha256 or sm3");
    }
    if (strlen(judging->config->control) > SOCKET_PATH_SIZE_MAX) {
        complain(judging, "", "control", "is too long for a unix socket: at most 107 bytes");
    }
    const char *socket = judging->config->redis.socket;
    if (socket != NULL && strlen(socket) > SOCKET_PATH_SIZE_MAX) {
        complain(judging, "redis", "socket", "is too long for a unix socket: at most 107 bytes");
    }
}

/* HOST or HOST:PORT or [IPV6]:PORT, and nothing behind. */
static bool is_authority(struct slice text)
{
    struct slice host = text, port = {0};
    size_t colon = text.size > 0 && text.ptr[0] == '[' ? slice_find(text, 0, ']') + 1
                                                       : slice_find(text, 0, ':');
    uint64_t number;
    if (colon > text.size) {
        return false;
    }
    if (colon < text.size) {
        host = slice_head(text, colon);
        port = slice_tail(text, colon + 1);
        if (text.ptr[colon] != ':' || !slice_to_uint(port, 65535, &number) || number == 0) {
            return false;
        }
    }
    return host.size > 0 && slice_find(host, 0, '/') == host.size &&
           slice_find(host, 0, '@') == host.size;
}

static void judge_broker(struct judging *judging)
{
    const struct config_broker *broker = &judging->config->broker;
    struct slice url = slice_of(broker->url);
    bool tls = slice_starts(url, "mqtts://");
    if ((!tls && !slice_starts(url, "mqtt://")) || !is_authority(slice_tail(url, tls ? 8 : 7))) {
        complain(judging, "broker", "url",
            "give mqtt://HOST:PORT or mqtts://HOST:PORT; the user has keys of its own");
        return;
    }
    if (!tls && broker->ca_file != NULL) {
        complain(judging, "broker", "ca_file", "is for mqtts:// only; change url or leave it out");
    }
    if (!tls && broker->certificate_file != NULL) {
        complain(judging, "broker", "certificate_file",
            "is for mqtts:// only; change url or leave it out");
    }
    if (broker->certificate_file != NULL && broker->key_file == NULL) {
        complain(judging, "broker", "certificate_file", "needs its key_file");
    }
    if (broker->certificate_file == NULL && broker->key_file != NULL) {
        complain(judging, "broker", "key_file", "needs its certificate_file");
    }
}

/* When the disk is full, all that the broker has in flight must still find room (design: Journal). */
static void judge_reserve(struct judging *judging)
{
    uint64_t least = (uint64_t)judging->config->broker.receive_maximum * PACKET_SIZE_MAX;
    if (judging->config->journal.reserve_size >= least) {
        return;
    }
    size_t which = config_row_find("journal", "reserve_size");
    report_say(judging->report, judging->file, judging->lines[which], 0,
        "reserve_size: must hold receive_maximum messages of 64 KiB: give at least %llu, or lower "
        "receive_maximum",
        (unsigned long long)least);
}

static void judge_http(struct judging *judging)
{
    const char *address = judging->config->http.address;
    uint8_t space[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, address, space) != 1 && inet_pton(AF_INET6, address, space) != 1) {
        complain(judging, "http", "address", "give a numeric address such as 127.0.0.1 or ::1");
    }
}

void config_judge(const struct config *config, const uint32_t lines[CONFIG_ROW_COUNT],
    struct slice file, struct report *report)
{
    struct judging judging = {config, lines, file, report};
    judge_area(&judging);
    judge_words(&judging);
    judge_broker(&judging);
    judge_reserve(&judging);
    judge_http(&judging);
}
