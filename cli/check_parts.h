/* check_parts -- the messages of one input that came in sub-packets, joined.
 *
 * Shape    each joined message goes to `emit`: behind the part that completes it, or at the end of the input
 *          with what is missing. No time is out within an input.
 * Memory   a block a device when its first part comes; past_forget gives it back.
 * Errors   without memory a part stands alone.
 * Threads  one caller at a time.
 */
#ifndef CLI_CHECK_PARTS_H
#define CLI_CHECK_PARTS_H

#include "cli/check_past.h"
#include "validators/parts.h"

typedef void joined_sink(void *context, const struct joined *joined);

/* A message that past_judge took for fresh, if it is a part. */
void check_parts_take(struct past *past, const struct registry *registry,
    const struct message *message, joined_sink *emit, void *context);
void check_parts_end(
    struct past *past, const struct registry *registry, joined_sink *emit, void *context);

#endif
