#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "journal/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Any bytes as the records of a segment: reading ends, stays inside, and believes only what checks. */
static void read_all(const uint8_t *bytes, size_t size)
{
    size_t at = 0, used = 0;
    struct record record;
    while (record_read(slice_from(bytes + at, size - at), &record, &used) == FORMAT_RECORD) {
        assert(used >= RECORD_HEADER_SIZE && used <= size - at);
        assert(record.payload.ptr + record.payload.size <= bytes + at + used);
        at += used;
    }
}

/* And as a file on disk: recovery keeps a prefix, and what it keeps is read again. */
static void recover(const uint8_t *bytes, size_t size)
{
    enum { SEGMENT_SIZE = 64 * 1024 };
    char folder[] = "/dev/shm/hjhub-fuzz-XXXXXX", path[100], command[140];
    if (mkdtemp(folder) == NULL) {
        return;
    }
    uint8_t *whole = calloc(1, SEGMENT_SIZE);
    assert(whole != NULL);
    struct segment_header header = {
        .stream = STREAM_CAME, .number = 1, .epoch = 1, .first_sequence = 1, .size = SEGMENT_SIZE};
    segment_header_write(whole, &header);
    size_t room = SEGMENT_SIZE - SEGMENT_HEADER_SIZE;
    memcpy(whole + SEGMENT_HEADER_SIZE, bytes, size < room ? size : room);
    snprintf(path, sizeof path, "%s/came-00000001.hjj", folder);
    FILE *file = fopen(path, "wb");
    assert(file != NULL);
    fwrite(whole, 1, SEGMENT_SIZE, file);
    fclose(file);
    free(whole);
    struct journal *journal;
    struct journal_recovery found;
    struct journal_options options = {
        .directory = folder, .segment_size = SEGMENT_SIZE, .reserve_size = SEGMENT_SIZE};
    uint64_t sequence = 0;
    if (journal_open(&options, &journal, &found) == STATUS_OK) {
        struct record record = {.kind = RECORD_TICK};
        enum status status = journal_append(journal, STREAM_CAME, &record, &sequence);
        assert(status == STATUS_OK && sequence == found.came_records + 1);
        journal_close(journal);
    }
    snprintf(command, sizeof command, "rm -rf %s", folder);
    int failed = system(command);
    (void)failed;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static unsigned count;
    uint8_t *copy = NULL;
    log_set_level(LOG_ERROR);
    if (posix_memalign((void **)&copy, 8, size + 8) != 0) {
        return 0;
    }
    memcpy(copy, bytes, size);
    read_all(copy, size);
    if (count++ % 256 == 0) { /* files are slow */
        recover(copy, size);
    }
    free(copy);
    return 0;
}
