/* keys_new -- one more key at the end of a keyring's file.
 *
 * Source   HJ 212-2025 as quoted: 16 characters, 90 days; fixed or patterned keys are forbidden, so it is of the
 *          system's random numbers. Its id is the moment of its making in 17 digits, as SKCreateTime writes it.
 * Shape    the whole file anew beside the old one, synced, with its owner and mode 600; then renamed over it. A
 *          file that is not there yet is made.
 * Memory   what held the key is cleared.
 * Errors   a complaint on standard error, which never quotes a key, and EXIT_COULD_NOT.
 */
#ifndef CLI_KEYS_NEW_H
#define CLI_KEYS_NEW_H

#include "core/time.h"

enum { KEY_ID_SIZE = 17 };

struct key_made {
    char id[KEY_ID_SIZE + 1];
    struct event_time from, until;
};

int keys_new(const char *path, const char *mn, struct event_time now, struct key_made *made);

#endif
