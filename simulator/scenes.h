/* scenes -- what is to happen in the county, and the log of what was done.
 *
 *   NAME | NAME@S | NAME:SITE | NAME@S:SITE
 *
 * Source   scenes.def.
 * Shape    a plan becomes a scene when the run begins: so many seconds after it, or at its usual hour next.
 * Units    S: seconds; SITE counts from 1, as in the truth and the registry (E1, L1).
 * Memory   none.
 * Errors   false: no such scene, or too many.
 * Threads  one thread.
 */
#ifndef SIMULATOR_SCENES_H
#define SIMULATOR_SCENES_H

#include <stdio.h>

#include "simulator/county.h"

struct scene_plan {
    enum scene_kind kind;
    int64_t at_s;  /* -1: its usual hour */
    uint32_t site; /* 0: chosen */
};

struct scene_plans {
    struct scene_plan list[SCENES_MAX];
    size_t count;
};

bool scenes_plan(struct scene_plans *plans, const char *words);

/* Whether each named site is there and of the scene's kind. */
bool scenes_fit(const struct scene_plans *plans, const struct county *county);

/* The scenes of the county from here on; one line of truth each, if truth is not NULL. */
void scenes_begin(
    const struct scene_plans *plans, int64_t start_ms, struct county *county, FILE *truth);

void scenes_list(FILE *out);

#endif
