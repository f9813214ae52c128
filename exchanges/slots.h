/* slots -- the flat state of the exchanges; private to exchanges/. */
#ifndef EXCHANGES_SLOTS_H
#define EXCHANGES_SLOTS_H

#include "core/recent.h"
#include "exchanges/exchanges.h"

/* What is known of a device besides its row. */
struct peer {
    uint8_t edition, st;
    uint8_t open; /* requests */
};

struct exchanges {
    struct recent commands;
    int64_t qn_ms; /* the newest QN given out: none is given twice */
    struct exchange_figures figures;
    struct exchange slots[EXCHANGES_MAX];
    struct peer peers[];
};

/* Listening time in so many seconds. */
int64_t due_in(const struct exchange_turn *turn, int32_t seconds);

/* The request has come further and is told; once over, its place is free. */
void advance(const struct exchange_turn *turn, struct exchange *exchange, enum exchange_state state,
    const struct message *answer);

#endif
