/* county -- an invented county: who is there, and what each monitor shows at an instant.
 *
 *   plant:      CEMS (HJ 212)   meters (SenML)   bypass monitor (HJ 212)
 *   restaurant: fume monitor (SenML; the last five HJ 212, each in a maker's own names)
 *   others:     one monitor each (monitors.def)
 *
 * Source   house; the mix follows the planning ranges of the anomaly catalogue.
 * Shape    everything is a function of the seed, the device and the instant: the same seed, the same bytes.
 * Units    interval in s; instants in ms since 1970.
 * Memory   none; texts go into the caller's buffers.
 * Errors   none.
 * Threads  pure.
 * Limits   names are invented; whoever bears one of them is not meant.
 */
#ifndef SIMULATOR_COUNTY_H
#define SIMULATOR_COUNTY_H

#include "core/text.h"

enum { SCENES_MAX = 32, FACTORS_MAX = 16 };

/* As monitors.def plans for others. */
enum { COUNTY_PLANNED = 7272, COUNTY_PLANNED_PLANTS = 45, COUNTY_PLANNED_RESTAURANTS = 350 };

enum device_role { ROLE_CEMS, ROLE_METER, ROLE_BYPASS, ROLE_FUME, ROLE_OTHER };

enum scene_kind {
#define SCENE(id, name, rule, role, lasts_s, within_s, usual_minute, zh) SCENE_##id,
#include "simulator/scenes.def"
#undef SCENE
    SCENE_COUNT
};

/* Something that happens to one plant or restaurant for a while. */
struct scene {
    enum scene_kind kind;
    uint32_t site;
    int64_t from_ms, to_ms;
};

struct county {
    uint64_t seed;
    uint32_t plants, restaurants, others; /* sites, in this order */
    uint32_t encrypting; /* the first so many plants: their CEMS is of 2025 and encrypts */
    int32_t interval_s;
    bool planned; /* kinds of others as often as is planned, not by turns */
    struct scene scenes[SCENES_MAX];
    size_t scene_count;
};

struct county_device {
    enum device_role role;
    uint32_t site;
};

/* A maker's own way to say what a fume monitor shows. */
struct dialect {
    const char *profile; /* of schemas/profiles.def */
    int st;
    const char *items; /* [F] fume, [A] and [P] the states of fan and purifier */
    const char *on, *off;
};

struct county_value {
    const char *factor;
    double value;
    int decimals;
    char flag; /* 0, N: as it should be */
};

struct scene_row {
    const char *name, *rule;
    enum device_role role; /* whose site: plant or restaurant */
    int32_t lasts_s, within_s, usual_minute;
    const char *zh;
};

const struct scene_row *scene_row(enum scene_kind kind);
bool scene_from(struct slice name, enum scene_kind *kind);

struct county county_new(uint64_t seed, uint32_t devices, int32_t interval_s);
struct county county_new_planned(uint64_t seed, uint32_t devices, int32_t interval_s);
uint32_t county_devices(const struct county *county);
struct county_device county_device(const struct county *county, uint32_t index);

/* NULL: it has none. A county of fewer than six restaurants has no such monitors. */
const struct dialect *county_dialect(const struct county *county, uint32_t index);
uint32_t county_plain_kitchens(
    const struct county *county); /* restaurants without; they come first */

uint32_t county_sites(const struct county *county);

struct monitor; /* simulator/monitors.h */

/* The monitor of a site that has nothing else; NULL: it is a plant or a restaurant. */
const struct monitor *county_monitor(const struct county *county, uint32_t site);

void county_mn(const struct county *county, uint32_t index, struct text *out);

/* The SM4 key of a device: 16 characters and a NUL; false: it does not encrypt. */
enum { COUNTY_KEY_SIZE = 16 };
bool county_key(const struct county *county, uint32_t index, char key[static COUNTY_KEY_SIZE + 1]);
void county_site_name(const struct county *county, uint32_t site, bool english, struct text *out);

/* Whether this is happening at the site. */
bool county_happens(
    const struct county *county, enum scene_kind kind, uint32_t site, int64_t at_ms);

/* What the device shows at this instant; 0: it is silent. */
size_t county_values(const struct county *county, uint32_t index, int64_t at_ms,
    struct county_value values[static FACTORS_MAX]);

#endif
