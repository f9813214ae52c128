/* parts -- the sub-packets of one device's messages, held until they can be read as the messages they are.
 *
 *   PNO 1 --\
 *   PNO 3 ---- held: all there, or the time is out --> one message: their items in the order of PNO
 *   PNO 2 --/
 *
 * Source   HJ 212-2017 C.49, C.50: each part is a whole frame with a QN of its own and repeats DataTime;
 *          2025 has one digit for PNUM and PNO, so nine parts.
 * Shape    Parts belong together by ST, CN, DataTime and PNUM, never by QN. A message that was joined, or
 *          whose time was out, is remembered until its place is needed: a part that comes again does not
 *          begin it anew.
 * Units    ms of the hub's own time, which stands while nobody listens; a new part lets it wait again.
 * Memory   the caller's block of parts_size() bytes, 8-aligned; zeroed = nothing held.
 * Errors   none: what is odd is a broken rule of the joined message.
 * Threads  pure.
 * Limits   four messages a device; 32 parts and 9 KiB of CP together: the oldest gives way. Without DataTime
 *          nothing tells what belongs together: such a part stands alone.
 */
#ifndef VALIDATORS_PARTS_H
#define VALIDATORS_PARTS_H

#include "schemas/registry.h"
#include "validators/hj212_fields.h"

enum { PARTS_MAX = 32, JOINS_MAX = 4, PARTS_SPACE_SIZE = 9 * 1024, JOIN_NONE = -1 };

/* The default of the standard, 10 s and three repeats for a part that is not answered, and half of it
 * again (HJ 212-2017 table 1). */
#define PARTS_WAIT_MS (INT64_C(60) * SECOND_MS)

enum part_fate {
    PART_WAITS,     /* for the others */
    PART_COMPLETES, /* all are there: join them */
    PART_REPEATS, /* known already: nothing is to be done, but to tell a conflict of a message told before */
    PART_LATE, /* the message was told without it */
};

struct part_taken {
    enum part_fate fate;
    int join;
    bool
        held; /* false: its items are not part of the joined message, if they count they count now */
    bool tell; /* the joined message was told before, and there is something new about it */
};

/* The message that was cut, as far as its parts came. */
struct joined {
    struct message
        message; /* broken: only what concerns the parts together; its slices live in here */
    uint32_t pnum, came; /* came: bit PNO - 1 */
    char st[4], cn[8], datatime[16], total[4];
    struct hj212_reader reader;
    uint16_t index[2 * READINGS_MAX];
    uint8_t cp[PARTS_SPACE_SIZE + 2 * PARTS_MAX + 4];
};

size_t parts_size(void);

/* A part of several that can be joined. */
bool parts_has(const struct message *message);

/* What has to be told and closed first so that there is room for this part; JOIN_NONE: nothing. */
int parts_in_the_way(const void *block, const struct message *message);

struct part_taken parts_take(void *block, const struct message *message, int64_t now_ms);

/* Read what is held as one message of this device (NONE: it is in no registry). Without all parts, only what those
 * that came say of each other. */
void parts_join(const void *block, int join, const struct registry *registry, uint32_t device,
    struct joined *joined);

/* Data time and CN of a message that is still open, and whether its items may count: a message counts
 * once, whatever becomes of it. */
struct part_time {
    bool open;
    int cn;
    struct event_time time;
};
struct part_time parts_time(const void *block, int join);
bool parts_claim(void *block, int join);

void parts_close(void *block, int join); /* told; what it held is given back */

/* When the first open message's time is out, and which; INT64_MAX, JOIN_NONE: none is open. */
int64_t parts_due(const void *block, int *join);

/* Packed: bytes written, at most parts_size; unpack into a zeroed block: bytes taken, 0: no such thing. */
size_t parts_pack(const void *block, uint8_t *out);
size_t parts_unpack(struct slice packed, void *block);

#endif
