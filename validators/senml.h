/* senml -- a SenML pack in CBOR -> one message.
 *
 * Source   RFC 8428 (SenML), RFC 8949 (CBOR); schemas/senml-pack.cddl; docs/senml.md.
 * Shape    the whole payload of the decoder is one pack; base name `<mn>/`, names `<factor>-<field>`,
 *          `<factor>-Flag` with a string value for the readings of that factor at that time; a record
 *          named QN names the pack.
 * Units    times of the pack in s since 1970 (UTC), fractions allowed; below 2^28 s they are relative
 *          to the arrival.
 * Memory   no allocation; texts of numbers stand in the decoder's space.
 * Errors   broken rules of the message; a refused pack has no readings.
 * Threads  pure. Bytes, items and depth are bounded; work is at worst the square of READINGS_MAX.
 */
#ifndef VALIDATORS_SENML_H
#define VALIDATORS_SENML_H

#include "validators/decode.h"

enum {
    SENML_SIZE_MAX = 64 * 1024,
    SENML_DEPTH_MAX = 8, /* below a record */
    SENML_ITEMS_MAX = 16 * 1024,
    SENML_QN_SIZE_MAX = 64,
};

void senml_decode(struct decoder *decoder);

#endif
