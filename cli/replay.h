/* replay -- records through the same step as the daemon's, from lines of JSON or from a journal.
 *
 * Source   house: the `replay` contract of hjhub(1).
 * Shape    struct replay holds a pipeline and the bundles in force; each effect goes to `effect`.
 * Memory   replay_open allocates, replay_close frees.
 * Errors   STATUS_INVALID with findings in `report`.
 * Threads  one thread.
 */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "broker-bridge/pipeline.h"

struct replay {
    struct pipeline *pipeline;
    struct arena arena;
    struct slice area;
    struct slice registry_bundle, rules_bundle;
    bool registry_given, rules_given; /* by option: those of the journal are not taken */
    struct keyring *secrets;          /* of --keys; which of them were in force the journal tells */
    bool key_missing;                 /* a frame needed one that was not given; report names it */
    struct report *report;
    effect_sink *effect;
    void *context;
};

MUST_USE enum status replay_step(struct replay *replay, const struct record *record);

/* cli/replay_lines.c: a file of JSON lines; *line is the one that was wrong. */
MUST_USE enum status replay_lines(struct replay *replay, const char *path, size_t *line);

/* cli/replay_journal.c: a journal's folder, and comparison with what it said. */
MUST_USE enum status replay_journal(struct replay *replay, const char *directory, bool verify);

#endif
