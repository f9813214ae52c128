/* outlet -- the county's way to the broker: it publishes, waits for answers and resends.
 *
 * Source   HJ 212-2017 table 1: OverTime 10 s and ReCount 3, repeats bear the same QN.
 * Shape    a message is attempted, acknowledged (PUBACK), answered (9014 or a verdict that carries its QN
 *          comes back on its down/ topics), resent while it is not, given up after that. One line for
 *          all devices, as behind a gateway, or one for each.
 * Memory   a table of what is not answered yet, bounded: the oldest are given up.
 * Errors   NULL, with a complaint on standard error; a broker that goes away is reconnected.
 * Threads  one thread besides Paho's.
 */
#ifndef SIMULATOR_OUTLET_H
#define SIMULATOR_OUTLET_H

#include "simulator/messages.h"

struct outlet_options {
    const char *address; /* HOST:PORT */
    const char *user,
        *password_file; /* NULL: none; with a line for each device its MN is the user */
    bool line_each;
    int32_t overtime_s, recount;
};

struct outlet_figures {
    uint64_t attempted, acknowledged, answered, resent, given_up;
};

struct outlet;

struct outlet *outlet_open(const struct outlet_options *options, const struct county *county);
bool outlet_send(struct outlet *outlet, const struct county_message *message);
void outlet_tend(struct outlet *outlet); /* resend what has waited too long */
struct outlet_figures outlet_close(struct outlet *outlet);

#endif
