/* hj212_command -- does the CP hold what this command, in this edition and this way, asks for?
 *
 * Source   schemas/cp_content.def (needed, allowed), cp_fields.def (types, ranges), return_codes.def.
 * Shape    adds broken rules to the message and to its readings; a command without a row is not judged.
 *          Of a command that goes both ways, when the way is not known, the one is taken that it fits.
 * Errors   none: all of it is marked, for the standard's own examples break much of it.
 * Threads  pure.
 */
#ifndef VALIDATORS_HJ212_COMMAND_H
#define VALIDATORS_HJ212_COMMAND_H

#include "schemas/content.h"

void hj212_command_judge(enum direction direction, struct message *message);

#endif
