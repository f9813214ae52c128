/* check_words -- judged messages for people: what is wrong, where, by which clause, how to mend it; and
 * what they add up to.
 *
 * Shape    a line of what it is; for each broken rule its words in two languages, its place with a caret,
 *          its clause, how to mend it; the readings that are withheld.
 * Memory   reads the message and the payload it was cut from; a tally is the caller's.
 * Errors   none.
 * Threads  one caller at a time (it writes to a FILE).
 */
#ifndef CLI_CHECK_WORDS_H
#define CLI_CHECK_WORDS_H

#include <stdio.h>

#include "validators/parts.h"

struct check_tally {
    uint64_t messages, readings, withheld;
    uint64_t verdicts[VERDICT_KIND_COUNT];
    uint64_t rules[RULE_COUNT];
};

void check_words(const struct message *message, FILE *out);

void check_count_rules(struct check_tally *tally, const struct rule_set *set);
void check_count(struct check_tally *tally, const struct message *message);
void check_summary(const struct check_tally *tally, bool strict, FILE *out);

/* A message that came in sub-packets, as a whole. */
void check_words_joined(const struct joined *joined, FILE *out);

#endif
