/* registry -- who may send what, and what it means: an area's enterprises, outlets, devices,
 * equipment, signals, linkages and limits, as parsed from its CSV tables.
 *
 * Source   design: "Registry"; columns and their meaning in schemas/registry-*.schema.json.
 * Shape    arrays; a row refers to another by its index (NONE: it has none); look-ups by key.
 * Units    power and other quantities in the signal's own unit (units.def); intervals in s.
 * Memory   one arena that the registry owns; every slice lives as long as the registry.
 * Errors   a registry that exists is whole: validators/registry_csv.h refuses anything else.
 * Threads  immutable after loading.
 */
#ifndef SCHEMAS_REGISTRY_H
#define SCHEMAS_REGISTRY_H

#include "core/arena.h"
#include "core/table.h"
#include "core/time.h"
#include "schemas/message.h"

#define NONE UINT32_MAX

struct enterprise {
    struct slice id, name, name_en, credit_code, town;
    bool key_unit; /* on the list of key units */
};

struct outlet {
    struct slice id, name, name_en, source_class;
    uint32_t enterprise;
    double
        o2_reference; /* %, worked out of alpha_reference where that is given; NaN: no conversion */
};

struct device {
    struct slice mn, name, name_en, pw;
    struct slice sender;  /* the MQTT user that may publish for it; empty: the MN itself */
    struct slice kind;    /* cems, electricity, fume, bypass ... free word, used by rules */
    struct slice profile; /* of its maker's names; empty: none */
    uint32_t enterprise;
    uint32_t outlet; /* NONE */
    enum format format;
    enum edition edition; /* EDITION_UNKNOWN: each frame says */
    enum crc_kind crc;
    enum length_unit length;
    enum charset charset;
    int32_t interval_s;       /* between two reports of real-time data; > 0 */
    bool has_minute_interval; /* the registry names it */
    int32_t minute_interval;  /* MinInterval: between two reports of minute data, min; > 0 */
    bool verdict_always;      /* send a verdict for accepted messages too */
    bool first_contact;       /* the host sets its clock, time-outs and intervals when it appears */
    bool lost_data;           /* the host asks again for periods of which nothing came */
    struct event_time in_service_since;
    bool has_in_service_since;
};

/* The MQTT user that may publish for it. */
static inline struct slice device_user(const struct device *device)
{
    return device->sender.size > 0 ? device->sender : device->mn;
}

/* A piece of plant that signals belong to: a furnace, a fan, a bypass damper, a cabin. */
struct equipment {
    struct slice id, name, name_en, kind;
    uint32_t enterprise;
    uint32_t outlet;   /* NONE */
    uint32_t standing; /* an order that stands for good, enum filing_kind: retired; NONE */
};

/* What a maker's number or letter for a state means: 2 is off. */
struct value_meaning {
    struct slice sent;
    double number; /* what it is sent for; anything that no meaning has is unknown */
};

/* A device's factor, named: what the number means and of which equipment it speaks. */
struct signal {
    uint32_t device;
    struct slice factor, field; /* a21002, ZsAvg; without field: a plain name of CP */
    struct slice code;          /* the code that it stands for: that of limits */
    const struct value_meaning *meanings;
    uint32_t meaning_count;     /* 0: numbers are what they are */
    int32_t cn;                 /* 2011, 2051, 2061, 2031: the kind of data it is taken from */
    uint32_t equipment;         /* NONE: it belongs to the device's outlet */
    struct slice quantity;      /* power, opening, open_switch, nox, fume ... a word of the rules */
    struct slice unit;          /* as in units.def; empty: a plain number or a switch */
    double rated, idle, normal; /* in the unit; NaN: not given */
    double zero_noise;          /* NaN */
    double range_min, range_max; /* of the instrument; NaN */
    double detection_limit;      /* below it the instrument tells nothing; NaN */
    double approved;             /* of a device's parameter: as it was filed at acceptance; NaN */
};

enum linkage_mode { LINKAGE_ANY, LINKAGE_ALL }; /* of the equipment in one role */

