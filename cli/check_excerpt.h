/* check_excerpt -- the bytes of a payload around a place in it, and a caret that stands below that place.
 *
 *     ...a21026-Rtd=18.5,a21026-Flag=N;&&1C80\r\n
 *                                     ^ byte 153
 *
 * Shape    printable characters as they are, a Chinese one two columns wide; a backslash doubled; every
 *          other byte as \r, \n, \t or \xHH, so nothing of the input can act on a terminal.
 * Units    bytes, counted from the beginning of the payload.
 * Memory   reads; keeps nothing.
 * Errors   none.
 * Threads  one caller at a time (it writes to a FILE).
 * Limits   as wide as most terminals show East Asian text: ambiguous characters are escaped.
 */
#ifndef CLI_CHECK_EXCERPT_H
#define CLI_CHECK_EXCERPT_H

#include <stdio.h>

#include "core/slice.h"

/* `at` lies in `whole`, which lies in the payload from byte `offset` on. */
void excerpt_print(struct slice whole, size_t offset, struct slice at, FILE *out);

/* The bytes as above, without a place. */
void excerpt_bytes(struct slice bytes, FILE *out);

#endif
