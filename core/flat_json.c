#include "core/flat_json.h"

#include "core/decimal.h"
#include "core/utf8.h"

struct reader {
    struct flat_json *json;
    struct slice in;
    size_t at;
};

static int peek(const struct reader *reader)
{
    return reader->at < reader->in.size ? reader->in.ptr[reader->at] : -1;
}

static bool take_byte(struct reader *reader, char byte)
{
    bool there = peek(reader) == byte;
    reader->at += there ? 1 : 0;
    return there;
}

static void skip_blanks(struct reader *reader)
{
    while (peek(reader) == ' ' || peek(reader) == '\t' || peek(reader) == '\n' ||
           peek(reader) == '\r') {
        reader->at += 1;
    }
}

static bool expect(struct reader *reader, char byte)
{
    skip_blanks(reader);
    return take_byte(reader, byte);
}

static bool keep(struct reader *reader, uint8_t byte)
{
    if (reader->json->space_used >= FLAT_JSON_SPACE_SIZE) {
        return false;
    }
    reader->json->space[reader->json->space_used++] = (char)byte;
    return true;
}

static bool hex4(struct reader *reader, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        int byte = peek(reader);
        int digit = byte >= '0' && byte <= '9'   ? byte - '0'
                    : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                    : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            return false;
        }
        *code = *code * 16 + (uint32_t)digit;
        reader->at += 1;
    }
    return true;
}

static bool keep_code(struct reader *reader, uint32_t code)
{
    if (code < 0x80) {
        return keep(reader, (uint8_t)code);
    }
    if (code < 0x800) {
        return keep(reader, (uint8_t)(0xC0 | code >> 6)) &&
               keep(reader, (uint8_t)(0x80 | (code & 0x3F)));
    }
    if (code < 0x10000) {
        return keep(reader, (uint8_t)(0xE0 | code >> 12)) &&
               keep(reader, (uint8_t)(0x80 | (code >> 6 & 0x3F))) &&
               keep(reader, (uint8_t)(0x80 | (code & 0x3F)));
    }
    return keep(reader, (uint8_t)(0xF0 | code >> 18)) &&
           keep(reader, (uint8_t)(0x80 | (code >> 12 & 0x3F))) &&
           keep(reader, (uint8_t)(0x80 | (code >> 6 & 0x3F))) &&
           keep(reader, (uint8_t)(0x80 | (code & 0x3F)));
}

static bool read_escape(struct reader *reader)
{
    static const char NAMES[] = "\"\\/bfnrt";
    static const char BYTES[] = "\"\\/\b\f\n\r\t";
    int name = peek(reader);
    reader->at += 1;
    for (size_t i = 0; i < sizeof NAMES - 1; i++) {
        if (name == NAMES[i]) {
            return keep(reader, (uint8_t)BYTES[i]);
        }
    }
    uint32_t code, low;
    if (name != 'u' || !hex4(reader, &code) || (code >= 0xDC00 && code < 0xE000)) {
        return false;
    }
    if (code >= 0xD800 && code < 0xDC00) {
        if (!take_byte(reader, '\\') || !take_byte(reader, 'u') || !hex4(reader, &low) ||
            low < 0xDC00 || low >= 0xE000) {
            return false;
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    return keep_code(reader, code);
}

static bool read_string(struct reader *reader, struct slice *string)
{
    size_t start = reader->json->space_used;
    if (!expect(reader, '"')) {
        return false;
    }
    while (peek(reader) != '"') {
        int byte = peek(reader);
        if (byte < 0x20) {
            return false; /* the end of the bytes, or a bare control */
        }
        reader->at += 1;
        if (byte == '\\' ? !read_escape(reader) : !keep(reader, (uint8_t)byte)) {
            return false;
        }
    }
    reader->at += 1;
    *string = slice_from(reader->json->space + start, reader->json->space_used - start);
    return true;
}

static bool read_bare(struct reader *reader, struct flat_json_field *field)
{
    size_t start = reader->at;
    while ((peek(reader) >= 'a' && peek(reader) <= 'z') || peek(reader) == 'E' ||
           (peek(reader) >= '0' && peek(reader) <= '9') || peek(reader) == '-' ||
           peek(reader) == '+' || peek(reader) == '.') {
        reader->at += 1;
    }
    field->value = slice_from(reader->in.ptr + start, reader->at - start);
    field->type = FLAT_JSON_WORD;
    if (slice_is(field->value, "true") || slice_is(field->value, "false") ||
        slice_is(field->value, "null")) {
        return true;
    }
    field->type = FLAT_JSON_NUMBER;
    int first = field->value.size == 0 ? -1 : field->value.ptr[0];
    return first == '-' || (first >= '0' && first <= '9');
}

static bool read_field(struct reader *reader)
{
    struct flat_json *json = reader->json;
    if (json->count == FLAT_JSON_FIELDS_MAX) {
        return false;
    }
    struct flat_json_field *field = &json->fields[json->count];
    if (!read_string(reader, &field->name) || !expect(reader, ':')) {
        return false;
    }
    for (size_t i = 0; i < json->count; i++) {
        if (slice_equal(json->fields[i].name, field->name)) {
            return false;
        }
    }
    skip_blanks(reader);
    field->type = FLAT_JSON_STRING;
    json->count += 1;
    return peek(reader) == '"' ? read_string(reader, &field->value) : read_bare(reader, field);
}

bool flat_json_read(struct flat_json *json, struct slice bytes)
{
    struct reader reader = {json, bytes, 0};
    json->count = 0;
    json->space_used = 0;
    if (!utf8_valid(bytes) || !expect(&reader, '{')) {
        return false;
    }
    skip_blanks(&reader);
    if (peek(&reader) == '}') {
        reader.at += 1;
    } else {
        do {
            if (!read_field(&reader)) {
                return false;
            }
        } while (expect(&reader, ','));
        if (!expect(&reader, '}')) {
            return false;
        }
    }
    skip_blanks(&reader);
    return reader.at == bytes.size;
}

static const struct flat_json_field *field_of(const struct flat_json *json, const char *name)
{
    for (size_t i = 0; i < json->count; i++) {
        if (slice_is(json->fields[i].name, name)) {
            return &json->fields[i];
        }
    }
    return NULL;
}

struct slice flat_json_string(const struct flat_json *json, const char *name)
{
    const struct flat_json_field *field = field_of(json, name);
    return field != NULL && field->type == FLAT_JSON_STRING ? field->value : (struct slice){0};
}

bool flat_json_int(const struct flat_json *json, const char *name, int64_t *value)
{
    const struct flat_json_field *field = field_of(json, name);
    uint64_t magnitude;
    if (field == NULL || field->type != FLAT_JSON_NUMBER) {
        return false;
    }
    bool negative = field->value.size > 0 && field->value.ptr[0] == '-';
    if (!slice_to_uint(slice_tail(field->value, negative ? 1 : 0), INT64_MAX, &magnitude)) {
        return false;
    }
    *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

bool flat_json_decimal(const struct flat_json *json, const char *name, double *value)
{
    const struct flat_json_field *field = field_of(json, name);
    struct decimal decimal;
    if (field == NULL || field->type != FLAT_JSON_NUMBER ||
        !decimal_parse(field->value, &decimal)) {
        return false;
    }
    *value = decimal.value;
    return true;
}

bool flat_json_has(const struct flat_json *json, const char *name)
{
    return field_of(json, name) != NULL;
}
