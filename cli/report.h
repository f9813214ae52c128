/* report -- what an area's devices sent in a day, month or quarter, and what was said of it, from a journal: transmission,
 * validity, capture, marks, what the rules' reports tell (run-time), findings, and who was left undisturbed.
 *
 *   came --decode, each record once--> tallies of devices --sum--> enterprises, area
 *   said --> alarms, findings, verdicts; figures that a report of the rules told, by its subjects
 *
 * Source   anomaly-rules 3 (7: transmission effectiveness, 8: capture); docs/reports.md says each column.
 * Shape    a device that tells hours (2061) is counted by its hours, any other by its reporting interval; rates of
 *          several devices weigh each by its time.
 * Units    records are hours or intervals; _ms is their time; times are China Standard Time.
 * Memory   report_free_job.
 * Errors   EXIT_COULD_NOT and a complaint.
 * Threads  one thread, beside a running hub.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/report_rows.h"
#include "core/arena.h"
#include "detectors/program.h"
#include "schemas/alarm.h"
#include "schemas/registry.h"
#include "schemas/verdict.h"
#include "validators/keyring.h"

enum { REPORT_FLAGS = 128, REPORT_LATE_DAYS = 10, REPORT_STANDING_DAYS = 31 };

/* What is known of a record, a bit each, in a plane a device. */
enum record_mark {
    RECORD_CAME,
    RECORD_IN_TIME,
    RECORD_UNUSABLE, /* a reading of it is */
    RECORD_RUNNING,  /* a flag of it is not F */
    RECORD_EXCUSED,
    RECORD_MARKS
};

/* Of one device, or the sum of several. */
struct tally {
    uint64_t expected, received, stopped; /* records; stopped: of those received, every flag is F */
    uint64_t excused;                     /* that would be expected, but were filed as a stop */
    uint64_t expected_ms, received_ms, in_time_ms, stopped_ms;
    uint64_t valid_ms;                       /* of those received: every reading is usable */
    uint64_t readings_ms, valid_readings_ms; /* each reading by its record's time */
    uint64_t marked_ms[REPORT_FLAGS];        /* records with such a flag, by its letter */
    uint64_t alarms[SEVERITY_S4 + 1]; /* raised, and announced; the gravest that each became */
    uint64_t standing;                /* S1 to S3 that were raised before, and active still */
    uint32_t devices, silent;         /* devices, and those of which nothing came */
};

/* The record of a device that came last, and its flags: cut into parts, it comes in several messages. */
struct last_record {
    int64_t record;
    bool flags[REPORT_FLAGS];
};

/* What a report of the rules told of one subject. */
struct told_sums {
    uint32_t instance; /* of the program */
    struct report_shape shape;
    int64_t told_ms; /* the time of which it told */
    double sums[FIGURES_MAX];
    bool known[FIGURES_MAX];
};

struct report_job {
    const char *journal;
    struct event_time from, to;
    struct event_time until; /* to, or now if that is not over */
    struct keyring *keys;    /* NULL */
    struct registry registry;
    struct program *program;   /* the rules in force at the end */
    struct tally *devices;     /* of each */
    struct tally *enterprises; /* of each; alarms are counted there */
    struct tally elsewhere;    /* alarms of no enterprise: of a town, of the area */
    uint8_t **records;         /* of each device: its planes */
    struct last_record *last;  /* of each device */
    bool *tells_hours;         /* of each device */
    struct told_sums *told;
    size_t told_count;
    json_t *told_places; /* "report subject" -> its place in told */
    json_t *rules;       /* rule -> {raised, closed, false, findings: {finding: n}} */
    json_t *raised;      /* alarm -> under which severity it was counted */
    json_t *before;      /* alarm -> what was said of it last, while it stands before the period */
    json_t *standing;    /* alarm -> true: it was counted as standing */
    json_t *strangers;   /* MN that is not registered -> messages */
    uint64_t verdicts[VERDICT_KIND_COUNT];
    struct arena arena;
};

int report_gather(struct report_job *job);
void report_free_job(struct report_job *job);

/* report_records.c: which records of each device are expected, which came; in the end the tallies of them. */
void report_expect(struct report_job *job);
void report_take_message(
    struct report_job *job, const struct message *message, struct event_time arrival);
void report_count_records(struct report_job *job);
/* Nothing was expected of the device in these hours; what came counts as little as what did not. */
void report_excuse(struct report_job *job, uint32_t device, int64_t from_ms, int64_t to_ms);

/* report_said.c: what was said; report_told.c: of that, what reports of the rules told. */
void report_read_said(struct report_job *job);
void report_expect_told(struct report_job *job);
void report_take_told(struct report_job *job, struct slice payload);

/* Whose it is and where: of an enterprise (NONE: of none) its town; and its id and name, unless the row tells them. */
void report_add_place(
    const struct report_job *job, struct report_row *row, uint32_t enterprise, bool named);

void tally_add(struct tally *sum, const struct tally *one);

enum report_by { REPORT_DEVICE, REPORT_ENTERPRISE, REPORT_AREA };

/* of: NULL, or the one table that is wanted. False: there is none of that name. */
bool report_print(
    const struct report_job *job, const char *of, enum report_by by, enum report_form form);
void report_print_told(
    const struct report_job *job, struct slice report, enum report_by by, enum report_form form);
void report_print_findings(const struct report_job *job, enum report_form form);

#endif
