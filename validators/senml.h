/* senml -- a SenML pack in CBOR -> one message.
 *
 * Source   RFC 8428 (SenML), RFC 8949 (CBOR); schemas/senml-pack.cddl; docs/senml.md.
 * Shape    the whole payload of the decoder is one pack; base name `<mn>/`, names `<factor>-<field>`,
 *          `<factor>-Flag` with a string value; a record named QN names the pack.
 * Units    times of the pack in s since 1970 (UTC), fractions allowed.
 * Memory   no allocation; texts of numbers stand in the decoder's space.
 * Errors   broken rules of the message.
 * Threads  pure. Work and depth are bounded by the payload's size and SENML_DEPTH_MAX.
 */
#ifndef VALIDATORS_SENML_H
#define VALIDATORS_SENML_H

#include "validators/decode.h"

enum { SENML_DEPTH_MAX = 8, SENML_ITEMS_MAX = 16 * 1024 };

void senml_decode(struct decoder *decoder);

#endif
