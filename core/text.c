#include "core/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

struct text text_in(char *buffer, size_t capacity)
{
    assert(buffer != NULL);
    return (struct text){.at = buffer, .capacity = capacity};
}

struct slice text_slice(const struct text *text)
{
    return slice_from(text->at, text->size);
}

void text_reset(struct text *text)
{
    text->size = 0;
    text->truncated = false;
}

void text_add_slice(struct text *text, struct slice bytes)
{
    assert(text->size <= text->capacity);
    if (bytes.size > text->capacity - text->size) {
        text->truncated = true;
        return;
    }
    if (bytes.size > 0) {
        memcpy(text->at + text->size, bytes.ptr, bytes.size);
        text->size += bytes.size;
    }
}

void text_add_byte(struct text *text, char byte)
{
    assert(text->size <= text->capacity);
    if (text->size == text->capacity) {
        text->truncated = true;
        return;
    }
    text->at[text->size++] = byte;
}

static void add_uint(struct text *text, uint64_t value, int digits_min)
{
    char digits[20];
    int count = 0;
    do {
        digits[19 - count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || count < digits_min);
    text_add_slice(text, slice_from(digits + 20 - count, (size_t)count));
}

void text_add_int(struct text *text, int64_t value)
{
    if (value < 0) {
        text_add_byte(text, '-');
    }
    add_uint(text, value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value, 1);
}

void text_add_hex(struct text *text, uint64_t value, int digits)
{
    char out[16];
    assert(digits >= 1 && digits <= 16);
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
    text_add_slice(text, slice_from(out, (size_t)digits));
}

void text_add_number(struct text *text, double value, int decimals)
{
    static const double POWER[10] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    assert(decimals >= 0 && decimals <= 9);
    double magnitude = value < 0 ? -value : value;
    if (!(magnitude * POWER[decimals] < 9007199254740992.0)) {
        text_add_byte(text, '?');
        return;
    }
    uint64_t scaled = (uint64_t)(magnitude * POWER[decimals] + 0.5);
    uint64_t unit = (uint64_t)POWER[decimals];
    uint64_t fraction = scaled % unit;
    if (value < 0 && scaled > 0) {
        text_add_byte(text, '-');
    }
    add_uint(text, scaled / unit, 1);
    while (fraction > 0 && fraction % 10 == 0) {
        fraction /= 10;
        decimals -= 1;
    }
    if (fraction > 0) {
        text_add_byte(text, '.');
        add_uint(text, fraction, decimals);
    }
}

/* The digits of a "%e" text, and the power of ten of the first: "-1.25e-07" -> "125", -7. */
static int exponent_of(const char *scientific, char digits[static 20])
{
    const char *at = scientific;
    size_t count = 0;
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9') {
            digits[count++] = *at;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count -= 1;
    }
    digits[count] = '\0';
    return (int)strtol(at + 1, NULL, 10);
}

static void add_zeros(struct text *text, int count)
{
    for (int i = 0; i < count; i++) {
        text_add_byte(text, '0');
    }
}

void text_add_shortest(struct text *text, double value)
{
    enum { PLAIN_MIN = -7, PLAIN_MAX = 20 };
    char scientific[32], digits[20];
    if (!isfinite(value)) {
        text_add_byte(text, '?');
        return;
    }
    /* The C locale is never changed, so the point is a point. */
    for (int decimals = 0; decimals <= 16; decimals++) {
        snprintf(scientific, sizeof scientific, "%.*e", decimals, value);
        if (strtod(scientific, NULL) == value) {
            break;
        }
    }
    int exponent = exponent_of(scientific, digits), count = (int)strlen(digits);
    if (exponent < PLAIN_MIN || exponent > PLAIN_MAX) {
        text_add(text, scientific);
        return;
    }
    text_add(text, signbit(value) ? "-" : "");
    if (exponent < 0) {
        text_add(text, "0.");
        add_zeros(text, -exponent - 1);
        text_add(text, digits);
        return;
    }
    int whole = count < exponent + 1 ? count : exponent + 1;
    text_add_slice(text, slice_from(digits, (size_t)whole));
    add_zeros(text, exponent + 1 - whole);
    text_add(text, count > whole ? "." : "");
    text_add(text, digits + whole);
}

void text_add_time(struct text *text, struct event_time time)
{
    char out[RFC3339_SIZE + 1];
    event_time_write(time, out);
    text_add(text, out);
}

static void add_json_ascii(struct text *text, uint8_t byte)
{
    if (byte == '"' || byte == '\\') {
        text_add_byte(text, '\\');
        text_add_byte(text, (char)byte);
    } else if (byte < 0x20 || byte == 0x7F) {
        text_add(text, "\\u");
        text_add_hex(text, byte, 4);
    } else {
        text_add_byte(text, (char)byte);
    }
}

/* What stands in JSON as it is: most of what is written. */
static size_t plain_run(struct slice bytes, size_t from)
{
    size_t at = from;
    while (at < bytes.size && bytes.ptr[at] >= 0x20 && bytes.ptr[at] < 0x7F &&
           bytes.ptr[at] != '"' && bytes.ptr[at] != '\\') {
        at += 1;
    }
    return at - from;
}

static bool add_plain_string(struct text *text, struct slice bytes)
{
    const bool fits = bytes.size + 2 <= text->capacity - text->size;
    if (!fits || plain_run(bytes, 0) < bytes.size) {
        return false;
    }
    char *at = text->at + text->size;
    at[0] = '"';
    if (bytes.size > 0) {
        memcpy(at + 1, bytes.ptr, bytes.size);
    }
    at[1 + bytes.size] = '"';
    text->size += bytes.size + 2;
    return true;
}

void text_add_json(struct text *text, struct slice bytes)
{
    if (add_plain_string(text, bytes)) {
        return;
    }
    text_add_byte(text, '"');
    for (size_t i = 0; i < bytes.size;) {
        size_t plain = plain_run(bytes, i);
        if (plain > 0) {
            text_add_slice(text, slice_from(bytes.ptr + i, plain));
            i += plain;
            continue;
        }
        size_t run = utf8_sequence(slice_tail(bytes, i));
        if (bytes.ptr[i] < 0x80) {
            add_json_ascii(text, bytes.ptr[i]);
            i += 1;
        } else if (run > 0) {
            text_add_slice(text, slice_from(bytes.ptr + i, run));
            i += run;
        } else {
            text_add(text, "\\ufffd");
            i += utf8_bad_run(slice_tail(bytes, i));
        }
    }
    text_add_byte(text, '"');
}

void text_add_key_slice(struct text *text, struct slice name)
{
    const char last = text->size == 0 ? '{' : text->at[text->size - 1];
    const bool begins = last == '{' || last == '[';
    if (name.size + (begins ? 3 : 4) > text->capacity - text->size) {
        text->truncated = true;
        return;
    }
    char *at = text->at + text->size;
    if (!begins) {
        *at++ = ',';
    }
    *at++ = '"';
    memcpy(at, name.ptr, name.size);
    at += name.size;
    *at++ = '"';
    *at++ = ':';
    text->size = (size_t)(at - text->at);
}
