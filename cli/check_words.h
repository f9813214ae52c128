/* check_words -- one judged message for people: what is wrong, where, and by which clause.
 *
 * Shape    a line of what it is, then two lines a broken rule, then the place with a caret under it.
 * Memory   reads the message and the payload it was cut from; keeps nothing.
 * Errors   none.
 * Threads  one caller at a time (it writes to a FILE).
 */
#ifndef CLI_CHECK_WORDS_H
#define CLI_CHECK_WORDS_H

#include <stdio.h>

#include "schemas/message.h"

/* line: of --vectors and --hex; 0: none. */
void check_words(const struct message *message, struct slice payload, uint64_t line, FILE *out);

#endif
