/* decimal -- read a plain decimal number, exactly as the standard's "N" types allow.
 *
 *   [+-] digits [ "." digits ]      no exponent, no NaN, no blanks, no locale
 *
 * Source   HJ 212-2017 6.2.2 (data types): sign and point allowed; exponents are no numbers of it.
 * Shape    bytes -> value and the counts of digits; "5." and ".5" are read, "." is not.
 * Units    none. The nearest double, on every machine; of texts of 128 bytes and more one near it.
 * Errors   false: not a number, and the result means nothing.
 * Threads  pure.
 */
#ifndef CORE_DECIMAL_H
#define CORE_DECIMAL_H

#include "core/slice.h"

struct decimal {
    double value;
    int integer_digits; /* without leading zeros; at least 1 */
    int decimals;
};

bool decimal_parse(struct slice text, struct decimal *number);

enum { DECIMAL_FRONT_SIZE = 8 };

/* The number at the front of eight bytes, as most are written: digits, the first of several no 0, and perhaps a point with
 * digits behind it. Its size, which leaves at least one byte behind it for the caller to look at; 0: there is none, or one
 * that is longer or written otherwise, and the result means nothing. */
size_t decimal_front(const uint8_t bytes[static DECIMAL_FRONT_SIZE], struct decimal *number);

/* The value of a text that is a decimal, however long: decimal_parse asks for it beyond what it gathers. */
double decimal_value(struct slice text);

#endif
