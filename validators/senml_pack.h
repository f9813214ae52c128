/* senml_pack -- a pack being read: its next CBOR item, its base values, its room for texts; private to
 * senml*.c.
 *
 * Source   RFC 8428 6, RFC 8949.
 * Shape    every function reads on from where the last one stopped; after `stopped` nothing is read.
 * Memory   texts that do not stand in the payload go into the decoder's space.
 * Errors   senml_refuse: the whole pack is rejected and the message says why.
 * Threads  pure.
 */
#ifndef VALIDATORS_SENML_PACK_H
#define VALIDATORS_SENML_PACK_H

#include "core/text.h"
#include "validators/cbor_events.h"
#include "validators/senml.h"

/* A number as it was sent: its decimal text, the nearest double and, for integers and decimal
 * fractions of at most 18 digits, mantissa * 10^exponent exactly. */
struct senml_number {
    bool there;  /* a value was sent, of whatever kind */
    bool usable; /* it is a finite number within what a measurement can be */
    bool exact;  /* mantissa and exponent are set */
    int64_t mantissa;
    int exponent;
    double value;
    struct slice text;
};

struct senml_pack {
    struct decoder *decoder;
    struct message *message;
    struct cbor_events events;
    struct slice base_name, base_unit;
    struct senml_number base_time, base_value;
    bool stopped;
};

void senml_refuse(struct senml_pack *pack, enum validity_rule why);
struct cbor_event senml_next(struct senml_pack *pack);

/* A text string of definite length; anything else refuses the pack. */
struct slice senml_string(struct senml_pack *pack);

/* Step over the item that `first` begins, of any shape. */
void senml_skip(struct senml_pack *pack, struct cbor_event first);

/* The next item as a number; of any other kind it is there and not usable. */
struct senml_number senml_number(struct senml_pack *pack);
struct senml_number senml_sum(
    struct senml_pack *pack, struct senml_number base, struct senml_number value);

struct text senml_text_begin(struct senml_pack *pack);
struct slice senml_text_end(struct senml_pack *pack, const struct text *text);

#endif
