#include "cli/encode_frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schemas/hj212.h"

/* The object being encoded. */
struct encoding {
    const json_t *object;
    struct text *segment;
    char *why;
    bool failed; /* why says how */
};

static void fail(struct encoding *encoding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(struct encoding *encoding, const char *format, ...)
{
    va_list arguments;
    if (encoding->failed) {
        return; /* the first reason stands */
    }
    encoding->failed = true;
    va_start(arguments, format);
    vsnprintf(encoding->why, ENCODE_WHY_SIZE, format, arguments);
    va_end(arguments);
}

static struct slice string_slice(const json_t *string)
{
    return slice_from(json_string_value(string), json_string_length(string));
}

/* A member that is a string, or absent: NULL. */
static const json_t *string_member(struct encoding *encoding, const char *name)
{
    const json_t *member = json_object_get(encoding->object, name);
    if (member != NULL && !json_is_string(member)) {
        fail(encoding, "%s: not a string: write it as it is to be sent, in quotes", name);
        return NULL;
    }
    return member;
}

static void add_pair(struct text *segment, const char *name, struct slice value)
{
    text_add(segment, name);
    text_add_byte(segment, '=');
    text_add_slice(segment, value);
}

/* --- header --- */

/* Version bits and the bit of PNUM and PNO; 2005 needs none. */
static void add_flag(struct encoding *encoding)
{
    const json_t *edition_member = string_member(encoding, "edition");
    enum edition edition = EDITION_UNKNOWN;
    if (edition_member != NULL && !edition_from(string_slice(edition_member), &edition)) {
        fail(encoding, "edition: not one of 2005, 2017, 2025");
    } else if (edition == EDITION_UNKNOWN) {
        fail(encoding, "flag is missing: give flag, or edition, from which it follows");
    } else if (edition != EDITION_2005) {
        bool packets = json_object_get(encoding->object, "pnum") != NULL;
        int64_t version = edition == EDITION_2025 ? 2 : 1;
        text_add(encoding->segment, ";Flag=");
        text_add_int(encoding->segment, version << 2 | (packets ? 2 : 0));
    }
}

static void add_header(struct encoding *encoding, const char *pw)
{
    static const struct {
        const char *member, *field;
        bool required; /* without it the frame would be rejected */
    } FIELDS[] = {{"qn", "QN", false}, {"st", "ST", true}, {"cn", "CN", true}, {"pw", "PW", false},
        {"mn", "MN", true}, {"flag", "Flag", false}, {"pnum", "PNUM", false}, {"pno", "PNO", false},
        {"rf", "RF", false}};
    struct text *segment = encoding->segment;
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        const json_t *member = string_member(encoding, FIELDS[i].member);
        bool given = strcmp(FIELDS[i].member, "pw") == 0 && member == NULL && pw != NULL;
        if (member != NULL || given) {
            text_add(segment, segment->size > 0 ? ";" : "");
            add_pair(segment, FIELDS[i].field, given ? slice_of(pw) : string_slice(member));
        } else if (strcmp(FIELDS[i].member, "flag") == 0) {
            add_flag(encoding);
        } else if (FIELDS[i].required) {
            fail(encoding, "%s is missing", FIELDS[i].member);
        }
    }
}

/* --- CP --- */

static void add_separator(struct encoding *encoding, bool first, char separator)
{
    if (!first) {
        text_add_byte(encoding->segment, separator);
    }
}

/* `,` joins the second of two fields that 2025 keeps together (3011, 1014). */
static bool add_fields(struct encoding *encoding, bool first)
{
    const char *name;
    json_t *cp = json_object_get(encoding->object, "cp"), *value;
    if (cp != NULL && !json_is_object(cp)) {
        fail(encoding, "cp: not an object of names and values");
    }
    json_object_foreach(cp, name, value)
    {
        bool joined = strcmp(name, "CalibrationType") == 0 || strcmp(name, "NewSK") == 0;
        if (!json_is_string(value)) {
            fail(encoding, "cp.%.40s: not a string: write it as it is to be sent, in quotes", name);
            break;
        }
        add_separator(encoding, first, joined ? ',' : ';');
        add_pair(encoding->segment, name, string_slice(value));
        first = false;
    }
    return first;
}

/* The value of a reading, or the text of one that is no number. */
static const json_t *item_text(const json_t *item)
{
    const json_t *value = json_object_get(item, "value");
    return value != NULL ? value : json_object_get(item, "text");
}

static bool same_member(const json_t *a, const json_t *b, const char *name)
{
    const json_t *left = json_object_get(a, name), *right = json_object_get(b, name);
    return left == right || (left != NULL && right != NULL && json_equal(left, right));
}

