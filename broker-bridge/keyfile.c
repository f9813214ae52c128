#include "broker-bridge/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "validators/keyring.h"

static enum status refuse(
    const char *path, struct report *report, enum status status, const char *words)
{
    report_say(report, slice_of(path), 0, 0, "%s", words);
    return status;
}

/* A key that another user could have read is no secret any more; so this is no warning. */
static enum status judge_file(const char *path, const struct stat *info, struct report *report)
{
    if (!S_ISREG(info->st_mode)) {
        return refuse(path, report, STATUS_IO, "it is no file");
    }
    if (info->st_uid != geteuid() && geteuid() != 0) {
        return refuse(path, report, STATUS_IO, "it belongs to another user: chown it to the hub's");
    }
    if ((info->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return refuse(path, report, STATUS_INVALID,
            "others than its owner may read or write it: chmod 600, and change keys that may be "
            "known");
    }
    if (info->st_size > KEYFILE_SIZE_MAX) {
        return refuse(path, report, STATUS_INVALID, "larger than 16 MiB");
    }
    return STATUS_OK;
}

static bool read_whole(int fd, uint8_t *bytes, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t more = read(fd, bytes + got, size - got);
        if (more <= 0) {
            return false;
        }
        got += (size_t)more;
    }
    return true;
}

static enum status read_open(
    int fd, const char *path, struct keyring **keyring, struct report *report)
{
    struct stat info;
    enum status status = fstat(fd, &info) == 0 ? judge_file(path, &info, report)
                                               : refuse(path, report, STATUS_IO, strerror(errno));
    if (status != STATUS_OK) {
        return status;
    }
    size_t size = (size_t)info.st_size;
    uint8_t *bytes = malloc(size + 1);
    assert(bytes != NULL);
    status = read_whole(fd, bytes, size)
                 ? keyring_parse(slice_from(bytes, size), slice_of(path), keyring, report)
                 : refuse(path, report, STATUS_IO, "it changed while it was read; try again");
    OPENSSL_cleanse(bytes, size);
    free(bytes);
    return status;
}

enum status keyfile_read(const char *path, struct keyring **keyring, struct report *report)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return refuse(path, report, STATUS_IO, strerror(errno));
    }
    enum status status = read_open(fd, path, keyring, report);
    close(fd);
    return status;
}
