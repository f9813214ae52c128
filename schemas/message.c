#include "schemas/message.h"

static const char *const EDITIONS[] = {"", "2005", "2017", "2025"};
static const char *const CRC_KINDS[] = {"standard", "modbus", "modbus-swapped"};
static const char *const FORMATS[] = {"hj212", "senml"};

enum {
    EDITION_COUNT = sizeof EDITIONS / sizeof EDITIONS[0],
    CRC_KIND_COUNT = sizeof CRC_KINDS / sizeof CRC_KINDS[0],
    FORMAT_COUNT = sizeof FORMATS / sizeof FORMATS[0],
};

/* The index of the name in its list, or `count`. */
static size_t name_index(const char *const *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(name, names[i])) {
            return i;
        }
    }
    return count;
}

const char *edition_name(enum edition edition)
{
    assert((size_t)edition < EDITION_COUNT);
    return EDITIONS[edition];
}

bool edition_from(struct slice name, enum edition *edition)
{
    size_t index = name_index(EDITIONS, EDITION_COUNT, name);
    *edition = index < EDITION_COUNT ? (enum edition)index : EDITION_UNKNOWN;
    return index < EDITION_COUNT;
}

const char *crc_kind_name(enum crc_kind kind)
{
    assert((size_t)kind < CRC_KIND_COUNT);
    return CRC_KINDS[kind];
}

bool crc_kind_from(struct slice name, enum crc_kind *kind)
{
    size_t index = name_index(CRC_KINDS, CRC_KIND_COUNT, name);
    *kind = index < CRC_KIND_COUNT ? (enum crc_kind)index : CRC_STANDARD;
    return index < CRC_KIND_COUNT;
}

const char *format_name(enum format format)
{
    assert((size_t)format < FORMAT_COUNT);
    return FORMATS[format];
}

bool format_from(struct slice name, enum format *format)
{
    size_t index = name_index(FORMATS, FORMAT_COUNT, name);
    *format = index < FORMAT_COUNT ? (enum format)index : FORMAT_HJ212;
    return index < FORMAT_COUNT;
}
