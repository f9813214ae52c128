#include "validators/parts_state.h"

#include <assert.h>
#include <string.h>

#include "core/hash.h"

size_t parts_size(void)
{
    return sizeof(struct block);
}

bool parts_has(const struct message *message)
{
    return message->format == FORMAT_HJ212 && message->pnum_code > 1 &&
           message->pnum_code <= PARTS_MAX && message->pno_code >= 1 &&
           message->pno_code <= message->pnum_code && message->has_data_time;
}

/* --- which message a part belongs to --- */

static bool same_data(const struct join *join, const struct message *message)
{
    return join->state != JOIN_FREE && join->st == message->st_code &&
           join->cn == message->cn_code && join->time_ms == message->data_time.ms;
}

static int find(const struct block *block, const struct message *message)
{
    for (int i = 0; i < JOINS_MAX; i++) {
        const struct join *join = &block->joins[i];
        if (same_data(join, message) && join->pnum == (uint32_t)message->pnum_code) {
            return i;
        }
    }
    return JOIN_NONE;
}

static int oldest(const struct block *block, enum join_state state, int but)
{
    int found = JOIN_NONE;
    for (int i = 0; i < JOINS_MAX; i++) {
        if (block->joins[i].state == state && i != but &&
            (found == JOIN_NONE || block->joins[i].order < block->joins[found].order)) {
            found = i;
        }
    }
    return found;
}

static int vacant(const struct block *block)
{
    int place = oldest(block, JOIN_FREE, JOIN_NONE);
    return place != JOIN_NONE ? place : oldest(block, JOIN_CLOSED, JOIN_NONE);
}

static bool fits(const struct block *block, const struct message *message)
{
    return message->cp.size <= PARTS_SPACE_SIZE - block->used;
}

int parts_in_the_way(const void *parts, const struct message *message)
{
    const struct block *block = parts;
    int own = find(block, message);
    bool new_part = own == JOIN_NONE || block->joins[own].state == JOIN_OPEN;
    if (own == JOIN_NONE && vacant(block) == JOIN_NONE) {
        return oldest(block, JOIN_OPEN, JOIN_NONE);
    }
    return new_part && !fits(block, message) ? oldest(block, JOIN_OPEN, own) : JOIN_NONE;
}

/* --- taking a part --- */

static int open_join(struct block *block, const struct message *message)
{
    int place = vacant(block);
    assert(place != JOIN_NONE);
    struct rule_set broken = {0};
    for (int i = 0; i < JOINS_MAX; i++) {
        if (i != place && same_data(&block->joins[i], message)) {
            rule_set_add(&block->joins[i].broken, RULE_PNUM_DISAGREES);
            rule_set_add(&broken, RULE_PNUM_DISAGREES);
        }
    }
    block->joins[place] = (struct join){
        .time_ms = message->data_time.ms,
        .order = ++block->opened,
        .st = message->st_code,
        .cn = message->cn_code,
        .pnum = (uint32_t)message->pnum_code,
        .broken = broken,
        .state = JOIN_OPEN,
        .edition = (uint8_t)message->edition,
    };
    return place;
}

static bool hold(struct block *block, struct join *join, int part, struct slice cp)
{
    if (cp.size > PARTS_SPACE_SIZE - block->used) {
        rule_set_add(&join->broken, RULE_PARTS_LIMIT);
        return false;
    }
    join->at[part] = (uint16_t)block->used;
    join->size[part] = (uint16_t)cp.size;
    memcpy(block->space + block->used, cp.ptr, cp.size);
    block->used += (uint32_t)cp.size;
    return true;
}

struct part_taken parts_take(void *parts, const struct message *message, int64_t now_ms)
{
    assert(parts_has(message));
    struct block *block = parts;
    int place = find(block, message);
    int part = message->pno_code - 1;
    uint32_t content = (uint32_t)hash64(message->cp);
    place = place == JOIN_NONE ? open_join(block, message) : place;
    struct join *join = &block->joins[place];
    bool told = join->state == JOIN_CLOSED;
    if ((join->came >> part & 1) != 0) {
        bool conflict = join->hashes[part] != content;
        if (conflict) {
            rule_set_add(&join->broken, RULE_PART_CONFLICT);
        }
        return (struct part_taken){PART_REPEATS, place, true, told && conflict};
    }
    join->came |= UINT32_C(1) << part;
    join->hashes[part] = content;
    if (told) {
        rule_set_add(&join->broken, RULE_PART_LATE);
        return (struct part_taken){PART_LATE, place, false, true};
    }
    join->due_ms = now_ms + PARTS_WAIT_MS;
    bool held = hold(block, join, part, message->cp);
    return (struct part_taken){join_whole(join) ? PART_COMPLETES : PART_WAITS, place, held, false};
}

