#include "cli/check_input.h"

#include "cli/check_capture.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(FILE *file, size_t *size)
{
    size_t capacity = 1 << 16;
    char *bytes = malloc(capacity);
    *size = 0;
    while (bytes != NULL) {
        *size += fread(bytes + *size, 1, capacity - *size, file);
        if (*size < capacity && !ferror(file)) {
            return bytes;
        }
        if (ferror(file)) {
            free(bytes);
            return NULL;
        }
        capacity *= 2;
        char *more = realloc(bytes, capacity);
        if (more == NULL) {
            free(bytes);
        }
        bytes = more;
    }
    return NULL;
}

static int hex_value(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *at = strchr(digits, digit >= 'A' && digit <= 'F' ? digit + 32 : digit);
    return at == NULL || digit == '\0' ? -1 : (int)(at - digits);
}

/* In place; false: not pairs of hexadecimal digits. */
static bool from_hex(char *line, size_t *size)
{
    size_t out = 0, at = 0;
    while (at < *size) {
        if (line[at] == ' ' || line[at] == '\r' || line[at] == '\n') {
            at += 1;
            continue;
        }
        int high = hex_value(line[at]), low = at + 1 < *size ? hex_value(line[at + 1]) : -1;
        if (high < 0 || low < 0) {
            return false;
        }
        line[out++] = (char)(high * 16 + low);
        at += 2;
    }
    *size = out;
    return true;
}

/* The characters U+0000 to U+00FF of a UTF-8 text as bytes, in place. */
static bool from_latin1(char *text, size_t *size)
{
    size_t out = 0;
    for (size_t at = 0; at < *size; at++) {
        unsigned char byte = (unsigned char)text[at];
        if (byte >= 0x80) {
            if ((byte & 0xFC) != 0xC0 || at + 1 >= *size) {
                return false;
            }
            byte = (unsigned char)((byte & 3) << 6 | (text[++at] & 0x3F));
        }
        text[out++] = (char)byte;
    }
    *size = out;
    return true;
}

/* {"frame": "...", "enc": "utf-8|latin-1"}; other keys are ignored. */
static bool take_vector(struct input_payload *payload, input_taker *take, void *taker)
{
    json_t *object =
        json_loadb((const char *)payload->bytes.ptr, payload->bytes.size, JSON_ALLOW_NUL, NULL);
    const json_t *frame = json_object_get(object, "frame");
    const char *enc = json_string_value(json_object_get(object, "enc"));
    bool latin1 = enc != NULL && strcmp(enc, "latin-1") == 0;
    bool fine = json_is_string(frame) && (enc == NULL || latin1 || strcmp(enc, "utf-8") == 0);
    size_t length = fine ? json_string_length(frame) : 0;
    char *bytes = fine ? malloc(length + 1) : NULL;
    if (bytes != NULL) {
        memcpy(bytes, json_string_value(frame), length);
        fine = !latin1 || from_latin1(bytes, &length);
    }
    if (fine && bytes != NULL) {
        payload->bytes = slice_from(bytes, length);
        take(taker, payload);
    }
    free(bytes);
    json_decref(object);
    return fine && bytes != NULL;
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (strchr(" \t\r\n", line.ptr[i]) == NULL || line.ptr[i] == 0) {
            return false;
        }
    }
    return true;
}

/* From where the first frame may begin to the end of the line; empty: it has none. */
static struct slice logged(struct slice line)
{
    while (line.size > 0 && (line.ptr[line.size - 1] == '\n' || line.ptr[line.size - 1] == '\r')) {
        line.size -= 1;
    }
    size_t at = 0;
    while (at < line.size && !slice_starts(slice_tail(line, at), "##")) {
        at = slice_find(line, at + 1, '#');
    }
    return slice_tail(line, at);
}

static bool take_line(
    enum input_kind kind, char *line, struct input_payload *payload, input_taker *take, void *taker)
{
    switch (kind) {
    case INPUT_VECTORS:
        return is_blank(payload->bytes) || take_vector(payload, take, taker);
    case INPUT_HEX:
        if (!from_hex(line, &payload->bytes.size)) {
            return false;
        }
        break;
    case INPUT_LOG:
        payload->bytes = logged(payload->bytes);
        if (payload->bytes.size == 0) {
            return true;
        }
        break;
    case INPUT_STREAM:
        break;
    }
    take(taker, payload);
    return true;
}

static int read_lines(
    enum input_kind kind, FILE *file, const char *name, input_taker *take, void *taker)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    bool fine = true;
    uint64_t number = 0;
    while (fine && (size = getline(&line, &capacity, file)) >= 0) {
        struct input_payload payload = {.bytes = slice_from(line, (size_t)size), .line = ++number};
        fine = take_line(kind, line, &payload, take, taker);
    }
    free(line);
    if (ferror(file)) {
        return command_fail("check", "%s: cannot be read to its end", name);
    }
    if (!fine) {
        return command_fail("check", "%s:%llu: not %s", name, (unsigned long long)number,
            kind == INPUT_VECTORS ? "a vector {\"frame\": \"...\", \"enc\": \"utf-8|latin-1\"}"
                                  : "pairs of hexadecimal digits");
    }
    return EXIT_FINE;
}

int input_read(enum input_kind kind, FILE *file, const char *name, input_taker *take, void *taker)
{
    if (kind != INPUT_STREAM) {
        return read_lines(kind, file, name, take, taker);
    }
    size_t size;
    char *bytes = read_all(file, &size);
    if (bytes == NULL) {
        return command_fail("check", "%s: cannot be read to its end", name);
    }
    struct input_payload payload = {.bytes = slice_from(bytes, size)};
    int status = EXIT_FINE;
    if (capture_is(payload.bytes)) {
        status = capture_read(payload.bytes, name, take, taker);
    } else {
        take(taker, &payload);
    }
    free(bytes);
    return status;
}
