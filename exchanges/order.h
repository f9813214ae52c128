/* order -- an officer's or system's words about a device, as JSON, made a request to it.
 *
 *   {"id": "c-17", "mn": "010000A8900016F000169DC0", "command": "set-realtime-interval", "RtdInterval": "60"}
 *
 * Source   requests.def; design: "The bus" (device/cmd/<user> carries a command id and the MN).
 * Shape    `command` is a number or a word of requests.def; parameters bear the standard's names. ST, overtime_s and
 *          recount may be given: else what the device's frames told, 10 s and 3 (HJ 212-2017 table 1).
 *          Of what it names instead (requests.def) CP is the caller's to write.
 * Memory   the draft's; its order borrows from it and from the JSON.
 * Errors   a refusal, with the reason in `why` where there is more to say than its words do.
 * Threads  pure.
 */
#ifndef EXCHANGES_ORDER_H
#define EXCHANGES_ORDER_H

#include "core/flat_json.h"
#include "exchanges/exchanges.h"

enum { ORDER_OVERTIME_S = 10, ORDER_RECOUNT = 3 };

struct order_draft {
    struct order order;
    struct slice id, mn, command; /* as given, for the answer */
    struct text cp, why;
    char cp_space[EXCHANGE_CP_SIZE], why_space[512];
};

/* order->by is the caller's to fill in. */
enum exchange_refusal order_read(
    const struct exchange_turn *turn, const struct flat_json *json, struct order_draft *draft);

#endif
