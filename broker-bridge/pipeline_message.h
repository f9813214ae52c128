/* pipeline_message -- a judged message as JSON: the object of `hjhub check --json`, and the verdict that a
 * device is sent.
 *
 * Source   hjhub(1), `check --json`; schemas/asyncapi.yaml, `verdict`.
 * Shape    fields of an object that the caller opens and closes. A reading that is withheld has text and
 *          no value; what was not sent has no field.
 * Errors   text.truncated.
 * Threads  pure.
 */
#ifndef BROKER_BRIDGE_PIPELINE_MESSAGE_H
#define BROKER_BRIDGE_PIPELINE_MESSAGE_H

#include "core/text.h"
#include "schemas/message.h"
#include "validators/parts.h"

enum message_form {
    MESSAGE_WHOLE, /* with cp and items */
    MESSAGE_TOLD,  /* whole, and each broken rule in words */
    MESSAGE_HEAD,  /* told, without cp and items, where there is no room for them */
};

void message_json_add(struct text *out, const struct message *message, enum message_form form);

/* What goes out over the bus tells no key and no password, even where a device told its own. */
bool message_field_secret(struct slice name);

/* A message that came in parts: what is odd about it as a whole, which parts are missing, and those of its
 * items that break a rule together. */
void joined_json_add(struct text *out, const struct joined *joined, enum message_form form);

#endif
