/* deeds -- what is done in a scene, in words, and what comes of it.
 *
 *   "off treatment; set bypass.opening 60 @10-20 ~50/550; flag nox M; hold C"
 *
 * Source   simulator/scenes/evasion.def, honest.def.
 * Shape    deeds are separated by ";": a verb, its object, a number or a word; then @FROM-TO in minutes of the
 *          scene (else all of it) and ~ON/OFF in seconds (else all the time).
 *          off, on STATE (production, treatment)          load - NUMBER
 *          set, add, scale, cap SIGNAL NUMBER             freeze SIGNAL (as it was when the scene began)
 *          wobble SIGNAL SHARE                            outside SIGNAL (as warm as the air)
 *          flag SIGNAL LETTER                             past SIGNAL HOURS (what was true so long ago)
 *          fake SIGNAL FACTOR (of hour and day data only)  falsify SIGNAL FACTOR (of minute data too)
 *          silent, hold (sent when the scene ends, marked RF=1), twice, garble, boot DEVICE
 *          lag, clock DEVICE SECONDS                      file KIND, order KIND NUMBER
 *          A signal is role.quantity or quantity, a letter: all of that device; a device its letter in the cast;
 *          *: all of the site.
 * Memory   parsed once, owned by the table.
 * Errors   a scene that does not read ends the program and is named.
 * Threads  one thread.
 */
#ifndef SIMULATOR_DEEDS_H
#define SIMULATOR_DEEDS_H

#include "simulator/stage.h"

enum { DEEDS_MAX = 12 };

enum verb {
    VERB_OFF,
    VERB_ON,
    VERB_LOAD,
    VERB_SET,
    VERB_ADD,
    VERB_SCALE,
    VERB_CAP,
    VERB_FREEZE,
    VERB_WOBBLE,
    VERB_OUTSIDE,
    VERB_FLAG,
    VERB_PAST,
    VERB_FAKE,
    VERB_FALSIFY,
    VERB_SILENT,
    VERB_HOLD,
    VERB_TWICE,
    VERB_GARBLE,
    VERB_BOOT,
    VERB_LAG,
    VERB_CLOCK,
    VERB_FILE,
    VERB_ORDER,
    VERB_COUNT
};

struct deed {
    enum verb verb;
    struct slice object, word; /* word: third, as written */
    double number;
    int64_t from_ms, to_ms;    /* of the scene; to 0: to its end */
    int64_t pulse_ms, rest_ms; /* 0: no pulses */
};

enum scene_side { EVASION, HONEST };

struct scene_script {
    const char *name;
    enum scene_side side;
    enum stage_kind site;
    int32_t lasts_min, from_hour, to_hour; /* hours of the day in which it begins */
    const char *rules;                     /* that are to raise, one of them is enough; "" none */
    int32_t within_s;                      /* after its begin; 0: by the next run of a daily rule */
    int32_t told_s;                        /* later, at most: until what a rule reads has come */
    const char *zh;
    struct deed deeds[DEEDS_MAX];
    size_t deed_count;
};

/* All scenes, parsed. */
const struct scene_script *scenes_scripted(size_t *count);

/* Whether the deed is on at this instant of its run. */
bool deed_is_on(const struct deed *deed, const struct stage_run *run, int64_t at_ms);

/* Whether it speaks of this signal, or this device. */
bool deed_is_about(const struct deed *deed, const struct stage_signal_row *signal);
bool deed_is_by(const struct deed *deed, const struct stage_device *device);

/* The first deed of this verb that is on and speaks of the device; NULL: none. */
const struct deed *device_deed(
    const struct stage *stage, const struct stage_device *device, enum verb verb, int64_t at_ms);

/* What the device shows of a signal at this instant, and with which flag. */
struct shown_value {
    double value;
    char flag;
};
struct shown_value stage_show(const struct stage *stage, const struct stage_device *device,
    const struct stage_signal_row *signal, int64_t at_ms);

/* By how much the data of its periods (minutes, or longer) is faked: 1 not at all. */
double stage_fake(const struct stage *stage, const struct stage_device *device,
    const struct stage_signal_row *signal, bool minutes, int64_t at_ms);

/* From when on it is an evasion: the site works. */
int64_t run_since(const struct stage *stage, const struct stage_run *run);

/* Let the scenes happen in [begin + quiet, end): each so many times, no two at one site within `apart`. */
void stage_plan(
    struct stage *stage, int64_t quiet_ms, int64_t apart_ms, uint32_t times, const char *only);

#endif
