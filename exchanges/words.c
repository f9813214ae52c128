#include <assert.h>

#include "exchanges/exchanges.h"

static const struct {
    struct exchange_words words;
    bool over;
} STATES[EXCHANGE_STATE_COUNT] = {
#define EXCHANGE_STATE(id, name, over, zh, en) [EXCHANGE_##id] = {{name, zh, en}, over},
#include "schemas/exchange_states.def"
#undef EXCHANGE_STATE
};

static const struct exchange_words REFUSALS[EXCHANGE_REFUSAL_COUNT] = {
#define EXCHANGE_REFUSAL(id, name, zh, en) [EXCHANGE_NOT_##id] = {name, zh, en},
#include "schemas/exchange_refusals.def"
#undef EXCHANGE_REFUSAL
};

/* No MQTT user can have such a name. */
const char *exchange_origin_name(enum exchange_origin origin)
{
    static const char *const NAMES[] = {[ORIGIN_CONTACT] = "hub:first-contact",
        [ORIGIN_CLOCK] = "hub:clock",
        [ORIGIN_LOST] = "hub:lost-data"};
    assert(origin > ORIGIN_OFFICER && origin <= ORIGIN_LOST);
    return NAMES[origin];
}

bool exchange_over(enum exchange_state state)
{
    assert(state < EXCHANGE_STATE_COUNT);
    return STATES[state].over;
}

struct exchange_words exchange_state_words(enum exchange_state state)
{
    assert(state < EXCHANGE_STATE_COUNT);
    return STATES[state].words;
}

struct exchange_words exchange_refusal_words(enum exchange_refusal refusal)
{
    assert(refusal < EXCHANGE_REFUSAL_COUNT);
    return REFUSALS[refusal];
}
