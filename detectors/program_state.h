/* program_state -- the bound program, and its flat state; private to detectors/.
 *
 *   state: | head | device tracks | contacts | tallies | signals | estimators | timers | periods judged | what held | windows |
 *
 * Source   detectors/program.h.
 * Threads  the program is immutable; a state belongs to one thread.
 */
#ifndef DETECTORS_PROGRAM_STATE_H
#define DETECTORS_PROGRAM_STATE_H

#include "core/table.h"
#include "detectors/pairs.h"
#include "detectors/rules.h"
#include "detectors/window.h"
#include "schemas/filing.h"

enum binding_kind {
    BINDING_ABSENT,
    BINDING_SIGNALS,    /* elements are signals */
    BINDING_ESTIMATORS, /* elements are estimators */
    BINDING_CONSTANT,
    BINDING_DATED,    /* numbers in the order of their spells */
    BINDING_AGE,      /* of the device `first` */
    BINDING_ASK,      /* of messages of the device `first` */
    BINDING_INSIDE,   /* elements are its longitude and its latitude */
    BINDING_SILENT,   /* devices of the group `first` that are silent */
    BINDING_TOGETHER, /* those of them that went away together */
    BINDING_ALARMS,   /* of alarms of the enterprise `first`; NONE: of the area */
};

/* How the values of several signals are one. */
enum joining { JOIN_ANY, JOIN_ALL, JOIN_SUM };

struct binding {
    uint8_t kind;
    uint8_t all;           /* enum joining: or, greatest; and, least; sum */
    uint32_t first, count; /* in elements or spells; or a device */
    uint32_t of;     /* BINDING_ASK: its tally, NONE; BINDING_DATED: the signal whose date counts */
    double constant; /* base unit; NaN: absent */
};

/* How many of its `count` are elements, from elements[first] on: spells are none. */
static inline uint32_t binding_elements(const struct binding *binding)
{
    bool has = binding->kind == BINDING_SIGNALS || binding->kind == BINDING_ESTIMATORS ||
               binding->kind == BINDING_INSIDE;
    return has ? binding->count : 0;
}

/* A number that holds for a time, from where the one before ends. */
struct spell {
    int64_t until_ms; /* event time */
    double number;    /* NaN: absent */
};

/* A rule watching one subject. */
struct bound {
    uint32_t rule;
    uint32_t binding_first;        /* rule's input_count bindings */
    uint32_t look_first;           /* rule's look_count looks */
    uint32_t own_first, own_count; /* panes of its lets and states, in the order of the lets */
    uint32_t judged;               /* `each`: its place among those that have one; NONE */
    uint32_t clock_device;         /* NONE */
    uint32_t signal;               /* scope signal; NONE */
    uint32_t other;                /* scope pair: the signal beside; NONE */
    struct filing_place place;
    struct instance *shown; /* what others know of it */
};

/* A line of the cache: each message reads those of all rules that watch its device. */
static_assert(sizeof(struct bound) == 64, "what only others want to know of it stands elsewhere");

/* A state of one piece of equipment. */
struct estimator {
    uint32_t state; /* rules.states */
    uint32_t equipment;
    uint32_t binding_first;
    uint32_t look_first;
    uint32_t clock_device;
    uint64_t fingerprint; /* of state, quantity and equipment: equal = its state may be kept */
};

/* What is counted of a device's messages. All devices ask the same few things. */
struct tally {
    uint32_t device;
    uint32_t before; /* the same device's made before this one; NONE */
    uint32_t ask;    /* program->asks */
    uint32_t offset; /* in the state's tallies */
};

/* A window of an owner: what it keeps it has in common with those of the same rule elsewhere. */
struct pane {
    uint32_t window; /* program->windows */
    uint32_t owner;  /* the signal, or the bound */
    size_t offset;   /* in the state's windows */
};

/* What each look at a signal's value asks of the registry, which has it on a line of the cache a signal. */
struct signal_facts {
    double scale;    /* of its unit */
    int64_t held_ms; /* how long its value may be held */
    uint32_t device;
};

struct program {
    struct arena arena;
    struct slice canonical;
    uint64_t fingerprint;
    const struct registry *registry; /* NULL: checked only */
    struct rules rules;

