#include "cli/keys_new.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker-bridge/keyfile.h"
#include "cli/command.h"
#include "validators/keyring.h"

enum { PATH_SIZE = 4096, ROW_SIZE = 256 };

static const char HEAD[] = "mn,key_id,key,from,until\n";
static const char SIGNS[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Each sign as likely as another: a byte that would favour the first ones is thrown away. */
static bool make_key(char key[static SM4_KEY_SIZE])
{
    const size_t count = sizeof SIGNS - 1;
    size_t made = 0;
    while (made < SM4_KEY_SIZE) {
        uint8_t byte;
        if (getrandom(&byte, 1, 0) != 1) {
            return false;
        }
        if (byte < 256 / count * count) {
            key[made++] = SIGNS[byte % count];
        }
    }
    return true;
}

static bool write_row(struct text *row, const char *mn, const struct key_made *made)
{
    char key[SM4_KEY_SIZE];
    bool fine = make_key(key);
    text_add(row, mn);
    text_add_byte(row, ',');
    text_add(row, made->id);
    text_add_byte(row, ',');
    text_add_slice(row, slice_from(key, sizeof key));
    text_add_byte(row, ',');
    text_add_time(row, made->from);
    text_add_byte(row, ',');
    text_add_time(row, made->until);
    text_add_byte(row, '\n');
    OPENSSL_cleanse(key, sizeof key);
    return fine && !row->truncated;
}

/* The rows that are there already, as they stand, with a line end behind the last. */
static bool copy_old(int from, int to)
{
    char bytes[4096];
    char last = '\n';
    ssize_t got;
    while ((got = read(from, bytes, sizeof bytes)) > 0) {
        if (write(to, bytes, (size_t)got) != got) {
            return false;
        }
        last = bytes[got - 1];
    }
    OPENSSL_cleanse(bytes, sizeof bytes);
    return got == 0 && (last == '\n' || write(to, "\n", 1) == 1);
}

static bool write_all(int to, int old, struct slice row)
{
    struct stat info;
    bool fine = true;
    if (old < 0) {
        fine = write(to, HEAD, sizeof HEAD - 1) == (ssize_t)sizeof HEAD - 1;
    } else {
        fine = fstat(old, &info) == 0 && fchown(to, info.st_uid, info.st_gid) == 0 &&
               copy_old(old, to) &&
               (info.st_size > 0 || write(to, HEAD, sizeof HEAD - 1) == (ssize_t)sizeof HEAD - 1);
    }
    return fine && write(to, row.ptr, row.size) == (ssize_t)row.size && fsync(to) == 0;
}

static bool sync_folder(const char *path)
{
    char copy[PATH_SIZE];
    snprintf(copy, sizeof copy, "%s", path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fine = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0) {
        close(folder);
    }
    return fine;
}

static bool replace(const char *path, struct slice row)
{
    char beside[PATH_SIZE];
    int size = snprintf(beside, sizeof beside, "%s.new", path);
    int old = open(path, O_RDONLY | O_CLOEXEC);
    int to = size < 0 || (size_t)size >= sizeof beside
                 ? -1
                 : open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool fine = to >= 0 && write_all(to, old, row);
    fine = to >= 0 && close(to) == 0 && fine;
    if (old >= 0) {
        close(old);
    }
    if (to >= 0 && !(fine && rename(beside, path) == 0 && sync_folder(path))) {
        int error = errno;
        unlink(beside);
        errno = error;
        fine = false;
    }
    return fine;
}

int keys_new(const char *path, const char *mn, struct event_time now, struct key_made *made)
{
    char space[ROW_SIZE];
    struct text row = text_in(space, sizeof space);
    made->from.ms = now.ms - now.ms % SECOND_MS;
    made->until.ms = made->from.ms + (int64_t)KEY_LIFE_DAYS * DAY_MS;
    event_time_write_qn(now, made->id);
    bool fine = write_row(&row, mn, made) && replace(path, text_slice(&row));
    OPENSSL_cleanse(space, sizeof space);
    return fine ? EXIT_FINE : command_fail("keys", "%s: not written: %s", path, strerror(errno));
}
