/* detect -- the steps of detection that live and late data share; private to detectors/.
 *
 * Shape    a sample into its signal and windows; a bound's rule into a vote.
 * Memory   none.
 * Threads  one thread a state.
 */
#ifndef DETECTORS_DETECT_H
#define DETECTORS_DETECT_H

#include "detectors/program_state.h"

struct poll {
    const struct program *program;
    void *state;
    const struct moment *moment;
    vote_sink *emit;
    void *context;
};

void detect_sample(const struct program *program, void *state, const struct sample *sample);

/* What asks: a message of a device, or time alone. */
struct occasion {
    uint32_t device;                /* NONE: of no device's own */
    const struct event_time *event; /* of the message; NULL: time alone */
};

void detect_one(const struct poll *poll, uint32_t bound, const struct occasion *occasion);
void detect_device(const struct poll *poll, const struct occasion *occasion);

#endif
