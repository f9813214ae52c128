/* hj212_relations -- what the readings of one frame must be to each other: Min <= Avg <= Max, the
 * converted value to the measured one and its oxygen, NOx to NO and NO2.
 *
 * Source   schemas/relations.def; HJ 212-2017 App. D.
 * Shape    reads the role, suffix and value of each reading; adds broken rules to readings; asks only where all that belongs to it is there, is a
 *          number, and is flagged as usable. The items of one factor stand together.
 * Units    o2_reference in %; NaN: nothing is converted here. The form with excess air is the same
 *          with 21 - 21 / alpha.
 * Errors   none.
 * Threads  pure.
 */
#ifndef VALIDATORS_HJ212_RELATIONS_H
#define VALIDATORS_HJ212_RELATIONS_H

#include "schemas/message.h"

/* What relations.def speaks of this factor as, by whichever of its codes; 0: not at all. */
unsigned hj212_role(struct slice factor);

void hj212_relations_judge(double o2_reference, struct message *message);

#endif
