/* names -- what a name means in a rule or a state, before there is a registry to bind it to.
 *
 * Source   docs/rules.md, "Names".
 * Shape    role.quantity, role.state, device.age, or a word of the scope -> dimension, number or truth.
 * Memory   the meaning borrows rules and registry.
 * Errors   no such name: said with what else it may be, or what is to be done.
 * Threads  pure.
 */
#ifndef DETECTORS_NAMES_H
#define DETECTORS_NAMES_H

#include "detectors/rules.h"

struct meaning {
    const struct registry *registry; /* NULL: none is there */
    const struct rules *rules;       /* its quantities and states are complete */
    enum scope scope;
    struct slice of; /* a state's or signal rule's own quantity */
};

/* describe of a vocabulary; context: the meaning. */
bool name_describe(void *context, struct input *input, struct text *why);

/* is_of of a vocabulary. */
bool name_is_of(const void *context, const char *scope);

/* A word of asks.def, as device.lag: it fills what is asked and the type; false: it is none. */
bool ask_word(struct input *input);

#endif
