/* replay -- records through the same step as the daemon's, from lines of JSON or from a journal.
 *
 * Source   house: the `replay` contract of hjhub(1).
 * Shape    struct replay holds a pipeline and the bundles in force; each effect goes to `effect`.
 * Memory   replay_run allocates, replay_close frees.
 * Errors   STATUS_INVALID with findings in `report`.
 * Threads  one thread.
 */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "broker-bridge/pipeline.h"

/* After so many records, or with the first record after so much time; 0: not for that. */
struct cadence {
    uint64_t records;
    int64_t ms;
};

struct replay_options {
    const char *registry, *rules, *keys; /* NULL: not given */
    const char *input;
    const char
        *against; /* --against: a folder; empty: what holds without --rules; NULL: not given */
    struct cadence restart_every;
    struct event_time until; /* what arrived later is not stepped; 0: all is */
    const char *keep;        /* a folder for a journal of it; NULL: not given */
    bool verify, json;
    bool officer; /* somebody answers the alarms of a file of lines */
};

struct keeper;
struct officer;

struct replay {
    struct pipeline *pipeline;
    struct cadence restart_every;
    uint64_t stepped;            /* records */
    struct event_time restarted; /* or, before the first restart, begun */
    struct event_time until;
    bool stopped;              /* the hub's time stands at `until` */
    struct event_time read_to; /* of the last record that was there, stepped or not */
    struct record last;        /* stepped; what it borrows is gone */
    uint64_t sequence;         /* of the record that is stepped; of lines: which one it is */
    struct arena arena;
    struct slice area;
    struct slice registry_bundle, rules_bundle;
    bool registry_given, rules_given; /* by option: those of the journal are not taken */
    struct keeper *keeper;            /* NULL: nothing is kept */
    struct officer *officer;          /* NULL: nobody answers alarms */
    struct keyring *secrets;          /* of --keys; which of them were in force the journal tells */
    bool key_missing;                 /* a frame needed one that was not given; report names it */
    struct report *report;
    effect_sink *effect;
    void *context;
};

/* All of the input, into a zeroed struct with report, effect and context set; what is wrong is said. An exit status. */
int replay_run(struct replay *replay, const struct replay_options *options);
void replay_close(struct replay *replay);

/* cli/replay_against.c: the input under the rules of --against and then under those of --rules, and what differs. */
int replay_against(const struct replay_options *options);

MUST_USE enum status replay_step(struct replay *replay, const struct record *record);

/* cli/replay_lines.c: a file of JSON lines; *line is the one that was wrong. */
MUST_USE enum status replay_lines(struct replay *replay, const char *path, size_t *line);

/* cli/replay_journal.c: a journal's folder, and comparison with what it said. */
MUST_USE enum status replay_journal(struct replay *replay, const char *directory, bool verify);

/* The kind of the record that an effect is journaled as; 0: it is not. */
enum record_kind replay_kind_of(enum effect_kind kind);

/* cli/replay_keep.c: what came and what was said of it as a journal, which report, evidence and explain read.
 * STATUS_REFUSED: there is one already. keeper_came gives the record its sequence. */
MUST_USE enum status keeper_open(const char *directory, struct slice area, struct keeper **keeper);
void keeper_came(struct keeper *keeper, struct record *record);
void keeper_said(struct keeper *keeper, const struct effect *effect);
MUST_USE enum status keeper_close(
    struct keeper *keeper); /* the first that went wrong, if any did */

/* cli/replay_officer.c: who answers alarms that are announced, by the same commands as a real one: acknowledges in half of the
 * time that is allowed, then closes in half of the time to verify; what is not over, or had no deadline left, the next
 * morning at nine (China Standard Time). officer_speak: the command that is due, if any, into a record that has its instant. */
struct officer *officer_new(void);
void officer_free(struct officer *officer);
void officer_hear(struct officer *officer, const struct effect *effect, struct event_time now);
bool officer_speak(struct officer *officer, struct slice area, struct record *record);

#endif
