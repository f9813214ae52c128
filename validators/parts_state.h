/* parts_state -- the flat block that a device's sub-packets are held in; private to parts*.c.
 *
 *   | head | joins | space: the held CPs, one behind the other in the order of arrival |
 */
#ifndef VALIDATORS_PARTS_STATE_H
#define VALIDATORS_PARTS_STATE_H

#include "validators/parts.h"

enum join_state { JOIN_FREE, JOIN_OPEN, JOIN_CLOSED };

struct join {
    int64_t time_ms; /* DataTime */
    int64_t due_ms;
    uint32_t order; /* of opening */
    int32_t st, cn;
    uint32_t pnum;
    uint32_t came;
    uint32_t hashes[PARTS_MAX];              /* of each part's CP */
    uint16_t at[PARTS_MAX], size[PARTS_MAX]; /* of it in the space; size 0: not held */
    struct rule_set broken;
    uint8_t state, edition, claimed;
};

struct block {
    uint32_t opened; /* how many joins were; 0: the block was never used */
    uint32_t used;   /* of space */
    struct join joins[JOINS_MAX];
    uint8_t space[PARTS_SPACE_SIZE];
};

static inline bool join_whole(const struct join *join)
{
    return join->came == (uint32_t)((UINT64_C(1) << join->pnum) - 1);
}

#endif
