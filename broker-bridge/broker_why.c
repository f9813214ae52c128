#include "broker-bridge/broker_why.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/slice.h"
#include "core/time.h"

struct place {
    char host[256], port[8];
};

static void copy(struct slice from, char *to, size_t size)
{
    snprintf(to, size, "%.*s", (int)from.size, from.size == 0 ? "" : (const char *)from.ptr);
}

/* SCHEME://HOST:PORT or SCHEME://[IPV6]:PORT, as config_judge has let it through. */
static struct place place_of(const char *url)
{
    struct place place;
    bool tls = strncmp(url, "mqtts:", 6) == 0;
    struct slice rest = slice_tail(slice_of(url), tls ? 8 : 7);
    bool bracketed = rest.size > 0 && rest.ptr[0] == '[';
    rest = slice_tail(rest, bracketed ? 1 : 0);
    size_t end = slice_find(rest, 0, bracketed ? ']' : ':');
    copy(slice_head(rest, end), place.host, sizeof place.host);
    rest = slice_tail(rest, end < rest.size && bracketed ? end + 1 : end);
    struct slice port = rest.size > 1 ? slice_tail(rest, 1) : slice_of(tls ? "8883" : "1883");
    copy(port, place.port, sizeof place.port);
    return place;
}

/* A connected socket, or -1 and words. */
static int reach(const struct place *place, char *words, size_t size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int code = getaddrinfo(place->host, place->port, &hints, &found);
    if (code != 0) {
        snprintf(words, size, "%s", gai_strerror(code));
        return -1;
    }
    const struct timeval wait = {.tv_sec = BROKER_WHY_MS / SECOND_MS};
    int fd = -1;
    for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0);
        bool reached = fd >= 0 &&
                       setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
                       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0 &&
                       connect(fd, at->ai_addr, at->ai_addrlen) == 0;
        if (!reached) {
            int error = errno == EINPROGRESS ? ETIMEDOUT : errno; /* connect with SO_SNDTIMEO */
            int cut = strerror_r(error, words, size);
            (void)cut; /* half a word is better than none */
            if (fd >= 0) {
                close(fd);
            }
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static SSL_CTX *context_of(const struct config_broker *broker)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    bool whole =
        context != NULL &&
        (broker->ca_file != NULL
                ? SSL_CTX_load_verify_locations(context, broker->ca_file, NULL) == 1
                : SSL_CTX_set_default_verify_paths(context) == 1) &&
        (broker->certificate_file == NULL ||
            (SSL_CTX_use_certificate_chain_file(context, broker->certificate_file) == 1 &&
                SSL_CTX_use_PrivateKey_file(context, broker->key_file, SSL_FILETYPE_PEM) == 1));
    if (!whole) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

static void say_error(char *words, size_t size, const char *else_words)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = error == 0 ? NULL : ERR_reason_error_string(error);
    snprintf(words, size, "TLS: %s", reason == NULL ? else_words : reason);
}

/* Verification is judged after the handshake, so that it can be told what is wrong. A broker that
 * speaks TLS 1.3 refuses a missing certificate only behind the handshake: hence the look ahead. */
static void shake_hands(SSL *tls, struct place *place, char *words, size_t size)
{
    char byte;
    X509_VERIFY_PARAM *wanted = SSL_get0_param(tls);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, place->host) != 1) {
        SSL_set1_host(tls, place->host);
        SSL_set_tlsext_host_name(tls, place->host);
    }
    ERR_clear_error();
    if (SSL_connect(tls) != 1) {
        say_error(words, size, "no handshake: is that a TLS port?");
    } else if (SSL_get_verify_result(tls) != X509_V_OK) {
        snprintf(words, size, "the broker's certificate: %s",
            X509_verify_cert_error_string(SSL_get_verify_result(tls)));
    } else if (SSL_peek(tls, &byte, 1) <= 0 && ERR_peek_last_error() != 0) {
        say_error(words, size, "");
    }
}

void broker_why(const struct config_broker *broker, char *words, size_t size)
{
    struct place place = place_of(broker->url);
    words[0] = '\0';
    int fd = reach(&place, words, size);
    if (fd < 0) {
        return;
    }
    if (strncmp(broker->url, "mqtts:", 6) == 0) {
        ERR_clear_error();
        SSL_CTX *context = context_of(broker);
        SSL *tls = context == NULL ? NULL : SSL_new(context);
        if (tls == NULL || SSL_set_fd(tls, fd) != 1) {
            say_error(words, size, "ca_file, certificate_file or key_file cannot be used");
        } else {
            shake_hands(tls, &place, words, size);
        }
        SSL_free(tls);
        SSL_CTX_free(context);
    }
    close(fd);
}
