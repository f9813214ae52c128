#include "tests/bench/frames.h"

#include <assert.h>
#include <stdio.h>

#include "validators/hj212_crc.h"

/* As a stack's analyser sends them; dust with a decimal that its type does not have, as most do. */
static const struct {
    const char *name;
    bool converted; /* to the reference oxygen, beside the measured value */
    int zeros;      /* behind the tenths */
} FACTORS[] = {
    {"a21026", true, 1},
    {"a34013", true, 0},
    {"a21002", true, 0},
    {"a21003", true, 0},
    {"a01011", false, 1},
    {"a01012", false, 0},
    {"a01013", false, 2},
    {"a01014", false, 0},
    {"a19001", false, 0},
    {"a21005", false, 1},
};

enum { FACTOR_COUNT = sizeof FACTORS / sizeof FACTORS[0] };

static uint16_t table[256];

static void fill_table(void)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned crc = i;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xA001 : crc >> 1;
        }
        table[i] = (uint16_t)crc;
    }
}

uint16_t plain_crc(struct slice bytes)
{
    uint16_t crc = 0xFFFF;
    if (table[1] == 0) {
        fill_table();
    }
    for (size_t i = 0; i < bytes.size; i++) {
        crc = table[(crc >> 8) ^ bytes.ptr[i]];
    }
    return crc;
}

static int add_factor(char *at, size_t room, const struct frame *frame, int index)
{
    const char *name = FACTORS[index].name;
    int zeros = FACTORS[index].zeros, size = 0;
    /* No two alike in all factors: data that came before is a duplicate, whatever its QN. */
    static const unsigned PARTS[] = {1, 100, 10000};
    unsigned salt = frame->salt / PARTS[index % 3];
    unsigned tenths = index == 0 ? frame->so2_tenths : 100 + (salt * 7 + (unsigned)index) % 100;
    size += snprintf(at, room, ";%s-Rtd=%u.%u%.*s", name, tenths / 10, tenths % 10, zeros, "00");
    if (FACTORS[index].converted) {
        size += snprintf(at + size, room - (size_t)size, ",%s-ZsRtd=%u.%u%.*s", name,
            tenths / 10 + 2, tenths % 10, zeros, "00");
    }
    return size + snprintf(at + size, room - (size_t)size, ",%s-Flag=N", name);
}

void frame_write(const struct frame *frame, char out[static FRAME_SPACE])
{
    char segment[FRAME_SPACE], qn[18];
    event_time_write_qn(frame->time, qn);
    int size = snprintf(segment, sizeof segment,
        "QN=%s;ST=31;CN=2011;PW=%s;MN=%s;Flag=%d;CP=&&DataTime=%.14s", qn, frame->pw, frame->mn,
        frame->asks ? 5 : 4, qn);
    for (int i = 0; i < FACTOR_COUNT; i++) {
        size += add_factor(segment + size, sizeof segment - (size_t)size, frame, i);
    }
    size += snprintf(segment + size, sizeof segment - (size_t)size, "&&");
    int whole = snprintf(out, FRAME_SPACE, "##%04d%s%04X\r\n", size, segment,
        hj212_crc(CRC_STANDARD, slice_from(segment, (size_t)size)));
    assert(whole == FRAME_SIZE);
}
