#include "core/hash.h"

#include <xxhash.h>

uint64_t hash64(struct slice bytes)
{
    return XXH3_64bits(bytes.ptr, bytes.size);
}

uint64_t hash64_seeded(struct slice bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.ptr, bytes.size, seed);
}

struct hash128 hash128(struct slice bytes)
{
    XXH128_hash_t hash = XXH3_128bits(bytes.ptr, bytes.size);
    return (struct hash128){hash.high64, hash.low64};
}
