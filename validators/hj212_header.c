#include <stddef.h>

#include "core/marks.h"
#include "validators/hj212_fields.h"

/* In the order of the standard. */
static const struct {
    struct slice name;
    size_t offset;
} FIELDS[HEADER_COUNT] = {
#define HEADER_FIELD(id, name, member, missing, form)                                              \
    [HEADER_##id] = {{(const uint8_t *)(name), sizeof(name) - 1}, offsetof(struct message, member)},
#define HEADER_FACT(id, edition, presence, least, most, clause, sureness)
#include "schemas/header_fields.def"
#undef HEADER_FIELD
#undef HEADER_FACT
};

struct slice hj212_trim_spaces(struct slice text, struct message *message)
{
    struct slice first = slice_head(text, 1);
    while (text.size > 0 && text.ptr[0] == ' ') {
        text = slice_tail(text, 1);
    }
    size_t size = text.size;
    while (text.size > 0 && text.ptr[text.size - 1] == ' ') {
        text.size -= 1;
    }
    bool leads = first.ptr[0] == ' ';
    message_break(message, RULE_STRAY_SPACE,
        leads ? first : slice_from(text.ptr + text.size, size > text.size));
    return text;
}

struct header_state {
    struct message *message;
    uint32_t seen; /* bit i: FIELDS[i] has come */
    size_t next;   /* the index behind that of the last, where the order has the next one */
};

static size_t find_field(const struct header_state *state, struct slice name)
{
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        if (slice_equal(name, FIELDS[i].name)) {
            return i;
        }
    }
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        if (slice_same_but_case(name, FIELDS[i].name)) {
            message_break(state->message, RULE_NAME_CASE, name);
            return i;
        }
    }
    return HEADER_COUNT;
}

/* Mostly the one that the order of the standard has next. */
static inline size_t field_index(const struct header_state *state, struct slice name)
{
    bool next = state->next < HEADER_COUNT && slice_equal(name, FIELDS[state->next].name);
    return next ? state->next : find_field(state, name);
}

/* name=value; equals: the size of the name, that of the item when there is none. */
static void take_field(struct header_state *state, struct slice item, size_t equals)
{
    struct message *message = state->message;
    struct slice name = hj212_trim(slice_head(item, equals), message);
    struct slice value = hj212_trim(slice_tail(item, equals + 1), message);
    if (equals == item.size) {
        message_break(message, RULE_SEPARATOR, item);
    }
    if (equals == item.size && name.size == 0) {
        return;
    }
    size_t index = field_index(state, name);
    if (index == HEADER_COUNT) {
        message_break(message, RULE_FIELD_UNKNOWN, item);
        return;
    }
    if ((state->seen >> index & 1) != 0) {
        message_break(message, RULE_FIELD_REPEATED, item);
        return; /* the first stands */
    }
    if (index + 1 < state->next) {
        message_break(message, RULE_FIELD_ORDER, item);
    }
    state->seen |= UINT32_C(1) << index;
    state->next = index + 1;
    *(struct slice *)(void *)((uint8_t *)message + FIELDS[index].offset) = value;
    message->has_mn = message->has_mn || index == HEADER_MN;
}

/* CP= at the place of a field, or CP=& anywhere (C.19 has no `;` before it), in whatever case. */
static bool begins_cp(struct slice segment, size_t equals, struct message *message)
{
    if (equals < 2 || (segment.ptr[equals - 1] | 0x20) != 'p' ||
        !slice_same_but_case(slice_from(segment.ptr + equals - 2, 3), slice_of("CP="))) {
        return false;
    }
    struct slice here = slice_from(segment.ptr + equals - 2, 3);
    bool behind_one = equals == 2 || here.ptr[-1] == ';';
    bool holds = equals + 1 < segment.size && segment.ptr[equals + 1] == '&';
    if (!behind_one && !holds) {
        return false;
    }
    if (!slice_is(here, "CP=")) {
        message_break(message, RULE_NAME_CASE, here);
    }
    if (!behind_one) {
        message_break(message, RULE_SEPARATOR, here);
    }
    return true;
}

/* The fields in front of CP; where they end: at its name, or with the segment. */
static size_t read_fields(struct message *message, struct slice segment)
{
    struct header_state state = {.message = message};
    struct marks marks = marks_begin(segment, "=;,");
    for (size_t start = 0, equals = segment.size, end;;) {
        uint8_t byte = marks_next(&marks, &end);
        bool last = byte == 0 || (byte == '=' && begins_cp(segment, end, message));
        if (byte == '=' && !last) {
            equals = end < equals ? end : equals;
            continue;
        }
        end -= byte == '=' ? 2 : 0;
        if (!last || end > start) { /* else the `;` stands before CP */
            struct slice item = slice_from(segment.ptr + start, end - start);
            take_field(&state, item, equals < end ? equals - start : item.size);
        }
        if (last) {
            return end;
        }
        if (byte == ',') {
            message_break(message, RULE_SEPARATOR, slice_from(segment.ptr + end, 1));
        }
        start = end + 1;
        equals = segment.size;
    }
}

static int number_of(struct slice text, uint64_t max)
{
    uint64_t value;
    return slice_to_uint(text, max, &value) ? (int)value : -1;
}

void hj212_header_read(struct message *message, struct slice segment, struct slice *cp)
{
    *cp = slice_tail(segment, read_fields(message, segment) + 3);
    message->st_code = number_of(message->st, 99);
    message->cn_code = number_of(message->cn, 9999);
    message->flag_code = number_of(message->flag, 255);
    message->pnum_code = number_of(message->pnum, 9999);
    message->pno_code = number_of(message->pno, 9999);
}
