/* message_json -- a judged message as the JSON object of the `check` contract.
 *
 * Source   hjhub(1), `check --json`.
 * Shape    one object without newline; readings that are withheld have text and no value.
 * Errors   text.truncated.
 */
#ifndef CLI_MESSAGE_JSON_H
#define CLI_MESSAGE_JSON_H

#include "core/text.h"
#include "schemas/message.h"

void message_json(const struct message *message, struct text *out);

#endif
