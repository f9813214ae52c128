/* control -- one question to a running hub: a tiny HTTP/1.0 client.
 *
 * Source   house: broker-bridge/http.h says what can be asked.
 * Shape    method, path and body -> the body of the answer and its HTTP status.
 * Memory   answer is the caller's text; an answer that does not fit is STATUS_LIMIT.
 * Errors   STATUS_ABSENT: nobody listens there; STATUS_REFUSED: no permission; STATUS_CLOSED: the hub
 *          went away before the answer was whole; STATUS_IO: no answer within CONTROL_WAIT_S, or
 *          another failure; STATUS_INVALID: not a URL, or the answer is no HTTP.
 * Threads  any thread.
 */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include "core/status.h"
#include "core/text.h"

enum {
    CONTROL_WAIT_S = 60,
    CONTROL_PATH_SIZE = 108,                         /* of a unix socket, with its NUL */
    CONTROL_ANSWER_SIZE = 8 * 1024 * 1024 + 8 * 1024 /* what the hub may answer, and its head */
};

MUST_USE enum status control_request(const char *socket_path, const char *method, const char *path,
    struct slice body, struct text *answer, int *http_status);

/* url: http://HOST[:PORT], without a path. */
MUST_USE enum status control_request_url(const char *url, const char *method, const char *path,
    struct slice body, struct text *answer, int *http_status);

/* The socket of the hub that is meant: of the configuration file if there is one, else the only one in
 * /run/hjhub. Otherwise the sentence that says what to do goes to standard error; returns the exit
 * status for it (EXIT_FINE: found). */
int control_find(const char *command, const char *config_path, char out[static CONTROL_PATH_SIZE]);

/* Why there was no answer from `where`, and what to do, to standard error; returns EXIT_COULD_NOT. */
int control_explain(const char *command, const char *where, enum status status);

#endif