/* production <-> treatment <-> outlet <-> bypass: which equipment plays which role. */
struct linkage_member {
    struct slice role; /* production, treatment, bypass, upstream, fan, purifier, cabin, site ... */
    uint32_t equipment;
    enum linkage_mode mode;
};

struct linkage {
    struct slice id, name, name_en;
    uint32_t enterprise;
    uint32_t outlet; /* NONE */
    uint32_t member_first, member_count;
};

/* A limit of an outlet's factor. tier: "legal", "policy", or "permit": mass in a year. */
struct limit {
    uint32_t outlet;
    struct slice factor, averaging, unit, standard, tier;
    double value;
    struct event_time from, to; /* [from, to) ; INT64_MIN and INT64_MAX when open */
};

/* Hours in which something applies to an enterprise: business hours, staggered production. */
struct calendar {
    struct slice id;                      /* the word that rules use */
    uint32_t enterprise;                  /* NONE: everybody */
    uint8_t weekdays;                     /* bit 0: Monday */
    int32_t from_minute, to_minute;       /* of the day, CST; from > to: past midnight */
    struct event_time from_date, to_date; /* [from, to) ; of each year, or open: all time */
    int32_t from_day, to_day; /* month * 100 + day, both included, of each year; 0: none */
    uint32_t equipment;       /* NONE: all of the enterprise */
    double share;             /* of normal production that is allowed, 0..1; NaN: not said */
};

/* A stop, repair or discharge that was planned and told beforehand. */
struct plan {
    struct slice id, reason;
    uint32_t kind; /* enum filing_kind: schemas/filing.h */
    uint32_t enterprise;
    uint32_t equipment; /* NONE: all of the enterprise */
    struct event_time from, to;
};

struct corner {
    double longitude, latitude; /* degrees */
};

/* Ground on which something holds: where machines below a stage may not work, where trucks may not go. */
struct zone {
    struct slice id, name, kind;  /* kind: the word that rules use */
    const struct corner *corners; /* of one polygon, in order; the last leads back to the first */
    uint32_t corner_count;        /* 3 and more */
};

/* A point on the border may fall to either side. */
bool zone_holds(const struct zone *zone, double longitude, double latitude);

/* Whose a row of parameters.csv is; the narrower counts. */
enum reach { REACH_ALL, REACH_ENTERPRISE, REACH_OUTLET, REACH_LINKAGE, REACH_DEVICE };

/* A rule's parameter that is another there than the rule says. What the rule allows, the rules judge. */
struct override {
    struct slice rule, parameter, value; /* as written: 60 s */
    enum reach reach;
    uint32_t subject; /* in its table; REACH_ALL: NONE */
    uint32_t line;    /* and columns, for findings */
    uint32_t rule_column, parameter_column, value_column;
};

struct registry {
    struct arena arena;
    struct slice area;      /* 6 to 12 digits */
    struct slice canonical; /* the bytes that registry_parse read: what the journal keeps */
    uint64_t fingerprint;   /* of canonical */

    struct enterprise *enterprises;
    struct outlet *outlets;
    struct device *devices;
    struct equipment *equipment;
    struct signal *signals; /* sorted by device, then cn, factor, field */
    struct linkage *linkages;
    struct linkage_member *members;
    struct limit *limits;
    struct calendar *calendars;
    struct plan *plans;
    struct zone *zones;
    struct override *overrides;
    uint32_t enterprise_count, outlet_count, device_count, equipment_count, signal_count,
        linkage_count, member_count, limit_count, calendar_count, plan_count, zone_count,
        override_count;

    uint32_t *device_signal_first; /* device_count + 1 entries: signals of device d are
                                      [first[d], first[d + 1]) */
    struct table device_by_mn;
    struct table outlet_by_id, enterprise_by_id, equipment_by_id, linkage_by_id;
};

uint32_t registry_device(const struct registry *registry, struct slice mn); /* NONE */

/* The signal that this reading feeds, or NONE. cn: real-time data of 2011 and SenML is 2011. */
uint32_t registry_signal(const struct registry *registry, uint32_t device, int cn,
    struct slice factor, struct slice field);

void registry_free(struct registry *registry);

#endif
