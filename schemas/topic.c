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

/* Up to the next slash. */
static struct slice level_at(struct slice bytes, size_t at)
{
    size_t end = at;
    while (end < bytes.size && bytes.ptr[end] != '/') {
        end += 1;
    }
    return slice_from(bytes.ptr + at, end - at);
}

static bool shape_fits(const char *shape, struct slice bytes, struct topic *topic)
{
    size_t at = 0;
    for (; *shape != '\0'; shape++) {
        if (*shape == '%' || *shape == '*') {
            struct slice *level = *shape == '%' ? &topic->area : &topic->name;
            *level = level_at(bytes, at);
            at += level->size;
        } else if (at == bytes.size || bytes.ptr[at++] != (uint8_t)*shape) {
            return false;
        }
    }
    return at == bytes.size && (topic->area.ptr == NULL || area_valid(topic->area)) &&
           (topic->name.ptr == NULL || name_valid(topic->name));
}

struct topic topic_parse(struct slice bytes)
{
    for (int kind = TOPIC_UNKNOWN + 1; kind < TOPIC_COUNT; kind++) {
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
