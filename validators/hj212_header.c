#include <stddef.h>

#include "validators/hj212_fields.h"

/* In the order of the standard. */
static const struct {
    const char *name;
    size_t size, offset;
} FIELDS[] = {
#define FIELD(name, member)                                                                        \
    {                                                                                              \
        name, sizeof(name) - 1, offsetof(struct message, member)                                   \
    }
    FIELD("QN", qn),
    FIELD("ST", st),
    FIELD("CN", cn),
    FIELD("PW", pw),
    FIELD("MN", mn),
    FIELD("Flag", flag),
    FIELD("PNUM", pnum),
    FIELD("PNO", pno),
    FIELD("RF", rf),
#undef FIELD
};

enum { FIELD_COUNT = sizeof FIELDS / sizeof FIELDS[0], MN_FIELD = 4 };

static bool same_but_case(struct slice a, const char *name)
{
    size_t i = 0;
    for (; i < a.size && name[i] != '\0'; i++) {
        if ((a.ptr[i] | 0x20) != ((uint8_t)name[i] | 0x20)) {
            return false;
        }
    }
    return i == a.size && name[i] == '\0';
}

static size_t field_index(struct slice name, struct message *message)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (slice_equal(name, slice_from(FIELDS[i].name, FIELDS[i].size))) {
            return i;
        }
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (same_but_case(name, FIELDS[i].name)) {
            message_break(message, RULE_NAME_CASE, name);
            return i;
        }
    }
    return FIELD_COUNT;
}

struct header_state {
    struct message *message;
    uint32_t seen; /* bit i: FIELDS[i] has come */
    size_t last;   /* its index, to see the order */
};

static void take_field(struct header_state *state, struct slice item)
{
    struct message *message = state->message;
    struct slice value = hj212_trim(item, message);
    size_t equals = slice_find(value, 0, '=');
    if (equals == value.size) {
        message_break(message, RULE_SEPARATOR, item);
    }
    if (value.size == 0) {
        return;
    }
    struct slice name = hj212_trim(slice_head(value, equals), message);
    value = slice_tail(value, equals + 1);
    size_t index = field_index(name, message);
    if (index == FIELD_COUNT) {
        message_break(message, RULE_FIELD_UNKNOWN, item);
        return;
    }
    if ((state->seen >> index & 1) != 0) {
        message_break(message, RULE_FIELD_REPEATED, item);
        return; /* the first stands */
    }
    if (index < state->last) {
        message_break(message, RULE_FIELD_ORDER, item);
    }
    state->seen |= UINT32_C(1) << index;
    state->last = index;
    *(struct slice *)(void *)((uint8_t *)message + FIELDS[index].offset) =
        hj212_trim(value, message);
    message->has_mn = message->has_mn || index == MN_FIELD;
}

static void break_if(bool odd, struct message *message, enum validity_rule id, struct slice at)
{
    if (odd) {
        message_break(message, id, at);
    }
}

/* Where CP begins: the name at the place of a field, or CP=& anywhere (C.19 has no `;` before it), in
 * whatever case; the size of the segment when nowhere. */
static size_t find_cp(struct slice segment, struct message *message)
{
    for (size_t at = 0; at + 3 <= segment.size; at++) {
        struct slice here = slice_from(segment.ptr + at, 3);
        if ((here.ptr[0] | 0x20) != 'c' || here.ptr[2] != '=' || !same_but_case(here, "CP=")) {
            continue;
        }
        bool behind_one = at == 0 || here.ptr[-1] == ';';
        bool holds = at + 3 < segment.size && segment.ptr[at + 3] == '&';
        if (behind_one || holds) {
            break_if(!slice_is(here, "CP="), message, RULE_NAME_CASE, here);
            break_if(!behind_one, message, RULE_SEPARATOR, here);
            return at;
        }
    }
    return segment.size;
}

static int number_of(struct slice text, uint64_t max)
{
    uint64_t value;
    return slice_to_uint(text, max, &value) ? (int)value : -1;
}

void hj212_header_read(struct message *message, struct slice segment, struct slice *cp)
{
    struct header_state state = {.message = message};
    size_t cp_at = find_cp(segment, message);
    struct slice rest = slice_head(segment, cp_at);
    *cp = slice_tail(segment, cp_at + 3);
    for (size_t start = 0, at = 0; at <= rest.size; at++) {
        bool ends = at == rest.size || rest.ptr[at] == ';' || rest.ptr[at] == ',';
        bool behind_last = at == rest.size && start == at; /* the `;` before CP */
        if (ends && !behind_last) {
            take_field(&state, slice_from(rest.ptr + start, at - start));
        }
        start = ends ? at + 1 : start;
        if (at < rest.size && rest.ptr[at] == ',') {
            message_break(message, RULE_SEPARATOR, slice_from(rest.ptr + at, 1));
        }
    }
    message->st_code = number_of(message->st, 99);
    message->cn_code = number_of(message->cn, 9999);
    message->flag_code = number_of(message->flag, 255);
    message->pnum_code = number_of(message->pnum, 9999);
    message->pno_code = number_of(message->pno, 9999);
}
