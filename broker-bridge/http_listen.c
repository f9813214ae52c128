#include "broker-bridge/http_listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/log.h"

enum { WAITING_MAX = 64 };

static enum status complain(const char *where, const char *what)
{
    char space[200];
    log_event(LOG_ERROR, "http-not-listening", "at=%s reason=%s",
        log_quoted(slice_of(where), space, sizeof space), what);
    return STATUS_IO;
}

static enum status give_up(int fd, const char *where)
{
    int code = errno;
    char words[160], quoted[200];
    snprintf(words, sizeof words, "%s", strerror(code));
    if (fd >= 0) {
        close(fd);
    }
    return complain(where, log_quoted(slice_of(words), quoted, sizeof quoted));
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof storage;
    if (getsockname(fd, (struct sockaddr *)&storage, &size) != 0) {
        return 0;
    }
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memcpy(&v4, &storage, sizeof v4);
    memcpy(&v6, &storage, sizeof v6);
    return ntohs(storage.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

static int listening(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, WAITING_MAX) != 0) {
        int code = errno;
        close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

enum status listen_tcp(const char *address, uint16_t port, int *fd, uint16_t *chosen)
{
    char digits[8];
    struct addrinfo *info = NULL;
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
    };
    snprintf(digits, sizeof digits, "%u", (unsigned)port);
    if (getaddrinfo(address, digits, &hints, &info) != 0) {
        return complain(address, "not-a-numeric-address");
    }
    *fd = listening(info);
    freeaddrinfo(info);
    if (*fd < 0) {
        return give_up(-1, address);
    }
    *chosen = port_of(*fd);
    return STATUS_OK;
}

/* A hub that was killed leaves its socket behind; one that lives answers on it. */
static bool somebody_answers(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    bool answers = connect(fd, (const struct sockaddr *)name, sizeof *name) == 0;
    close(fd);
    return answers;
}

enum status listen_unix(const char *path, int *fd)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name.sun_path) {
        return complain(path, "path-too-long");
    }
    memcpy(name.sun_path, path, strlen(path) + 1);
    if (somebody_answers(&name)) {
        return complain(path, "another-hub-answers-there");
    }
    struct stat found;
    if (lstat(path, &found) == 0 && !S_ISSOCK(found.st_mode)) {
        return complain(path, "a-file-that-is-no-socket-stands-there");
    }
    unlink(path);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0) {
        return give_up(-1, path);
    }
    /* Nobody can connect before listen, so the mode is right before anybody is let in. */
    if (bind(*fd, (const struct sockaddr *)&name, sizeof name) != 0 || chmod(path, 0660) != 0 ||
        listen(*fd, WAITING_MAX) != 0) {
        return give_up(*fd, path);
    }
    return STATUS_OK;
}
