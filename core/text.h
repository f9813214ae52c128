/* text -- build a text in memory that somebody else owns; JSON strings too.
 *
 * Shape    appends; what does not fit is dropped whole call by call and `truncated` stays set.
 * Memory   the caller's buffer; no allocation; not NUL-terminated (text_slice gives the bytes).
 * Errors   `truncated`: the caller decides whether that is an error.
 * Threads  pure; no locale: numbers are written by hand.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include "core/slice.h"
#include "core/time.h"

struct text {
    char *at;
    size_t size;
    size_t capacity;
    bool truncated;
};

struct text text_in(char *buffer, size_t capacity);
struct slice text_slice(const struct text *text);
void text_reset(struct text *text);

void text_add_slice(struct text *text, struct slice bytes);
void text_add_byte(struct text *text, char byte);
void text_add_int(struct text *text, int64_t value);
void text_add_hex(struct text *text, uint64_t value, int digits); /* lower case, zero padded */

/* A computed number: rounded half away from zero to `decimals` (0..9), trailing zeros cut. Beyond
 * 2^53 in magnitude, or not finite, it reads "?" (a value that was sent keeps its own digits). */
void text_add_number(struct text *text, double value, int decimals);

/* The shortest decimal that reads back as the same double, in plain digits between 1e-7 and 1e21; "?"
 * when not finite. */
void text_add_shortest(struct text *text, double value);

void text_add_time(struct text *text, struct event_time time); /* RFC 3339, +08:00, ms */

/* The bytes as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD (one for each
 * sequence that breaks off, as most decoders do), controls are escaped: nothing of the input can leave
 * its quotes. */
void text_add_json(struct text *text, struct slice bytes);

/* `"name":` with a comma before it unless it is the first of its object. */
void text_add_key_slice(struct text *text, struct slice name);

/* Of words that are written in the program the compiler knows the size. */

static inline void text_add(struct text *text, const char *words)
{
    text_add_slice(text, slice_of(words));
}

static inline void text_add_key(struct text *text, const char *name)
{
    text_add_key_slice(text, slice_of(name));
}

static inline void text_add_field(struct text *text, const char *name, struct slice value)
{
    text_add_key(text, name);
    text_add_json(text, value);
}

static inline void text_add_field_int(struct text *text, const char *name, int64_t value)
{
    text_add_key(text, name);
    text_add_int(text, value);
}

static inline void text_add_field_time(struct text *text, const char *name, struct event_time time)
{
    text_add_key(text, name);
    text_add_byte(text, '"');
    text_add_time(text, time);
    text_add_byte(text, '"');
}

#endif
