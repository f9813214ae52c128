/* origin -- did it come from whom it says, for whom, when it could?
 *
 * Source   design: "Verdicts" (quarantine: unknown MN, MN != topic, wrong PW, more than 300 s ahead of
 *          arrival).
 * Shape    adds broken rules to the message; judges only what the context knows.
 * Errors   none.
 * Threads  pure. PW is compared in a time that does not depend on it.
 */
#ifndef VALIDATORS_ORIGIN_H
#define VALIDATORS_ORIGIN_H

#include "validators/decode.h"

enum { TIME_AHEAD_MAX_MS = 300 * SECOND_MS };

void origin_judge(const struct decode_context *context, struct message *message);

#endif
