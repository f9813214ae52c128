/* hj212_make -- frames for tests, with a CRC that is worked out bit by bit as the standard's text does. */
#ifndef TESTS_UNIT_HJ212_MAKE_H
#define TESTS_UNIT_HJ212_MAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/slice.h"

enum { FRAME_SIZE_MAX = 12 * 1024 };

static inline uint16_t made_crc(const uint8_t *bytes, size_t size)
{
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < size; i++) {
        crc = (crc >> 8) ^ bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xA001 : crc >> 1;
        }
    }
    return (uint16_t)crc;
}

/* The frame of a segment, at the end of what stands in `to` (FRAME_SIZE_MAX bytes). */
static inline size_t frame_append(char *to, size_t size, const char *segment)
{
    int added = snprintf(to + size, FRAME_SIZE_MAX - size, "##%04zu%s%04X\r\n", strlen(segment),
        segment, made_crc((const uint8_t *)segment, strlen(segment)));
    return size + (size_t)added;
}

/* A copy of exactly this size, so that a sanitizer sees one byte too many. The caller frees it. */
static inline uint8_t *exact_copy(const void *bytes, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL) {
        abort();
    }
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}

#endif
