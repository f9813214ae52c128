/* source -- where a sub-command that looks at a hub finds its journal, its socket and its keys.
 *
 * Source   house: `--config FILE`, or `--journal DIR` where no hub needs to run.
 * Memory   source_close frees.
 * Errors   a complaint on standard error and false.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <stdbool.h>

#include "broker-bridge/config.h"

struct source {
    struct config *config; /* NULL with --journal */
    const char *journal;   /* folder */
    const char *control;   /* socket; NULL with --journal */
    bool json, follow;
    int rest; /* index in argv of the first argument that is no option */
};

/* As options named them; NULL: not. */
struct source_names {
    const char *config, *journal;
    bool json;
};

/* `name` is the command's; of one whose only options are these. */
bool source_open(struct source *source, const char *name, int argc, char **argv);
bool source_named(struct source *source, const char *name, struct source_names names);
void source_close(struct source *source);

/* The keyring of --keys FILE, for the caller to free; none where the option was not given (NULL). */
struct keyring;
bool source_keys(const char *path, struct keyring **keys);

#endif