    struct bound *bounds;
    struct estimator *estimators;
    struct binding *bindings;
    uint32_t *elements;
    struct window *windows; /* each but once */
    struct pane *panes;
    uint32_t *looks;        /* of bounds and estimators: where in look_windows; NONE: absent */
    uint32_t *look_windows; /* panes; of signals one for each element of the binding */
    struct tally *tallies;
    struct ask *asks;
    struct spell *spells;
    uint32_t bound_count, estimator_count, binding_count, element_count, window_count, pane_count,
        look_count, look_window_count, judged_count, tally_count, ask_count, spell_count;

    /* Of each device: its estimators, then its bounds; of each signal: its windows. */
    struct table estimator_by_fingerprint, bound_by_fingerprint;
    struct pair_index device_estimators, device_bounds, device_tallies, signal_windows;
    struct signal_facts *signals; /* of each signal of the registry */

    /* The area, and each town: of their devices' silence. */
    struct slice *groups; /* names */
    uint32_t group_count;
    uint32_t *group_sizes;                       /* devices */
    uint32_t *device_groups, *enterprise_groups; /* of each its town; NONE */
    struct pair_index group_bounds;              /* who reads them; nobody: nothing is counted */
    bool counts_silence;

    size_t track_at, contact_at, tally_at, signal_at, estimator_at, timers_at, judged_at, held_at,
        group_at, windows_at, size;
};

/* --- state --- */

struct head {
    uint32_t started;
    uint32_t padding;
    int64_t hub_ms, listening_ms, wall_ms; /* of the last call, and of the one that goes on */
};

struct track {
    int64_t event_ms; /* the device's own clock when hub_ms was */
    int64_t hub_ms;
    int64_t listening_ms; /* when it was last heard */
    int64_t behind_ms;    /* of its newest real-time data: behind its own clock as it ran on here */
    uint8_t heard;
    uint8_t silent; /* and counted so in its groups */
    uint8_t steady; /* how often in a row it was behind by about as much; up to STEADY */
    uint8_t padding[5];
};

enum { STEADY = 3 };

enum { GROUP_AREA = 0 };

/* What a device's messages told besides values. */
struct contact {
    int64_t since_ms; /* its own time when it was first heard of; 0: not yet */
    int64_t newer_ms; /* listening time when its real-time data last grew newer */
    int64_t lag_ms;
    struct rule_set broken; /* by its last message */
    uint8_t has_lag, has_newest, resent, padding[5];
};

enum { TALLY_PARTS = 12, TALLY_PERIODS = 2 };

/* Messages counted as their ask wants it. Of a time that slides: in parts, each of which holds up to 65,535 (nine a
 * second over a day), what is more is left out. newest: the number of that part, 0: none came yet. */
struct tally_parts {
    uint32_t newest;
    uint16_t counts[TALLY_PARTS]; /* they take turns */
};

/* In this period and in the one before it. */
struct tally_periods {
    uint32_t newest;
    uint32_t counts[TALLY_PERIODS];
};

/* Not at all: when the last came. */
struct tally_silence {
    int64_t since_ms; /* listening time, and 1 ms; 0: none came yet */
};

enum { DIGITS_MAX = 24 };

struct signal_state {
    double value; /* in the signal's unit */
    int64_t event_ms;
    int64_t usable_ms; /* event time of the last usable value */
    double sent;       /* the last one, usable or not; NaN: it was no number */
    uint8_t seen, usable, flag, digits_size;
    char digits[DIGITS_MAX];
};

/* What an estimator told lately is kept, for data that comes late. */
enum { CHANGES_KEPT = 8 };

struct estimator_state {
    int64_t local_ms; /* how far the holds have been brought */
    int64_t on_held_ms, off_held_ms;
    int64_t since_ms; /* local time of the last change */
    uint8_t settled;  /* enum tri; TRI_UNKNOWN is stored as 0 = unsettled, see settled_* */
    uint8_t on_vote, off_vote;
    uint8_t begun;
    uint8_t newest; /* of changes */
    uint8_t padding[3];
    int64_t changes[CHANGES_KEPT]; /* local time x 4 + what it told from then on; 0: none */
};

enum { SETTLED_NOT, SETTLED_OFF, SETTLED_ON };

/* The bytes of their fingerprints. */
struct slice estimator_key(const struct estimator *estimator);
struct slice bound_key(const struct bound *bound);

