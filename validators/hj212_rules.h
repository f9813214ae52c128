/* hj212_rules -- the rules of validity that one frame and its device's profile can tell.
 *
 * Source   schemas/rules.def.
 * Shape    hj212_edition: before the items are read. hj212_judge: afterwards.
 * Errors   none.
 * Threads  pure.
 */
#ifndef VALIDATORS_HJ212_RULES_H
#define VALIDATORS_HJ212_RULES_H

#include "validators/decode.h"

void hj212_edition(const struct decode_context *context, struct message *message);
void hj212_judge(const struct decode_context *context, struct message *message, bool has_cp);

/* Flag bit 0, a QN to answer under, and a command that a device may send and that is answered. Not what no key of
 * its device opens: it may be damaged, and then only a resend helps. */
bool hj212_wants_answer(const struct message *message);

#endif
