/* log -- one line an event, in logfmt, to standard error.
 *
 *   level=warn event=redis-away reason="Connection refused" retry_ms=500
 *
 * Shape    `event` names what changed; the rest are key=value pairs made with printf. A value that
 *          may hold blanks or bytes of others goes through log_quoted.
 * Units    named in the key (_ms, _size, _count).
 * Memory   a line is cut at 2,000 bytes. The level is the only mutable static of the tree.
 * Errors   none: a log that cannot be written is nobody's business here.
 * Threads  any thread; a line leaves in one write.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/slice.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level);
bool log_level_from(const char *name, enum log_level *level);

void log_event(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The bytes in quotes, safe for a terminal and for logfmt, in the caller's buffer, which is
 * returned; cut when too long. */
const char *log_quoted(struct slice bytes, char *buffer, size_t size);

#endif
