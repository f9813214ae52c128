/* outlet -- the county's gateway to the broker: it publishes, waits for answers and resends.
 *
 * Source   HJ 212-2017 table 1: 10 s and three repeats, with the same QN.
 * Shape    a message is attempted, acknowledged (PUBACK), answered (9014 or a verdict that carries its QN
 *          comes back on its down/ topics), resent while it is not, given up after that.
 * Memory   a table of what is not answered yet, bounded: the oldest are given up.
 * Errors   NULL, with a complaint on standard error; a broker that goes away is reconnected.
 * Threads  one thread besides Paho's.
 */
#ifndef SIMULATOR_OUTLET_H
#define SIMULATOR_OUTLET_H

#include "core/slice.h"

struct outlet_options {
    const char *address;              /* HOST:PORT */
    const char *user, *password_file; /* NULL: none */
};

struct outlet_figures {
    uint64_t attempted, acknowledged, answered, resent, given_up;
};

struct outlet;

struct outlet *outlet_open(const struct outlet_options *options);
bool outlet_send(struct outlet *outlet, struct slice topic, struct slice payload, struct slice qn);
void outlet_tend(struct outlet *outlet); /* resend what has waited too long */
struct outlet_figures outlet_close(struct outlet *outlet);

#endif
