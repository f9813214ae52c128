/* report -- what an area's devices sent in a day or a month, from a journal: transmission, validity, capture,
 * marks, and who was left undisturbed.
 *
 *   came --decode, each record once--> tallies of devices --sum--> enterprises, area
 *   said --> alarms that were raised
 *
 * Source   anomaly-rules 3 (7: transmission effectiveness, 8: capture); docs/reports.md says each column.
 * Shape    a device that tells hours (2061) is counted by its hours, any other by its reporting interval.
 * Units    records are hours or intervals; times are China Standard Time.
 * Memory   report_free.
 * Errors   EXIT_COULD_NOT and a complaint.
 * Threads  one thread, beside a running hub.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "cli/command.h"
#include "schemas/alarm.h"
#include "schemas/registry.h"
#include "validators/keyring.h"

enum { REPORT_FLAGS = 128, REPORT_LATE_DAYS = 10 };

/* Of one device, or the sum of several. */
struct tally {
    uint64_t expected, received, in_time; /* records */
    uint64_t stopped;                     /* of those received: the source stood, every flag is F */
    uint64_t valid;                       /* of those received: every reading is usable */
    uint64_t readings, valid_readings;
    uint64_t marked[REPORT_FLAGS]; /* records with such a flag, by its letter */
    uint64_t alarms[SEVERITY_S4 + 1];
    uint32_t devices, silent; /* devices, and those of which nothing came */
};

struct report_job {
    const char *journal;
    struct event_time from, to;
    struct keyring *keys; /* NULL */
    struct registry registry;
    struct tally *devices;     /* of each */
    struct tally *enterprises; /* of each; alarms are counted there */
    uint8_t **records;         /* of each device: a byte a record that is expected */
    bool *tells_hours;         /* of each device */
};

int report_gather(struct report_job *job);
void report_free_job(struct report_job *job);

void tally_add(struct tally *sum, const struct tally *one);

enum report_by { REPORT_DEVICE, REPORT_ENTERPRISE, REPORT_AREA };
enum report_form { REPORT_TEXT, REPORT_CSV, REPORT_JSON };
void report_print(const struct report_job *job, enum report_by by, enum report_form form);

#endif
