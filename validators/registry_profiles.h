/* registry_profiles -- what makers' names mean, and which equipment a measuring point is, as read; private to the
 * parser of the registry.
 */
#ifndef VALIDATORS_REGISTRY_PROFILES_H
#define VALIDATORS_REGISTRY_PROFILES_H

#include "validators/registry_parse.h"

/* A row of profiles.csv. */
struct named {
    struct slice profile, role;
    size_t digits; /* how many # its factor has: the number of a measuring point */
    struct signal signal;
    bool used; /* a device has its profile */
};

/* Who plays which role: at an outlet, and at all. */
struct roles {
    struct table by_outlet;    /* "outlet role" -> the linkage member, the first one */
    bool *several;             /* of that member: another plays it there too */
    struct table by_equipment; /* "equipment role" */
};

struct profiles {
    struct registry_reading *reading;
    const struct table *named; /* signals of signals.csv, by signal_key */
    struct table added;        /* and of profiles */
    struct named *rows;
    size_t row_count;
    uint32_t *first, *next; /* points of a device: a chain of rows of points.csv, NONE ends it */
    struct signal *points;  /* each row's device, equipment and numbers; factor: the point */
    bool *taken;            /* a signal has it */
    struct roles roles;
};

/* registry_points.c: the rows of both tables. */
void profiles_read_named(struct profiles *profiles);
void profiles_read_points(struct profiles *profiles, size_t points);

#endif
