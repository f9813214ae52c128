/* line -- one MQTT connection of the county: a device's own, or that of a gateway for all of them.
 *
 * Shape    it publishes with QoS 1, hears what comes down to its devices, and hands on each QN in it.
 * Memory   made and ended by the caller.
 * Errors   NULL: no such address. A line that is down is taken up again by line_tend.
 * Threads  one thread besides Paho's; `answer` is called on Paho's.
 */
#ifndef SIMULATOR_LINE_H
#define SIMULATOR_LINE_H

#include <stdatomic.h>

#include "core/slice.h"

struct line;

/* QN of an answer that came by this topic: "QN=" in frames, "qn" in verdicts. */
typedef void line_answer(void *context, struct slice topic, struct slice qn);

/* The data segment of each frame that came by a down/hj212, requests and answers alike. */
typedef void line_frame(void *context, struct line *line, struct slice topic, struct slice segment);

struct line_options {
    const char *address;         /* HOST:PORT */
    const char *client;          /* its id; the user's name as well where one is wanted */
    const char *user, *password; /* NULL: none */
    const char *device;          /* whose down/ it hears; "+": everybody's */
    line_answer *answer;
    line_frame *frame;
    void *context;
    _Atomic uint64_t *acknowledged; /* counts PUBACKs */
};

struct line *line_open(const struct line_options *options);
bool line_is_up(const struct line *line);
void line_tend(struct line *line);
void line_send(struct line *line, const char *topic, struct slice payload);
void line_close(struct line *line);

#endif
