/* stage -- a scripted county over time: sites of a few kinds, what their monitors show, and scenes in which
 * somebody cheats or honestly has trouble.
 *
 *   plan of the site (when it works, at what load) --> truth of a signal --deeds--> what its device shows
 *
 * Source   simulator/scenes/cast.def (who is there), evasion.def and honest.def (what happens).
 * Shape    everything is a function of the seed, the signal and the instant; a deed changes what is shown,
 *          never what is remembered. The same seed, the same bytes.
 * Units    ms since 1970; intervals in s.
 * Memory   stage_new allocates, stage_free frees.
 * Errors   a scene that does not read is a fault of the program: stage_new names it and ends.
 * Threads  one thread.
 * Limits   names are invented; whoever bears one of them is not meant.
 */
#ifndef SIMULATOR_STAGE_H
#define SIMULATOR_STAGE_H

#include "core/text.h"

enum stage_kind {
#define STAGE_SITE(id, count, hours, zh, en, source_class, o2_reference) STAGE_##id,
#define STAGE_DEVICE(site, letter, kind, zh, en, form, st, interval_s)
#define STAGE_SIGNAL(site, letter, factor, role, quantity, unit, drive, stopped, running, load,    \
    untreated, noise, decimals, rated, idle, normal, range_max)
#include "simulator/scenes/cast.def"
#undef STAGE_SITE
#undef STAGE_DEVICE
#undef STAGE_SIGNAL
    STAGE_KIND_COUNT
};

/* When a site works. */
enum stage_hours { HOURS_ALWAYS, HOURS_DAY, HOURS_MEALS };

/* What makes a signal high: nothing, production (the less, the better its gas is treated), or treatment. */
enum stage_drive { DRIVE_ALWAYS, DRIVE_PRODUCTION, DRIVE_TREATMENT, DRIVE_AMBIENT };

/* How a device speaks: frames of real-time data, these with minute, hour and day data, or packs. */
enum stage_form { FORM_FRAMES, FORM_PERIODS, FORM_PACKS };

struct stage_site_row {
    uint32_t count;
    enum stage_hours hours;
    const char *zh, *en, *source_class;
    double o2_reference; /* 0: nothing is converted */
};

struct stage_device_row {
    enum stage_kind site;
    char letter;
    const char *kind, *zh, *en;
    enum stage_form form;
    int st, interval_s;
};

struct stage_signal_row {
    enum stage_kind site;
    char letter;
    const char *factor, *role, *quantity, *unit;
    enum stage_drive drive;
    double stopped, running, load, untreated, noise; /* load and noise: shares of running */
    int decimals;
    double rated, idle, normal, range_max; /* 0: not said */
};

/* A scene that happens. */
struct stage_run {
    uint32_t scene, site;
    int64_t from_ms, to_ms;
};

struct stage_site {
    enum stage_kind kind;
    uint32_t number;                /* of the county, from 1 */
    bool played;                    /* something happens here, some day */
    const struct stage_run *active; /* at stage->now_ms; NULL: an ordinary day */
};

struct stage_device {
    const struct stage_device_row *row;
    uint32_t site; /* index */
    const struct stage_signal_row *signals;
    uint32_t signal_count;
    int32_t place_s; /* its place in the interval: not all speak at once */
};

struct stage {
    uint64_t seed;
    int64_t begin_ms, end_ms, now_ms;
    struct stage_site *sites;
    struct stage_device *devices;
    struct stage_run *runs; /* in the order of their begin */
    uint32_t site_count, device_count, run_count;
    uint32_t part, parts; /* only each so many-th site is there; parts 0: all are */
    bool alone;           /* sites where nothing happens are not there */
};

const struct stage_site_row *stage_site_row(enum stage_kind kind);

struct stage stage_new(uint64_t seed, int64_t begin_ms);
void stage_free(struct stage *stage);

void stage_mn(const struct stage_device *device, struct text *out);
void stage_site_name(const struct stage *stage, uint32_t site, bool english, struct text *out);

/* Move to this instant: which scenes are on. */
void stage_move(struct stage *stage, int64_t now_ms);

/* Whether the site is there at all, and what is there, scenes apart. */
bool stage_has(const struct stage *stage, uint32_t site);
bool stage_works(const struct stage *stage, uint32_t site, int64_t at_ms);
double stage_truth(const struct stage *stage, const struct stage_device *device,
    const struct stage_signal_row *signal, int64_t at_ms, bool production, bool treatment,
    double load);
double stage_ambient(const struct stage *stage, int64_t at_ms); /* degC of the air */
double stage_load(const struct stage *stage, uint32_t site, int64_t at_ms);

/* A number from 0 to below 1 that belongs to these three. */
double stage_chance(const struct stage *stage, uint64_t a, uint64_t b);

#endif
