#include "broker-bridge/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/utf8.h"
#include "schemas/topic.h"
#include "validators/registry_csv.h"

enum { FILES_MAX = 4096, FILE_SIZE_MAX = 64 * 1024 * 1024, PATH_SIZE = 4096 };

struct part {
    struct slice name, bytes;
};

struct folder {
    const char *directory;
    const char *suffix;
    struct arena *arena;
    struct report *report;
    struct part *parts;
    size_t count;
    enum status status; /* the worst so far */
    enum status (*canonical)(struct arena *arena, struct slice name, struct slice bytes,
        struct slice *made, struct report *report);
};

/* Rules are kept as they are written: their comments are part of what a bureau decided. */
static enum status rules_canonical(struct arena *arena, struct slice name, struct slice bytes,
    struct slice *made, struct report *report)
{
    (void)arena;
    *made = bytes;
    if (!utf8_valid(bytes)) {
        report_say(report, name, 0, 0, "not UTF-8: save the file as UTF-8");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status cannot_read(struct folder *folder, const char *name, const char *why)
{
    report_say(folder->report, slice_of(name), 0, 0, "cannot be read: %s", why);
    return STATUS_IO;
}

static enum status read_open(
    struct folder *folder, const char *name, FILE *file, struct slice *bytes)
{
    struct stat info;
    if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
        return cannot_read(folder, name, "it is no file");
    }
    if (info.st_size > FILE_SIZE_MAX) {
        return cannot_read(folder, name, "larger than 64 MiB");
    }
    uint8_t *made = arena_take(folder->arena, (size_t)info.st_size + 1, 1);
    size_t got = fread(made, 1, (size_t)info.st_size, file);
    if (got != (size_t)info.st_size || ferror(file) != 0) {
        return cannot_read(folder, name, "it changed while it was read; try again");
    }
    *bytes = slice_from(made, got);
    return STATUS_OK;
}

static enum status read_file(struct folder *folder, const char *name, struct slice *bytes)
{
    char path[PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s/%s", folder->directory, name);
    if (size < 0 || (size_t)size >= sizeof path) {
        return cannot_read(folder, name, "the path is too long");
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return cannot_read(folder, name, strerror(errno));
    }
    enum status status = read_open(folder, name, file, bytes);
    fclose(file);
    return status;
}

/* A file that only looks like one of ours ("devices (1).csv", "Limits.CSV") is said, never skipped:
 * whoever put it there believes that it counts. */
static bool name_fits(struct folder *folder, const char *name)
{
    size_t size = strlen(name), tail = strlen(folder->suffix);
    if (name[0] == '.' || size <= tail || strcasecmp(name + size - tail, folder->suffix) != 0) {
        return false;
    }
    if (strcmp(name + size - tail, folder->suffix) == 0 && name_valid(slice_of(name))) {
        return true;
    }
    report_say(folder->report, slice_of(name), 0, 0,
        "is not read under this name: call it <name>%s in 0-9 A-Z a-z _ - . or take it away",
        folder->suffix);
    folder->status = STATUS_INVALID;
    return false;
}

static int by_name(const void *a, const void *b)
{
    return slice_compare(((const struct part *)a)->name, ((const struct part *)b)->name);
}

static void read_part(struct folder *folder, const char *name)
{
    struct part *part = &folder->parts[folder->count];
    part->name = arena_copy(folder->arena, slice_of(name));
    enum status status = read_file(folder, name, &part->bytes);
    if (status == STATUS_OK) {
        status =
            folder->canonical(folder->arena, part->name, part->bytes, &part->bytes, folder->report);
    }
    folder->count += 1;
    folder->status = status == STATUS_OK ? folder->status : status;
}

static enum status read_parts(struct folder *folder)
{
    DIR *open = opendir(folder->directory);
    struct dirent *entry;
    if (open == NULL) {
        return cannot_read(folder, folder->directory, strerror(errno));
    }
    folder->parts = arena_take(folder->arena, FILES_MAX, sizeof *folder->parts);
    while ((entry = readdir(open)) != NULL) {
        if (folder->count == FILES_MAX) {
            folder->status = cannot_read(folder, folder->directory, "more than 4096 files");
            break;
        }
        if (name_fits(folder, entry->d_name)) {
            read_part(folder, entry->d_name);
        }
    }
    closedir(open);
    if (folder->count > 0) {
        qsort(folder->parts, folder->count, sizeof *folder->parts, by_name);
    }
    return folder->status;
}

static struct slice join(struct folder *folder)
{
    size_t room = 1;
    for (size_t i = 0; i < folder->count; i++) {
        room += folder->parts[i].bytes.size + folder->parts[i].name.size + 32;
    }
    struct text text = text_in(arena_take(folder->arena, room, 1), room);
    for (size_t i = 0; i < folder->count; i++) {
        text_add(&text, "--- ");
        text_add_slice(&text, folder->parts[i].name);
        text_add_byte(&text, ' ');
        text_add_int(&text, (int64_t)folder->parts[i].bytes.size);
        text_add_byte(&text, '\n');
        text_add_slice(&text, folder->parts[i].bytes);
        text_add_byte(&text, '\n');
    }
    return text_slice(&text);
}

static enum status read_folder(struct folder *folder, struct slice *bundle)
{
    enum status status = read_parts(folder);
    if (status == STATUS_OK && folder->count == 0) {
        report_say(folder->report, slice_of(folder->directory), 0, 0,
            "holds no *%s file: is it the right folder?", folder->suffix);
        status = STATUS_IO;
    }
    if (status == STATUS_OK) {
        *bundle = join(folder);
    }
    return status;
}

enum status registry_dir_read(
    const char *directory, struct arena *arena, struct slice *bundle, struct report *report)
{
    struct folder folder = {.directory = directory,
        .suffix = ".csv",
        .arena = arena,
        .report = report,
        .canonical = registry_table_canonical};
    return read_folder(&folder, bundle);
}

enum status rules_dir_read(
    const char *directory, struct arena *arena, struct slice *bundle, struct report *report)
{
    struct folder folder = {.directory = directory,
        .suffix = ".yaml",
        .arena = arena,
        .report = report,
        .canonical = rules_canonical};
    return read_folder(&folder, bundle);
}