/* --- where what stands; asked of everything that a message touches --- */

static inline struct head *state_head_of(void *state)
{
    return state;
}

static inline void *state_at(void *state, size_t at)
{
    return (uint8_t *)state + at;
}

static inline struct track *track_of(const struct program *program, void *state, uint32_t device)
{
    return (struct track *)state_at(state, program->track_at) + device;
}

static inline struct contact *contact_of(
    const struct program *program, void *state, uint32_t device)
{
    return (struct contact *)state_at(state, program->contact_at) + device;
}

/* The struct tally_... of its ask. */
static inline void *tally_of(const struct program *program, void *state, uint32_t tally)
{
    return state_at(state, program->tally_at + program->tallies[tally].offset);
}

static inline struct signal_state *signal_of(
    const struct program *program, void *state, uint32_t signal)
{
    return (struct signal_state *)state_at(state, program->signal_at) + signal;
}

static inline struct estimator_state *estimator_of(
    const struct program *program, void *state, uint32_t estimator)
{
    return (struct estimator_state *)state_at(state, program->estimator_at) + estimator;
}

static inline void *program_timers(const struct program *program, void *state)
{
    return state_at(state, program->timers_at);
}

static inline const struct window *pane_window(const struct program *program, uint32_t pane)
{
    return &program->windows[program->panes[pane].window];
}

static inline void *window_of(const struct program *program, void *state, uint32_t pane)
{
    return state_at(state, program->windows_at + program->panes[pane].offset);
}

/* The newest period that has begun for an instance with `each`, lateness over; 0: none was seen. */
static inline int32_t *judged_of(
    const struct program *program, void *state, const struct bound *bound)
{
    return (int32_t *)state_at(state, program->judged_at) + bound->judged;
}

/* Whether an instance's condition has ever held, a bit each: only then is there anything to clear. */
static inline size_t held_size(uint32_t bounds)
{
    return (bounds + 7U) / 8;
}

static inline bool has_held(const struct program *program, void *state, uint32_t bound)
{
    const uint8_t *held = state_at(state, program->held_at);
    return (held[bound / 8] >> bound % 8 & 1) != 0;
}

static inline void note_held(const struct program *program, void *state, uint32_t bound)
{
    uint8_t *held = state_at(state, program->held_at);
    held[bound / 8] |= (uint8_t)(1U << bound % 8);
}

/* The device's own clock at this instant of the hub's. */
static inline int64_t local_now(
    const struct program *program, void *state, uint32_t device, int64_t hub_ms)
{
    if (device == NONE) {
        return hub_ms;
    }
    const struct track *track = track_of(program, state, device);
    return track->heard ? track->event_ms + (hub_ms - track->hub_ms) : hub_ms;
}

uint32_t program_timer_count(const struct program *program);

/* How long nothing has come of a device while the hub listened, and it was in service. */
int64_t device_age_ms(const struct program *program, void *state, uint32_t device);

/* What the registry says of a signal, in the base unit; NaN: nothing. */
double signal_column(const struct program *program, uint32_t signal, enum column column);

/* A message into the device's contact and tallies; the device's own clock stands where it does. */
void tallies_take(const struct program *program, void *state, const struct heard *heard);
size_t tally_size(const struct ask *ask);
int64_t tally_part_ms(const struct ask *ask); /* of a time that slides: how long a part is */
int64_t tally_number(const struct ask *ask, int64_t ms); /* of its part or period */
void tallies_carry(
    const struct program *from, void *from_state, const struct program *to, void *to_state);

/* Of how much time one value of a signal speaks, and how far behind its event time that ends. */
int64_t signal_interval_ms(const struct registry *registry, uint32_t signal);
int64_t signal_spacing_ms(const struct registry *registry, uint32_t signal); /* at least */
int64_t signal_delay_ms(const struct registry *registry, uint32_t signal);

/* What it tells: SETTLED_NOT while it is unknown. */
uint8_t estimator_told(const struct estimator_state *estimator);

/* Bring an estimator to this instant and set its timer; true: what it says may have changed. */
bool estimator_step(
    const struct program *program, void *state, const struct moment *moment, uint32_t estimator);

/* --- binding --- */
MUST_USE enum status program_bind(struct program *program, struct report *report);

#endif
