/* asking -- something for the hub's turn, given over the local socket, and what comes of it, read in the journal.
 *
 *   body --POST /control/<verb>--> taken (in the journal) --step--> results (in the journal) --> each
 *
 * Source   house: broker-bridge/hub_local.c.
 * Shape    a command with an id of its own; its results bear the id.
 * Memory   none is kept.
 * Errors   complaints on standard error, and an exit status.
 * Threads  one thread.
 */
#ifndef CLI_ASKING_H
#define CLI_ASKING_H

#include <jansson.h>
#include <stdint.h>

#include "cli/source.h"

enum { ASKING_ID_SIZE = 20 };

void asking_new_id(char out[static ASKING_ID_SIZE]);

/* The string member, or "". */
const char *asking_word(const json_t *object, const char *key);

/* `command` is the sub-command's name. said: where the journal stood; what comes of it is said behind that. */
int asking_give(const char *command, const struct source *source, const char *verb,
    const json_t *body, uint64_t *said);

/* Each result with this id, until `each` returns true; its exit status is what asking_follow returns. */
typedef bool asking_result(const json_t *result, const struct source *source, int *exit_status);
int asking_follow(const char *command, const struct source *source, const char *id, uint64_t said,
    asking_result *each);

#endif
