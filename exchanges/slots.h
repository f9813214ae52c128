/* slots -- the flat state of the exchanges; private to exchanges/. */
#ifndef EXCHANGES_SLOTS_H
#define EXCHANGES_SLOTS_H

#include "core/recent.h"
#include "exchanges/exchanges.h"

enum lost_kind {
#define LOST(id, cn, periods, source) LOST_##id,
#include "exchanges/lost.def"
#undef LOST
    LOST_KIND_COUNT
};

/* Periods of one kind that did not come: their first and their last start. */
struct gap {
    int64_t newest_ms; /* start of the newest period that came; 0: none yet */
    int64_t from_ms, to_ms;
    int64_t not_before_ms; /* listening time at which it may be asked for */
    uint32_t tries;        /* of the piece that stands first */
    uint32_t there;        /* 1: there is a gap */
};

/* What is known of a device besides its row. */
struct peer {
    uint8_t edition, st;
    uint8_t open;         /* requests */
    uint8_t contact;      /* 1 + the row of first_contact.def that comes next; 0: nothing to do */
    uint8_t contact_open; /* one of them is open */
    uint8_t contacted;
    uint8_t lost_open;
    uint32_t lost_today, lost_day;
    uint64_t key;
    int64_t key_ms;   /* QN of the frame that told it: a resend under an older key tells nothing */
    int64_t heard_ms; /* listening times */
    int64_t clock_ms; /* its clock was set because it wished so; 0: never */
    int64_t lost_ms;  /* lost data was asked for */
    struct gap gaps[LOST_KIND_COUNT];
};

struct exchanges {
    struct recent commands;
    int64_t qn_ms; /* the newest QN given out: none is given twice */
    struct exchange_figures figures;
    uint32_t cursor;    /* the device that a tick looks at next */
    uint32_t lost_open; /* in the area */
    struct exchange slots[EXCHANGES_MAX];
    struct peer peers[];
};

/* Listening time in so many seconds. */
int64_t due_in(const struct exchange_turn *turn, int32_t seconds);

/* Whether anything is expected of this place's request. */
bool is_open(const struct exchange *exchange);

/* The request has come further and is told; once over, its place is free. */
void advance(const struct exchange_turn *turn, struct exchange *exchange, enum exchange_state state,
    const struct message *answer);

/* exchanges/contact.c: first contact, and the clock that a device wishes to be set. */
void contact_hear(
    const struct exchange_turn *turn, struct peer *peer, const struct message *message);
void contact_over(struct peer *peer);
void contact_go_on(const struct exchange_turn *turn, uint32_t device);

/* exchanges/lost.c: data that did not come. */
void lost_hear(const struct exchange_turn *turn, struct peer *peer, const struct message *message);
void lost_over(const struct exchange_turn *turn, const struct exchange *exchange);
void lost_go_on(const struct exchange_turn *turn, uint32_t device);

#endif
