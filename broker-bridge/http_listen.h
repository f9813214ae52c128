/* http_listen -- sockets that listen, for http.
 *
 * Memory   the descriptor is the caller's.
 * Errors   STATUS_IO, logged with the reason. A unix socket that somebody still answers on is not
 *          taken away from him: that is STATUS_IO too.
 * Limits   private to http.c.
 */
#ifndef BROKER_BRIDGE_HTTP_LISTEN_H
#define BROKER_BRIDGE_HTTP_LISTEN_H

#include <stdint.h>

#include "core/status.h"

/* address: a numeric IPv4 or IPv6 address. port: 0 takes a free one; chosen: the one it is. */
MUST_USE enum status listen_tcp(const char *address, uint16_t port, int *fd, uint16_t *chosen);
MUST_USE enum status listen_unix(const char *path, int *fd);

#endif
