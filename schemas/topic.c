#include "schemas/topic.h"

#include <assert.h>

static const char *const SHAPES[TOPIC_COUNT] = {
#define TOPIC(id, shape, writer) [TOPIC_##id] = shape,
#include "schemas/topics.def"
#undef TOPIC
};

bool area_valid(struct slice area)
{
    for (size_t i = 0; i < area.size; i++) {
        if (area.ptr[i] < '0' || area.ptr[i] > '9') {
            return false;
        }
    }
    return area.size >= 6 && area.size <= 12;
}

bool name_valid(struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.ptr[i];
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '-' || byte == '.';
        if (!plain) {
            return false;
        }
    }
    return name.size >= 1 && name.size <= 64;
}

static bool level_fits(struct slice want, struct slice level, struct topic *topic)
{
    if (slice_is(want, "%")) {
        topic->area = level;
        return area_valid(level);
    }
    if (slice_is(want, "*")) {
        topic->name = level;
        return name_valid(level);
    }
    return slice_equal(want, level);
}

static bool shape_fits(const char *shape, struct slice bytes, struct topic *topic)
{
    struct slice want = slice_of(shape);
    struct slice rest = bytes;
    while (want.size > 0 && rest.size > 0) {
        if (!level_fits(slice_cut(&want, '/'), slice_cut(&rest, '/'), topic)) {
            return false;
        }
    }
    return want.size == 0 && rest.size == 0;
}

struct topic topic_parse(struct slice bytes)
{
    bool ends_in_slash = bytes.size > 0 && bytes.ptr[bytes.size - 1] == '/';
    for (int kind = TOPIC_UNKNOWN + 1; kind < TOPIC_COUNT && !ends_in_slash; kind++) {
        struct topic topic = {.kind = (enum topic_kind)kind};
        if (shape_fits(SHAPES[kind], bytes, &topic)) {
            return topic;
        }
    }
    return (struct topic){0};
}

void topic_write(struct text *text, enum topic_kind kind, struct slice area, struct slice name)
{
    assert(kind > TOPIC_UNKNOWN && kind < TOPIC_COUNT);
    for (const char *at = SHAPES[kind]; *at != '\0'; at++) {
        if (*at == '%') {
            text_add_slice(text, area);
        } else if (*at == '*') {
            text_add_slice(text, name);
        } else {
            text_add_byte(text, *at);
        }
    }
}
