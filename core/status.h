/* status -- how the world can fail us; bad data is a result, not a status.
 *
 * Errors   STATUS_OK is success; every other value is handled one or two levels up.
 */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

/* C17 has no [[nodiscard]]; a discarded status is a warning, and a warning is an error. */
#define MUST_USE __attribute__((warn_unused_result))

enum status {
    STATUS_OK,
    STATUS_IO,      /* the system refused; errno or the log has the reason */
    STATUS_FULL,    /* no room now; may succeed later */
    STATUS_LIMIT,   /* over a limit of ours; will never succeed as it is */
    STATUS_CORRUPT, /* bytes on disk are not what was written */
    STATUS_ABSENT,  /* not there */
    STATUS_BUSY,    /* somebody else has it */
    STATUS_CLOSED,  /* the peer is gone */
    STATUS_REFUSED, /* the peer said no */
    STATUS_INVALID, /* the input is wrong; a report says what, where and what to do */
};

const char *status_name(enum status status);

#endif
