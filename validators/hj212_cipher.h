/* hj212_cipher -- the encrypted CP of 2025: find its end, bring it into one form, decrypt it.
 *
 *   CP=&& | full blocks of 16 bytes, SM4-ECB | a rest under 16 bytes, plain | &&      as sent
 *   CP=&& | {0xE4,0x3E,...} | rest | &&                                               as printed
 *
 * Source   HJ 212-2025 App. A.2 as quoted: length and CRC are those of the plaintext, so they are judged
 *          after decrypting. The standard prints the cipher as text; some senders send that text.
 * Shape    a segment in, a segment out. What stands before CP=&& and from the rest on is copied.
 * Units    bytes.
 * Memory   allocates nothing; what is made goes to the caller's `out`, at least as long as the segment.
 * Errors   an empty slice: there is nothing encrypted in it.
 * Threads  pure, but for the key's scratch.
 */
#ifndef VALIDATORS_HJ212_CIPHER_H
#define VALIDATORS_HJ212_CIPHER_H

#include "validators/sm4.h"

/* How long the segment at the front of `in` is, whose length digits say `length` of its plaintext; 0: its
 * cipher is not printed. */
size_t hj212_printed_size(struct slice in, size_t length);

/* The printed cipher as the bytes it stands for. */
struct slice hj212_unprint(struct slice segment, uint8_t *out);

/* The first block of CP is no text: where a plain one has the name of its first item. */
bool hj212_is_sealed(struct slice cp);

/* cp: what stands from behind CP= to the end of the segment, a part of it. */
struct slice hj212_decrypt(struct slice segment, struct slice cp, struct sm4 *key, uint8_t *out);

#endif
