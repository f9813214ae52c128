/* hash -- fingerprints of bytes; the same on every machine.
 *
 * Source   XXH3, 64 and 128 bits (libxxhash 0.8).
 * Errors   none.
 * Threads  pure.
 * Limits   no cryptographic strength: who may choose both inputs can make them collide.
 */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include "core/slice.h"

struct hash128 {
    uint64_t high, low;
};

uint64_t hash64(struct slice bytes);
uint64_t hash64_seeded(struct slice bytes, uint64_t seed); /* chain several pieces */
struct hash128 hash128(struct slice bytes);

#endif
