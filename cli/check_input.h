/* check_input -- a file of frames or packs -> the payloads in it, one after the other.
 *
 * Source   hjhub(1), `check`.
 * Shape    a byte stream is one payload; with hex, vectors and a log each line is one, a capture has as many
 *          as it has streams and MQTT messages (cli/check_capture.h).
 * Memory   a payload and what is said of it are the taker's for the length of the call.
 * Errors   EXIT_COULD_NOT with its complaint written; else EXIT_FINE.
 * Threads  one caller at a time.
 */
#ifndef CLI_CHECK_INPUT_H
#define CLI_CHECK_INPUT_H

#include <stdio.h>

#include "cli/command.h"
#include "schemas/message.h"

enum input_kind { INPUT_STREAM, INPUT_HEX, INPUT_VECTORS, INPUT_LOG };

struct input_payload {
    struct slice bytes;
    uint64_t line;         /* of the input, from 1; 0: it has none */
    const char *from, *to; /* of a capture, as ADDRESS:PORT; else NULL */
    enum direction direction;
    struct slice topic; /* of an MQTT message; empty: none is known */
};

typedef void input_taker(void *taker, const struct input_payload *payload);

/* name: for complaints. */
int input_read(enum input_kind kind, FILE *file, const char *name, input_taker *take, void *taker);

#endif
