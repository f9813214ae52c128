#include "cli/control.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

struct exchange {
    int fd;
    const char *method, *path;
    struct slice body;
};

static enum status failure(void)
{
    switch (errno) {
    case ENOENT:
    case ECONNREFUSED:
        return STATUS_ABSENT;
    case EACCES:
    case EPERM:
        return STATUS_REFUSED;
    case EPIPE:
    case ECONNRESET:
        return STATUS_CLOSED;
    default:
        return STATUS_IO;
    }
}

static int opened(int family)
{
    const struct timeval wait = {.tv_sec = CONTROL_WAIT_S};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    }
    return fd;
}

static enum status send_whole(int fd, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(fd, bytes.ptr, bytes.size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return failure();
        }
        bytes = slice_tail(bytes, (size_t)sent);
    }
    return STATUS_OK;
}

static enum status send_request(const struct exchange *exchange)
{
    char space[512];
    struct text head = text_in(space, sizeof space);
    text_add(&head, exchange->method);
    text_add_byte(&head, ' ');
    text_add(&head, exchange->path);
    text_add(&head, " HTTP/1.0\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: ");
    text_add_int(&head, (int64_t)exchange->body.size);
    text_add(&head, "\r\n\r\n");
    if (head.truncated) {
        return STATUS_LIMIT;
    }
    enum status status = send_whole(exchange->fd, text_slice(&head));
    return status == STATUS_OK ? send_whole(exchange->fd, exchange->body) : status;
}

/* Everything until the other side closes, as HTTP/1.0 has it. */
static enum status receive(int fd, struct text *answer)
{
    char piece[16 * 1024];
    for (;;) {
        ssize_t size = recv(fd, piece, sizeof piece, 0);
        if (size == 0) {
            return STATUS_OK;
        }
        if (size < 0) {
            return failure();
        }
        text_add_slice(answer, slice_from(piece, (size_t)size));
        if (answer->truncated) {
            return STATUS_LIMIT;
        }
    }
}

static bool find_end(struct slice bytes, size_t *head_size)
{
    static const char END[] = "\r\n\r\n";
    for (size_t i = 0; i + 4 <= bytes.size; i++) {
        if (memcmp(bytes.ptr + i, END, 4) == 0) {
            *head_size = i + 4;
            return true;
        }
    }
    return false;
}

/* The size the head promises; UINT64_MAX: it promises none. */
static uint64_t promised(struct slice head)
{
    static const char NAME[] = "content-length:";
    while (head.size > 0) {
        struct slice line = slice_cut(&head, '\n');
        uint64_t size;
        size_t name_size = strlen(NAME);
        if (line.size <= name_size || strncasecmp((const char *)line.ptr, NAME, name_size) != 0) {
            continue;
        }
        struct slice digits = slice_tail(line, name_size);
        while (digits.size > 0 && digits.ptr[0] == ' ') {
            digits = slice_tail(digits, 1);
        }
        digits.size -= digits.size > 0 && digits.ptr[digits.size - 1] == '\r' ? 1 : 0;
        return slice_to_uint(digits, UINT64_MAX, &size) ? size : UINT64_MAX;
    }
    return UINT64_MAX;
}

/* "HTTP/1.x NNN ..." and the head's end: leave the body alone in `answer`. */
static enum status take_apart(struct text *answer, int *http_status)
{
    struct slice whole = text_slice(answer);
    size_t head_size;
    uint64_t code;
    if (!find_end(whole, &head_size)) {
        return whole.size == 0 ? STATUS_CLOSED : STATUS_INVALID;
    }
    if (!slice_starts(whole, "HTTP/1.") ||
        !slice_to_uint(slice_head(slice_tail(whole, 9), 3), 999, &code)) {
        return STATUS_INVALID;
    }
    uint64_t body_size = promised(slice_head(whole, head_size));
    memmove(answer->at, answer->at + head_size, answer->size - head_size);
    answer->size -= head_size;
    *http_status = (int)code;
    return body_size != UINT64_MAX && body_size != answer->size ? STATUS_CLOSED : STATUS_OK;
}

static enum status ask(const struct exchange *exchange, struct text *answer, int *http_status)
{
    text_reset(answer);
    enum status status = send_request(exchange);
    if (status == STATUS_OK) {
        status = receive(exchange->fd, answer);
    }
    close(exchange->fd);
    return status == STATUS_OK ? take_apart(answer, http_status) : status;
}

enum status control_request(const char *socket_path, const char *method, const char *path,
    struct slice body, struct text *answer, int *http_status)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof name.sun_path) {
        return STATUS_INVALID;
    }
    memcpy(name.sun_path, socket_path, strlen(socket_path) + 1);
    struct exchange exchange = {opened(AF_UNIX), method, path, body};
    if (exchange.fd < 0) {
        return STATUS_IO;
    }
    if (connect(exchange.fd, (const struct sockaddr *)&name, sizeof name) != 0) {
        enum status status = failure();
        close(exchange.fd);
        return status;
    }
    return ask(&exchange, answer, http_status);
}

/* http://HOST[:PORT], HOST perhaps an IPv6 address in brackets; a final slash is forgiven. */
static bool split_url(const char *url, char host[static 256], char port[static 8])
{
    struct slice rest = slice_of(url);
    if (!slice_starts(rest, "http://")) {
        return false;
    }
    rest = slice_tail(rest, strlen("http://"));
    rest.size -= rest.size > 0 && rest.ptr[rest.size - 1] == '/' ? 1 : 0;
    bool bracket = rest.size > 0 && rest.ptr[0] == '[';
    rest = slice_tail(rest, bracket ? 1 : 0);
    struct slice name = slice_cut(&rest, bracket ? ']' : ':');
    rest = slice_tail(rest, bracket && rest.size > 0 && rest.ptr[0] == ':' ? 1 : 0);
    rest = rest.size == 0 ? slice_of("80") : rest;
    uint64_t number;
    if (name.size == 0 || name.size > 255 || slice_find(name, 0, '/') < name.size ||
        !slice_to_uint(rest, 65535, &number) || number == 0) {
        return false;
    }
    memcpy(host, name.ptr, name.size);
    host[name.size] = '\0';
    snprintf(port, 8, "%u", (unsigned)number);
    return true;
}

enum status control_request_url(const char *url, const char *method, const char *path,
    struct slice body, struct text *answer, int *http_status)
{
    char host[256], port[8];
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *infos = NULL;
    if (!split_url(url, host, port)) {
        return STATUS_INVALID;
    }
    if (getaddrinfo(host, port, &hints, &infos) != 0) {
        return STATUS_ABSENT;
    }
    enum status status = STATUS_ABSENT;
    struct exchange exchange = {-1, method, path, body};
    for (const struct addrinfo *info = infos; info != NULL; info = info->ai_next) {
        exchange.fd = opened(info->ai_family);
        if (exchange.fd < 0) {
            continue;
        }
        if (connect(exchange.fd, info->ai_addr, info->ai_addrlen) == 0) {
            status = STATUS_OK;
            break;
        }
        status = failure();
        close(exchange.fd);
    }
    freeaddrinfo(infos);
    return status == STATUS_OK ? ask(&exchange, answer, http_status) : status;
}
