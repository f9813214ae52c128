/* keyring -- the SM4 keys of devices: the keys themselves, or what the journal may know of them.
 *
 *   mn,key_id,key,from,until      the file that only the hub's user reads
 *   mn,key_id,check,from,until    the record: the same rows, where a check value stands for the key
 *
 * Source   HJ 212-2025 as quoted: 16 bytes, changed every 90 days. A key is written as 16 characters (as in
 *          NewSK) or 32 hexadecimal digits; a time as RFC 3339 or YYYY-MM-DD (midnight, CST); an empty
 *          `until` is `from` + 90 days. Blank lines and lines that begin with # are passed over.
 * Shape    rows by MN, the newest `from` first. A key that only its record names has no cipher.
 * Memory   keyring_parse and keyring_join allocate; keyring_free clears every key. The bytes of a file are
 *          the caller's to clear.
 * Errors   STATUS_INVALID with findings, which name line, column, MN and key id and never quote a key.
 * Threads  one thread; immutable but for the ciphers' scratch.
 */
#ifndef VALIDATORS_KEYRING_H
#define VALIDATORS_KEYRING_H

#include "core/arena.h"
#include "core/report.h"
#include "core/status.h"
#include "core/time.h"
#include "validators/sm4.h"

enum { KEYS_A_DEVICE_MAX = 64, KEY_LIFE_DAYS = 90, KEY_NOTICE_DAYS = 14 };

struct key {
    struct slice mn, id;
    struct event_time from, until; /* [from, until): outside it the key is marked, not refused */
    char check[SM4_CHECK_SIZE + 1];
    struct sm4 *cipher; /* it holds the key; NULL: only its name is known */
};

struct keyring {
    struct arena arena;
    struct key *keys;
    size_t count;
};

MUST_USE enum status keyring_parse(
    struct slice bytes, struct slice file, struct keyring **made, struct report *report);
void keyring_free(struct keyring *keyring); /* NULL is fine */

/* What the journal keeps, in `arena`; empty for a keyring without keys. */
struct slice keyring_record(const struct keyring *keyring, struct arena *arena);

/* The rows of a record with the keys that `secrets` (NULL: none) has of them. A key under the same id with another
 * check value is no such key: a finding. */
MUST_USE enum status keyring_join(struct slice record, const struct keyring *secrets,
    struct keyring **made, struct report *report);

/* The keys of one MN: a stretch of `keys`. */
struct key_range {
    const struct key *first;
    size_t count;
};
struct key_range keyring_of(const struct keyring *keyring, struct slice mn);
const struct key *keyring_find(const struct keyring *keyring, struct slice mn, struct slice id);

#endif
