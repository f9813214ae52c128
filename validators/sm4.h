/* sm4 -- one SM4 key, made ready once: whole blocks in, whole blocks out.
 *
 * Source   GB/T 32907-2016 by OpenSSL; HJ 212-2025 App. A as quoted: ECB, no padding.
 * Units    bytes; sizes are multiples of SM4_BLOCK_SIZE.
 * Memory   sm4_new and sm4_encrypt allocate; sm4_decrypt does not; sm4_free clears the key before it gives it back.
 * Errors   sm4_new: NULL where this OpenSSL has no SM4.
 * Threads  one key, one thread at a time.
 */
#ifndef VALIDATORS_SM4_H
#define VALIDATORS_SM4_H

#include "core/slice.h"

enum { SM4_KEY_SIZE = 16, SM4_BLOCK_SIZE = 16, SM4_CHECK_SIZE = 6 };

struct sm4;

struct sm4 *sm4_new(const uint8_t key[static SM4_KEY_SIZE]);
struct sm4 *sm4_copy(const struct sm4 *sm4);
void sm4_free(struct sm4 *sm4);
const uint8_t *sm4_key(const struct sm4 *sm4); /* SM4_KEY_SIZE bytes, its own */

/* `out` may be `in.ptr` itself. */
void sm4_decrypt(struct sm4 *sm4, struct slice in, uint8_t *out);
void sm4_encrypt(const uint8_t key[static SM4_KEY_SIZE], struct slice in, uint8_t *out);

/* What names the key without telling it: the first 24 bits of an encrypted block of zeros, in hex, NUL-terminated. */
void sm4_check(const uint8_t key[static SM4_KEY_SIZE], char out[static SM4_CHECK_SIZE + 1]);

#endif
