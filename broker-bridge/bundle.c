#include "broker-bridge/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/utf8.h"
#include "validators/registry_csv.h"

enum { FILES_MAX = 4096, FILE_SIZE_MAX = 16 * 1024 * 1024, PATH_SIZE = 4096 };

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

static enum status read_file(struct folder *folder, const char *name, struct slice *bytes)
{
    char path[PATH_SIZE];
    struct stat info;
    int size = snprintf(path, sizeof path, "%s/%s", folder->directory, name);
    FILE *file = size > 0 && (size_t)size < sizeof path ? fopen(path, "rb") : NULL;
    if (file == NULL || fstat(fileno(file), &info) != 0 || info.st_size > FILE_SIZE_MAX) {
        report_say(folder->report, slice_of(name), 0, 0, "cannot be read: %s",
            file == NULL ? strerror(errno) : "larger than 16 MiB");
        if (file != NULL) {
            fclose(file);
        }
        return STATUS_INVALID;
    }
    uint8_t *made = arena_take(folder->arena, (size_t)info.st_size + 1, 1);
    size_t got = fread(made, 1, (size_t)info.st_size, file);
    fclose(file);
    *bytes = slice_from(made, got);
    return STATUS_OK;
}

static bool name_fits(const char *name, const char *suffix)
{
    size_t size = strlen(name), tail = strlen(suffix);
    return name[0] != '.' && size > tail && strcmp(name + size - tail, suffix) == 0 &&
           strpbrk(name, " \n") == NULL;
}

static int by_name(const void *a, const void *b)
{
    return slice_compare(((const struct part *)a)->name, ((const struct part *)b)->name);
}

static enum status read_parts(struct folder *folder)
{
    DIR *open = opendir(folder->directory);
    struct dirent *entry;
    enum status status = STATUS_OK;
    if (open == NULL) {
        report_say(folder->report, slice_of(folder->directory), 0, 0, "no such folder: %s",
            strerror(errno));
        return STATUS_INVALID;
    }
    folder->parts = arena_take(folder->arena, FILES_MAX, sizeof *folder->parts);
    while ((entry = readdir(open)) != NULL && folder->count < FILES_MAX) {
        if (!name_fits(entry->d_name, folder->suffix)) {
            continue;
        }
        struct part *part = &folder->parts[folder->count];
        part->name = arena_copy(folder->arena, slice_of(entry->d_name));
        enum status one = read_file(folder, entry->d_name, &part->bytes);
        if (one == STATUS_OK) {
            one = folder->canonical(
                folder->arena, part->name, part->bytes, &part->bytes, folder->report);
        }
        folder->count += 1;
        status = one == STATUS_OK ? status : one;
    }
    closedir(open);
    qsort(folder->parts, folder->count, sizeof *folder->parts, by_name);
    return status;
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
        status = STATUS_INVALID;
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
