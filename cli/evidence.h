/* evidence -- what hangs together with one alarm, gathered from a journal into a folder.
 *
 *   said --> its transitions     came --> registry and rules in force, frames --> readings, chart
 *   journal --> proof/            all files --> MANIFEST.sha256
 *
 * Source   design: ideas 1 and 2; anomaly-rules 6.4; docs/evidence.md names each file of a bundle.
 * Shape    struct evidence is filled in the order of the calls in cli/evidence.c.
 * Units    instants of arrival are the hub's wall clock.
 * Memory   evidence_free.
 * Errors   EXIT_COULD_NOT and a complaint that says what and what to do.
 * Threads  one thread, beside a running hub.
 */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include <jansson.h>
#include <stdio.h>

#include "cli/command.h"
#include "detectors/program.h"
#include "journal/extract.h"

enum {
    EVIDENCE_SIGNALS_MAX = 64,
    EVIDENCE_LINES_MAX = 64,
    EVIDENCE_FILES_MAX = 20000,
    EVIDENCE_PATH_SIZE = 4096,
    EVIDENCE_AROUND = -1 /* for how long: as the curves need it */
};

/* One point of a curve. */
struct curve_point {
    int64_t ms;
    double value;
    bool usable;
};

/* A signal that the alarm's rule reads. */
struct curve {
    uint32_t signal;
    struct curve_point *points;
    size_t count, capacity;
};

/* What the rule compares a signal with. */
struct chart_line {
    uint32_t signal;
    struct slice name; /* a parameter, a limit, a let; empty: it stands in the rule as a number */
    double number;     /* in the signal's unit */
};

struct evidence {
    const char *journal, *alarm, *target;
    int64_t before_ms, after_ms; /* of the alarm, to be kept too; EVIDENCE_AROUND */
    bool proof;
    struct keyring *keys; /* NULL: what is encrypted is not read */

    json_t *transitions;             /* data of each, in order */
    struct stretch stretch;          /* records: of its frames and its transitions */
    uint64_t cause_first;            /* the record that came at which it was raised */
    struct event_time raised, ended; /* the first and the last transition, arrival */

    struct arena arena;
    struct slice registry_bundle, rules_bundle;
    uint64_t registry_at, rules_at; /* the records that brought them */
    struct registry registry;
    struct program *program;
    uint32_t instance;
    struct curve curves[EVIDENCE_SIGNALS_MAX];
    size_t curve_count;
    struct chart_line lines[EVIDENCE_LINES_MAX];
    size_t line_count;

    uint64_t frames;
    char **files; /* written so far, relative to target */
    size_t file_count;
};

const char *evidence_word(
    const struct evidence *evidence, const char *key); /* of the last transition */

/* cli/evidence_alarm.c: its transitions. */
int evidence_find_alarm(struct evidence *evidence);

/* cli/evidence_rules.c: registry and rules as they were in force when it was raised, and what it reads. */
int evidence_find_rules(struct evidence *evidence);
int evidence_write_rules(struct evidence *evidence);

/* cli/evidence_frames.c: what the devices concerned sent, as it came and as it was read. */
int evidence_write_frames(struct evidence *evidence);

/* cli/evidence_curves.c: which curves there are, what they are compared with, and how long the window around the alarm
 * is where nobody says. */
void evidence_find_curves(struct evidence *evidence);

/* How long a value stands for: data of a period for all of it, from its DataTime on; what was sampled for no time. */
int64_t curve_length(const struct evidence *evidence, const struct curve *curve);
/* Without a value for longer the curve is broken. */
int64_t curve_gap(const struct evidence *evidence, const struct curve *curve);

/* The scale on which a curve and what it is compared with are drawn: a number far above it lies beyond. */
struct curve_bounds {
    double low, high;
};
struct curve_bounds curve_bounds_of(const struct evidence *evidence, const struct curve *curve);

/* cli/evidence_chart.c: the curves. */
int evidence_write_chart(struct evidence *evidence);

/* cli/evidence_page.c: what a reader sees first. */
int evidence_write_page(struct evidence *evidence);

/* cli/evidence_files.c: files of the bundle; NULL: complained. A file that was opened is closed by
 * evidence_close, which says whether all of it was written. */
bool evidence_make_folder(const struct evidence *evidence, const char *name);
FILE *evidence_open(struct evidence *evidence, const char *name);
bool evidence_close(FILE *file);
bool evidence_put(struct evidence *evidence, const char *name, struct slice bytes);
void evidence_path(
    const struct evidence *evidence, const char *name, char out[static EVIDENCE_PATH_SIZE]);
bool evidence_note(struct evidence *evidence, const char *name); /* a file that another wrote */
int evidence_write_manifest(struct evidence *evidence);

#endif
