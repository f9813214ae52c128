/* hj212_reading -- one item's text -> a value that may be used, letters, or why it is neither.
 *
 * Source   HJ 212-2017 6.3.2 (N and C types) and App. B (default types, which are no limits); 2025
 *          8.1.1 as quoted (largest value = no value); rows in factors.def, factor_units.def and suffixes.def.
 * Shape    hj212_reading_form: what the rows ask of a value, once for a name. hj212_reading_judge: reads the text of the
 *          reading, whose factor and field have that name; sets suffix, role, value or is_text, and broken.
 *          hj212_number_judge: the same where the form is of numbers and the text has been read as one.
 * Errors   none: what is wrong is a broken rule of the reading.
 * Threads  pure.
 */
#ifndef VALIDATORS_HJ212_READING_H
#define VALIDATORS_HJ212_READING_H

#include "core/decimal.h"
#include "schemas/hj212.h"

enum value_kind { VALUE_NUMBER, VALUE_TEXT, VALUE_INSTANT, VALUE_ANY };

struct reading_form {
    double sentinel_above; /* nines in all digits of its type stand for "no value" above this */
    struct range range;
    struct rule_set broken; /* by the name alone */
    int digits, decimals;   /* of its type, before the point and behind it; -1: it has none */
    uint32_t family;        /* of its suffix, as a bit; 0: not known */
    enum value_kind kind;   /* any: number or letters, of a suffix that is not known */
    uint8_t suffix;         /* an id of suffixes.def; SUFFIX_UNKNOWN */
    uint8_t role;           /* what it is among the readings of its frame (relations.def) */
    bool width_bound;       /* more digits than those of its type are too many */
};

/* The rows of this factor and of its suffix; NULL: the tables have none. */
struct reading_form hj212_reading_form(
    struct slice factor, const struct factor_row *row, const struct suffix_row *suffix);

void hj212_number_judge(
    const struct reading_form *form, const struct decimal *number, struct reading *reading);

void hj212_reading_judge(
    const struct reading_form *form, const struct message *message, struct reading *reading);

#endif
