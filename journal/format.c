#include "journal/format.h"

#include <assert.h>
#include <isa-l/crc.h>
#include <stdatomic.h>
#include <string.h>

static const char SEGMENT_MAGIC[8] = {'H', 'J', 'J', 'S', 'E', 'G', '0', '1'};

enum { RECORD_MAGIC = 0x31524A48 }; /* "HJR1" */

static void put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t get(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

static uint32_t crc32c(const uint8_t *bytes, size_t size, uint32_t start)
{
    /* isa-l leaves the conditioning to the caller and takes the length as an int. */
    return crc32_iscsi((uint8_t *)(uintptr_t)bytes, (int)size, start);
}

void segment_header_write(uint8_t *at, const struct segment_header *header)
{
    memset(at, 0, SEGMENT_HEADER_SIZE);
    memcpy(at, SEGMENT_MAGIC, sizeof SEGMENT_MAGIC);
    put(at + 8, FORMAT_VERSION, 4);
    put(at + 12, (uint64_t)header->stream, 4);
    put(at + 16, header->number, 4);
    put(at + 20, header->epoch, 4);
    put(at + 24, header->first_sequence, 8);
    put(at + 32, header->size, 8);
    memcpy(at + 40, header->area, strlen(header->area));
    put(at + 52, header->after_loss, 4);
    put(at + 60, crc32c(at, 60, UINT32_MAX) ^ UINT32_MAX, 4);
}

bool segment_header_read(struct slice bytes, struct segment_header *header)
{
    if (bytes.size < SEGMENT_HEADER_SIZE ||
        memcmp(bytes.ptr, SEGMENT_MAGIC, sizeof SEGMENT_MAGIC) != 0 ||
        get(bytes.ptr + 8, 4) != FORMAT_VERSION ||
        get(bytes.ptr + 60, 4) != (crc32c(bytes.ptr, 60, UINT32_MAX) ^ UINT32_MAX)) {
        return false;
    }
    *header = (struct segment_header){
        .stream = get(bytes.ptr + 12, 4) == 0 ? STREAM_CAME : STREAM_SAID,
        .number = (uint32_t)get(bytes.ptr + 16, 4),
        .epoch = (uint32_t)get(bytes.ptr + 20, 4),
        .first_sequence = get(bytes.ptr + 24, 8),
        .size = get(bytes.ptr + 32, 8),
        .after_loss = get(bytes.ptr + 52, 4) != 0,
    };
    memcpy(header->area, bytes.ptr + 40, AREA_DIGITS_MAX);
    return true;
}

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

size_t record_size(const struct record *record)
{
    if (record->topic.size > UINT16_MAX || record->response_topic.size > UINT16_MAX ||
        record->correlation.size > UINT16_MAX || record->payload.size > JOURNAL_PAYLOAD_SIZE_MAX) {
        return 0;
    }
    return padded(RECORD_HEADER_SIZE + record->topic.size + record->response_topic.size +
                  record->correlation.size + record->payload.size);
}

static uint8_t *put_slice(uint8_t *at, struct slice bytes)
{
    if (bytes.size > 0) {
        memcpy(at, bytes.ptr, bytes.size);
    }
    return at + bytes.size;
}

/* Over the length and everything behind the checksum itself. */
static uint32_t record_crc(const uint8_t *at, size_t size)
{
    uint8_t length[4];
    put(length, size, 4);
    uint32_t crc = crc32c(length, sizeof length, UINT32_MAX);
    return crc32c(at + 12, size - 12, crc) ^ UINT32_MAX;
}

void record_write(uint8_t *at, const struct record *record, size_t size)
{
    assert(size == record_size(record) && (uintptr_t)at % 8 == 0);
    put(at + 4, RECORD_MAGIC, 4);
    put(at + 12, (uint64_t)record->kind, 2);
    at[14] = (uint8_t)((record->qos & 3) | (record->dup ? 4 : 0) | (record->retain ? 8 : 0) |
                       (record->clock_synchronised ? 16 : 0));
    at[15] = (uint8_t)record->session;
    put(at + 16, record->sequence, 8);
    put(at + 24, record->cause, 8);
    put(at + 32, record->index, 4);
    put(at + 36, record->epoch, 4);
    put(at + 40, (uint64_t)record->wall.ms, 8);
    put(at + 48, (uint64_t)record->mono.ms, 8);
    put(at + 56, record->topic.size, 2);
    put(at + 58, record->response_topic.size, 2);
    put(at + 60, record->correlation.size, 2);
    put(at + 62, 0, 2);
    put(at + 64, record->payload.size, 4);
    put(at + 68, 0, 4);
    uint8_t *end = put_slice(at + RECORD_HEADER_SIZE, record->topic);
    end = put_slice(end, record->response_topic);
    end = put_slice(end, record->correlation);
    end = put_slice(end, record->payload);
    memset(end, 0, (size_t)(at + size - end));
    put(at + 8, record_crc(at, size), 4);
    /* From here on there is a record: a kill before this store leaves nothing. x86 and arm64 are
     * little-endian, as the format is. */
    atomic_store_explicit((_Atomic uint32_t *)(void *)at, (uint32_t)size, memory_order_release);
}

static struct slice take(const uint8_t **at, size_t size)
{
    struct slice bytes = slice_from(*at, size);
    *at += size;
    return bytes;
}

enum format_outcome record_read(struct slice bytes, struct record *record, size_t *size)
{
    if (bytes.size < RECORD_HEADER_SIZE) {
        return FORMAT_END; /* no record fits here */
    }
    const uint8_t *at = bytes.ptr;
    uint32_t length = atomic_load_explicit((_Atomic uint32_t *)(uintptr_t)at, memory_order_acquire);
    if (length == 0) {
        return FORMAT_END;
    }
    if (length < RECORD_HEADER_SIZE || length % 8 != 0 || length > bytes.size ||
        get(at + 4, 4) != RECORD_MAGIC || get(at + 8, 4) != record_crc(at, length)) {
        return FORMAT_BAD;
    }
    size_t topic = get(at + 56, 2), response = get(at + 58, 2), correlation = get(at + 60, 2);
    size_t payload = get(at + 64, 4);
    if (padded(RECORD_HEADER_SIZE + topic + response + correlation + payload) != length ||
        at[15] > SESSION_UP) {
        return FORMAT_BAD;
    }
    const uint8_t *part = at + RECORD_HEADER_SIZE;
    *record = (struct record){
        .kind = (enum record_kind)get(at + 12, 2),
        .qos = at[14] & 3,
        .dup = (at[14] & 4) != 0,
        .retain = (at[14] & 8) != 0,
        .clock_synchronised = (at[14] & 16) != 0,
        .session = (enum session_state)at[15],
        .sequence = get(at + 16, 8),
        .cause = get(at + 24, 8),
        .index = (uint32_t)get(at + 32, 4),
        .epoch = (uint32_t)get(at + 36, 4),
        .wall = {(int64_t)get(at + 40, 8)},
        .mono = {(int64_t)get(at + 48, 8)},
    };
    record->topic = take(&part, topic);
    record->response_topic = take(&part, response);
    record->correlation = take(&part, correlation);
    record->payload = take(&part, payload);
    *size = length;
    return FORMAT_RECORD;
}

void commit_payload_write(
    uint8_t out[static COMMIT_PAYLOAD_SIZE], const struct commit_payload *commit)
{
    memset(out, 0, COMMIT_PAYLOAD_SIZE);
    put(out, (uint64_t)commit->algorithm, 4);
    put(out + 8, commit->came_first, 8);
    put(out + 16, commit->came_last, 8);
    put(out + 24, commit->said_first, 8);
    put(out + 32, commit->said_last, 8);
    memcpy(out + 48, commit->previous, JOURNAL_DIGEST_SIZE);
    memcpy(out + 80, commit->digest, JOURNAL_DIGEST_SIZE);
}

bool commit_payload_read(struct slice bytes, struct commit_payload *commit)
{
    if (bytes.size != COMMIT_PAYLOAD_SIZE || get(bytes.ptr, 4) > JOURNAL_SM3) {
        return false;
    }
    *commit = (struct commit_payload){
        .algorithm = (enum journal_digest)get(bytes.ptr, 4),
        .came_first = get(bytes.ptr + 8, 8),
        .came_last = get(bytes.ptr + 16, 8),
        .said_first = get(bytes.ptr + 24, 8),
        .said_last = get(bytes.ptr + 32, 8),
    };
    memcpy(commit->previous, bytes.ptr + 48, JOURNAL_DIGEST_SIZE);
    memcpy(commit->digest, bytes.ptr + 80, JOURNAL_DIGEST_SIZE);
    return true;
}
