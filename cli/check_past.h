/* check_past -- was this frame of one input sent before in it? A ring a device, made when its MN comes.
 *
 * Source   issue 3, point 10: check reports duplicates too.
 * Shape    marks an accepted message as duplicate, key-reused, qn-reused or late; others are left as they are.
 * Units    the device's pace from the registry; a report and minute data each minute where nobody knows it.
 * Memory   allocates; past_forget gives all of it back, and the past is empty and usable again.
 * Errors   a device beyond the last that fits, or without memory: its messages are taken for fresh.
 * Threads  one caller at a time.
 */
#ifndef CLI_CHECK_PAST_H
#define CLI_CHECK_PAST_H

#include "validators/duplicates.h"

enum { PAST_DEVICES_MAX = 64 * 1024 };

struct past_device {
    char *mn;
    void *ring;
    void *parts; /* validators/parts.h; NULL: none came */
    size_t mn_size;
    struct pace pace;
};

struct past {
    struct past_device *devices; /* open addressing by the hash of MN; NULL: none yet */
    size_t capacity, count;      /* a power of two, never more than half full */
};

/* The place of this MN, made when it comes; NULL: no room. */
struct past_device *past_device(
    struct past *past, const struct registry *registry, struct slice mn);

/* False: it was not accepted, or came before, or is late. */
bool past_judge(struct past *past, const struct registry *registry, struct message *message);
void past_forget(struct past *past);

#endif
