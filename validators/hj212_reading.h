/* hj212_reading -- one item's text -> a value that may be used, letters, or why it is neither.
 *
 * Source   HJ 212-2017 6.3.2 (N and C types) and App. B (default types, which are no limits); 2025
 *          8.1.1 as quoted (largest value = no value); rows in factors.def, factor_units.def and suffixes.def.
 * Shape    reads factor, field and text of the reading; sets value or is_text, and broken.
 * Errors   none: what is wrong is a broken rule of the reading.
 * Threads  pure.
 */
#ifndef VALIDATORS_HJ212_READING_H
#define VALIDATORS_HJ212_READING_H

#include "schemas/hj212.h"

/* message: its ST and edition. factor and suffix: their rows; NULL: the tables have none. */
void hj212_reading_judge(const struct message *message, const struct factor_row *factor,
    const struct suffix_row *suffix, struct reading *reading);

#endif
