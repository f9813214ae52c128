/* utf8 -- is it UTF-8, as RFC 3629 has it (no surrogates, nothing overlong, at most U+10FFFF)?
 *
 * Shape    bytes -> size of the first sequence, or whether all of it is well formed.
 * Errors   0 or false.
 * Threads  pure.
 */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include "core/slice.h"

/* 1 to 4: the size of the well-formed sequence that the bytes begin with; 0 when they do not. */
size_t utf8_sequence(struct slice bytes);

/* Where no sequence begins: how many bytes one U+FFFD stands for, by the Unicode standard's practice
 * (3.9, "maximal subparts"): the beginning of a sequence that breaks off, else one byte. */
size_t utf8_bad_run(struct slice bytes);

bool utf8_valid(struct slice bytes);

#endif
