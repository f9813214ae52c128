/* last_digits -- how the last digits of what was sent are spread: what an instrument reads ends in any digit
 * as often as in another, what is made up does not.
 *
 * Source   house: behind digit_share and digit_chi of the rule language.
 * Shape    the text of each value in -> counts of ten digits, of the last whole block of values.
 * Units    the digit is that at the finest decimal place that was sent: 12.3 ends in 0 beside 12.34. What has no
 *          decimals is too coarse to tell, what repeats the value before tells nothing new; neither is counted.
 * Memory   the caller's; zeroed is fresh.
 * Errors   NaN: no block is whole yet.
 * Threads  pure.
 */
#ifndef DETECTORS_LAST_DIGITS_H
#define DETECTORS_LAST_DIGITS_H

#include "core/slice.h"

struct last_digits {
    double last; /* the value before */
    uint32_t counts[10], whole[10];
    uint32_t counted, whole_count; /* whole_count: 0, no block is whole */
    uint32_t begun, decimals;
};

void last_digits_take(struct last_digits *digits, uint32_t block, struct slice text, double value);

double last_digits_share(const struct last_digits *digits); /* of the most frequent digit */
double last_digits_chi(const struct last_digits *digits);   /* chi-square against ten alike */

#endif