/* --- of a message that is held --- */

struct part_time parts_time(const void *parts, int join)
{
    const struct join *of = &((const struct block *)parts)->joins[join];
    return (struct part_time){of->state == JOIN_OPEN, of->cn, {of->time_ms}};
}

/* Cut into another number of parts, the same data would count twice. */
bool parts_claim(void *parts, int place)
{
    struct block *block = parts;
    struct join *join = &block->joins[place];
    for (int i = 0; i < JOINS_MAX; i++) {
        const struct join *other = &block->joins[i];
        if (other->claimed && other->state != JOIN_FREE && other->st == join->st &&
            other->cn == join->cn && other->time_ms == join->time_ms) {
            return false;
        }
    }
    join->claimed = 1;
    return true;
}

/* The bytes behind a part that goes move up; what becomes free is zero again. */
static void give_back(struct block *block, struct join *join, uint32_t part)
{
    uint32_t at = join->at[part], size = join->size[part];
    memmove(block->space + at, block->space + at + size, block->used - at - size);
    memset(block->space + block->used - size, 0, size);
    block->used -= size;
    join->at[part] = 0;
    join->size[part] = 0;
    for (int i = 0; i < JOINS_MAX; i++) {
        for (uint32_t k = 0; k < PARTS_MAX; k++) {
            struct join *other = &block->joins[i];
            other->at[k] = (uint16_t)(other->at[k] > at ? other->at[k] - size : other->at[k]);
        }
    }
}

void parts_close(void *parts, int place)
{
    struct block *block = parts;
    struct join *join = &block->joins[place];
    for (uint32_t part = 0; part < join->pnum; part++) {
        if (join->size[part] > 0) {
            give_back(block, join, part);
        }
    }
    join->state = JOIN_CLOSED;
    join->due_ms = 0;
}

int64_t parts_due(const void *parts, int *which)
{
    const struct block *block = parts;
    int64_t due_ms = INT64_MAX;
    *which = JOIN_NONE;
    for (int i = 0; i < JOINS_MAX; i++) {
        const struct join *join = &block->joins[i];
        if (join->state == JOIN_OPEN && join->due_ms < due_ms) {
            due_ms = join->due_ms;
            *which = i;
        }
    }
    return due_ms;
}

/* --- checkpoints --- */

static size_t packed_size(const struct block *block)
{
    size_t size = offsetof(struct block, space) + block->used;
    return block->opened == 0 ? offsetof(struct block, joins) : (size + 7) & ~(size_t)7;
}

size_t parts_pack(const void *parts, uint8_t *out)
{
    size_t size = packed_size(parts);
    memcpy(out, parts, size);
    return size;
}

static bool sound(const struct block *block)
{
    for (int i = 0; i < JOINS_MAX; i++) {
        const struct join *join = &block->joins[i];
        bool fine =
            join->pnum <= PARTS_MAX && join->state <= JOIN_CLOSED && join->edition <= EDITION_2025;
        for (uint32_t k = 0; fine && k < PARTS_MAX; k++) {
            fine = (uint32_t)join->at[k] + join->size[k] <= block->used;
        }
        if (!fine) {
            return false;
        }
    }
    return true;
}

size_t parts_unpack(struct slice packed, void *parts)
{
    struct block *block = parts;
    size_t head = offsetof(struct block, joins);
    if (packed.size < head) {
        return 0;
    }
    memcpy(block, packed.ptr, head);
    size_t size = block->used > PARTS_SPACE_SIZE ? 0 : packed_size(block);
    if (size == 0 || size > packed.size) {
        return 0;
    }
    memcpy(block, packed.ptr, size);
    return sound(block) ? size : 0;
}
