/* binder -- rules and states while they are bound to a registry: what the parts share; private.
 *
 * Source   detectors/program_state.h.
 * Shape    bind_subjects.c finds whom the rules watch, bind.c makes instances of them, bind_names.c finds what names mean,
 *          bind_feeders.c what of one meter belongs together, bind_limits.c what is allowed, bind_windows.c what they look back over, bind_parameters.c
 *          which numbers they have; bind_index.c says who is concerned by what and lays out the state.
 * Memory   the program's arena.
 * Errors   findings.
 * Threads  one thread.
 */
#ifndef DETECTORS_BINDER_H
#define DETECTORS_BINDER_H

#include "detectors/places.h"
#include "detectors/program_state.h"
#include "schemas/standards.h"

/* A subject while its names are bound. */
struct subject {
    enum scope scope;
    uint32_t linkage, device, outlet, signal, equipment; /* NONE where it has none */
    uint32_t enterprise; /* scopes enterprise and town (its first one); else NONE */
    uint32_t other;      /* scope pair: the signal beside `signal`; else NONE */
};

/* A rule that watches a subject, before it is known whether it has anything to say of it. */
struct watch {
    uint32_t rule;
    struct subject subject;
};

struct watched {
    struct watch *list; /* in the order of the rules */
    size_t count, capacity;
    struct pairs homes; /* from the device that it is laid out with to its place in the list */
};

/* A window as it is made; which of them are the same is found out when all are. */
struct window_made {
    struct window window;
    uint32_t owner;  /* the signal, or the bound */
    uint32_t before; /* the same owner's window made before this one; NONE */
};

struct binder {
    struct program *program;
    const struct registry *registry;
    struct report *report;
    struct arena scratch; /* what nobody needs once all is bound */
    struct places places;
    struct watched watched;
    struct pair_index equipment_estimators;
    uint32_t *last_tallies;      /* of each device: likewise */
    struct window_made *windows; /* of each pane */
    uint32_t window_count;
    uint32_t *last_windows;      /* of each signal: the one made last, NONE */
    struct use *uses;            /* of each row of parameters.csv */
    struct pair_index overrides; /* those rows, by their subject */
    size_t bound_capacity, binding_capacity, element_capacity, window_capacity, look_capacity,
        look_window_capacity, estimator_capacity, tally_capacity, ask_capacity, spell_capacity;
};

struct binding bind_input(
    struct binder *binder, const struct subject *subject, const struct input *input);

/* Whom the rules watch, and each of them as an instance if it has anything to say. */
void bind_subjects(struct binder *binder);
void bind_subject(struct binder *binder, uint32_t rule_index, struct subject subject);

/* What a device measures of one piece of equipment, or of none: it begins at the first such signal. It is called by the
 * device's MN where that is all of it, else MN:equipment. */
bool feeder_begins(const struct registry *registry, uint32_t signal);
struct slice feeder_subject(struct binder *binder, const struct subject *subject);

/* A word of rules for what is allowed: the tier of limits.csv, and the layer of the standards where that says nothing
 * (listed: they say nothing either). */
struct limit_word {
    const char *name, *tier;
    enum limit_layer layer;
};

/* NULL: it is another word. */
const struct limit_word *bind_limit_word(struct slice name);

/* What a signal's outlet is allowed of its factor, in the base unit: of its period, or in a year; as the dates go. */
struct binding bind_limit(struct binder *binder, uint32_t signal, const struct limit_word *word);

/* Of one that asks of messages. */
struct binding bind_ask(
    struct binder *binder, const struct subject *subject, const struct input *input);

/* What the expressions look back over. `bound` has its clock already; NULL: of an estimator. */
uint32_t bind_looks(struct binder *binder, const struct expression_scope *names,
    uint32_t binding_first, struct bound *bound);

/* Rows of parameters.csv against the rules; what they do not allow is a finding. */
void bind_overrides(struct binder *binder);

/* The rule with the numbers that this subject has: itself, or a variant. */
uint32_t bind_variant(
    struct binder *binder, uint32_t rule, const struct subject *subject, uint32_t enterprise);

/* The area and its towns, before any bound is made; and who reads of them, after. */
void bind_groups(struct binder *binder);
void bind_group_readers(struct binder *binder);
struct binding bind_group_input(
    const struct binder *binder, const struct subject *subject, const struct input *input);

/* Who explains whom, once all bounds are made. */
void bind_families(struct binder *binder);

void bind_panes(struct binder *binder); /* once all windows are made */
void bind_index(struct binder *binder);
void bind_lay_out(struct program *program);

#endif
