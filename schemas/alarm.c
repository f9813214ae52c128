#include "schemas/alarm.h"

static const struct {
    const char *name;
    bool is_open;
} STATES[ALARM_STATE_COUNT] = {
#define ALARM_STATE(id, name, zh, is_open, what) [ALARM_##id] = {name, is_open},
#include "schemas/alarm_states.def"
#undef ALARM_STATE
};

const char *alarm_state_name(enum alarm_state state)
{
    assert(state < ALARM_STATE_COUNT);
    return STATES[state].name;
}

bool alarm_state_from(struct slice name, enum alarm_state *state)
{
    for (int i = 0; i < ALARM_STATE_COUNT; i++) {
        if (slice_is(name, STATES[i].name)) {
            *state = (enum alarm_state)i;
            return true;
        }
    }
    return false;
}

bool alarm_state_open(enum alarm_state state)
{
    assert(state < ALARM_STATE_COUNT);
    return STATES[state].is_open;
}

const char *severity_name(enum severity severity)
{
    static const char *const NAMES[] = {"", "S1", "S2", "S3", "S4"};
    assert(severity >= SEVERITY_S1 && severity <= SEVERITY_S4);
    return NAMES[severity];
}

const struct officer_finding *officer_finding(struct slice name)
{
    static const struct officer_finding FINDINGS[] = {
#define FINDING(id, name, zh, en, wrong) {name, zh, en, wrong},
#include "schemas/findings.def"
#undef FINDING
    };
    for (size_t i = 0; i < sizeof FINDINGS / sizeof FINDINGS[0]; i++) {
        if (slice_is(name, FINDINGS[i].name)) {
            return &FINDINGS[i];
        }
    }
    return NULL;
}

bool plant_answer_known(struct slice name)
{
    static const char *const ANSWERS[] = {
#define PLANT_ANSWER(id, name, zh, en) name,
#include "schemas/plant_answers.def"
#undef PLANT_ANSWER
    };
    for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++) {
        if (slice_is(name, ANSWERS[i])) {
            return true;
        }
    }
    return false;
}