static bool item_fits(struct encoding *encoding, const json_t *item, size_t index)
{
    static const char *const STRINGS[] = {"factor", "field"};
    for (size_t i = 0; i < sizeof STRINGS / sizeof STRINGS[0]; i++) {
        if (!json_is_string(json_object_get(item, STRINGS[i]))) {
            fail(encoding, "items[%zu].%s: missing, or not a string", index, STRINGS[i]);
        }
    }
    if (!json_is_string(item_text(item))) {
        fail(encoding, "items[%zu].value: missing, or not a string of the digits to send", index);
    }
    const json_t *flag = json_object_get(item, "flag");
    if (flag != NULL && !json_is_string(flag)) {
        fail(encoding, "items[%zu].flag: not a string", index);
    }
    return !encoding->failed;
}

static void add_item(struct encoding *encoding, const json_t *item, const char *field)
{
    struct text *segment = encoding->segment;
    bool flag = field == NULL;
    text_add_slice(segment, string_slice(json_object_get(item, "factor")));
    text_add_byte(segment, '-');
    add_pair(segment, flag ? "Flag" : field,
        string_slice(flag ? json_object_get(item, "flag") : item_text(item)));
}

static void add_items(struct encoding *encoding, bool first)
{
    const json_t *items = json_object_get(encoding->object, "items");
    if (items != NULL && !json_is_array(items)) {
        fail(encoding, "items: not an array");
    }
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i), *next = json_array_get(items, i + 1);
        if (!item_fits(encoding, item, i)) {
            return;
        }
        bool goes_on = i > 0 && same_member(item, json_array_get(items, i - 1), "factor");
        bool ends = !same_member(item, next, "factor") || !same_member(item, next, "flag");
        add_separator(encoding, first, goes_on ? ',' : ';');
        add_item(encoding, item, json_string_value(json_object_get(item, "field")));
        first = false;
        if (ends && json_object_get(item, "flag") != NULL) {
            text_add_byte(encoding->segment, ',');
            add_item(encoding, item, NULL);
        }
    }
}

bool encode_segment(
    const json_t *object, const char *pw, struct text *segment, char why[ENCODE_WHY_SIZE])
{
    struct encoding encoding = {object, segment, why, false};
    add_header(&encoding, pw);
    text_add(segment, ";CP=&&");
    const json_t *datatime = string_member(&encoding, "datatime");
    if (datatime != NULL) {
        add_pair(segment, "DataTime", string_slice(datatime));
    }
    add_items(&encoding, add_fields(&encoding, datatime == NULL));
    text_add(segment, "&&");
    if (segment->truncated || segment->size > ENCODE_SEGMENT_SIZE_MAX) {
        fail(&encoding, "its data segment is longer than %d bytes", ENCODE_SEGMENT_SIZE_MAX);
    }
    return !encoding.failed;
}

/* --- reading back --- */

static bool says(const json_t *object, const char *member, struct slice read)
{
    const json_t *said = json_object_get(object, member);
    return said == NULL || slice_equal(string_slice(said), read);
}

static bool fields_read_back(const json_t *cp, const struct message *message)
{
    const char *name;
    json_t *value;
    size_t at = 0;
    json_object_foreach((json_t *)(uintptr_t)cp, name, value)
    {
        const struct plain_field *field = &message->fields[at++];
        if (at > message->field_count || !slice_is(field->name, name) ||
            !slice_equal(field->value, string_slice(value))) {
            return false;
        }
    }
    return at == message->field_count;
}

static bool item_reads_back(const json_t *item, const struct reading *reading)
{
    return says(item, "factor", reading->factor) && says(item, "field", reading->field) &&
           slice_equal(string_slice(item_text(item)), reading->text) &&
           (json_object_get(item, "flag") == NULL) == (reading->flag.size == 0) &&
           says(item, "flag", reading->flag);
}

bool encode_reads_back(
    const json_t *object, const struct message *message, char why[ENCODE_WHY_SIZE])
{
    const struct {
        const char *member;
        struct slice read;
    } ROWS[] = {{"qn", message->qn}, {"st", message->st}, {"cn", message->cn}, {"mn", message->mn},
        {"flag", message->flag}, {"pnum", message->pnum}, {"pno", message->pno},
        {"rf", message->rf}, {"datatime", message->datatime}};
    const json_t *items = json_object_get(object, "items");
    size_t count = json_array_size(items);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (!says(object, ROWS[i].member, ROWS[i].read)) {
            snprintf(why, ENCODE_WHY_SIZE, "%s", ROWS[i].member);
            return false;
        }
    }
    if (!fields_read_back(json_object_get(object, "cp"), message)) {
        snprintf(why, ENCODE_WHY_SIZE, "cp");
        return false;
    }
    for (size_t i = 0; i < count || i < message->reading_count; i++) {
        if (i >= count || i >= message->reading_count ||
            !item_reads_back(json_array_get(items, i), &message->readings[i])) {
            snprintf(why, ENCODE_WHY_SIZE, "items[%zu]", i);
            return false;
        }
    }
    return true;
}
