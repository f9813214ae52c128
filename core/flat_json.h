/* flat_json -- read one JSON object whose values are no objects or arrays, without allocating.
 *
 * Source   RFC 8259. For officers' commands and plants' filings, which `step` reads: a library would
 *          allocate there.
 * Shape    bytes -> up to FLAT_JSON_FIELDS_MAX pairs in the order sent.
 * Memory   names and values borrow from the input; a string's escapes are undone into `space`.
 * Errors   false: no such object (nested, duplicate names, bad UTF-8, trailing bytes, too many).
 * Threads  pure.
 */
#ifndef CORE_FLAT_JSON_H
#define CORE_FLAT_JSON_H

#include "core/text.h"

enum { FLAT_JSON_FIELDS_MAX = 24, FLAT_JSON_SPACE_SIZE = 4096 };

enum flat_json_type { FLAT_JSON_STRING, FLAT_JSON_NUMBER, FLAT_JSON_WORD /* true false null */ };

struct flat_json_field {
    struct slice name;
    struct slice value; /* a string's characters, a number's digits, the word */
    enum flat_json_type type;
};

struct flat_json {
    struct flat_json_field fields[FLAT_JSON_FIELDS_MAX];
    size_t count;
    size_t space_used;
    char space[FLAT_JSON_SPACE_SIZE];
};

bool flat_json_read(struct flat_json *json, struct slice bytes);

/* The string, or an empty slice when it is not there or no string. */
struct slice flat_json_string(const struct flat_json *json, const char *name);
bool flat_json_int(const struct flat_json *json, const char *name, int64_t *value);
bool flat_json_decimal(
    const struct flat_json *json, const char *name, double *value); /* no exponent */
bool flat_json_has(const struct flat_json *json, const char *name);

#endif
