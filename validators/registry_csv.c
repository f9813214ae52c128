#include "validators/registry_csv.h"

#include <assert.h>
#include <iconv.h>
#include <string.h>

#include "core/hash.h"
#include "core/utf8.h"
#include "schemas/topic.h"
#include "validators/registry_parse.h"

#define TABLE(id, file, needed)           static const struct csv_column COLUMNS_##id[] = {
#define COLUMN(table, id, name, required) {name, required},
#define END(table)                                                                                 \
    }                                                                                              \
    ;
#include "validators/registry_rows.def"
#undef TABLE
#undef COLUMN
#undef END

static const struct {
    const char *file;
    bool needed;
    const struct csv_column *columns;
    size_t column_count;
} TABLES[REGISTRY_TABLE_COUNT] = {
#define TABLE(id, file, needed) [REGISTRY_##id] = {file, needed, COLUMNS_##id, id##_COLUMN_COUNT},
#define COLUMN(table, id, name, required)
#define END(table)
#include "validators/registry_rows.def"
#undef TABLE
#undef COLUMN
#undef END
};

/* Spreadsheets in China save GB18030 as readily as UTF-8; what is no UTF-8 is taken for it. */
static bool to_utf8(struct arena *arena, struct slice bytes, struct slice *out)
{
    size_t room = bytes.size * 3 + 4;
    uint8_t *made = arena_take(arena, room, 1);
    char *from = (char *)(uintptr_t)bytes.ptr, *to = (char *)made;
    size_t from_left = bytes.size, to_left = room;
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter == (iconv_t)-1) {
        return false;
    }
    size_t failed = iconv(converter, &from, &from_left, &to, &to_left);
    iconv_close(converter);
    *out = slice_from(made, room - to_left);
    return failed != (size_t)-1 && from_left == 0;
}

enum status registry_table_canonical(struct arena *arena, struct slice name, struct slice bytes,
    struct slice *canonical, struct report *report)
{
    struct slice text = bytes;
    bool readable = utf8_valid(text) || to_utf8(arena, text, &text);
    if (slice_starts(text, "\xEF\xBB\xBF")) { /* the mark of either encoding */
        text = slice_tail(text, 3);
    }
    if (!readable) {
        report_say(report, name, 0, 0,
            "neither UTF-8 nor GB18030: save it as \"CSV UTF-8\" from the spreadsheet");
        return STATUS_INVALID;
    }
    if (memchr(text.ptr == NULL ? (const uint8_t *)"" : text.ptr, '\0', text.size) != NULL) {
        report_say(report, name, 0, 0, "holds a NUL byte: it is no CSV text (UTF-16 perhaps)");
        return STATUS_INVALID;
    }
    uint8_t *made = arena_take(arena, text.size + 1, 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.ptr[i] != '\r') {
            made[size++] = text.ptr[i];
        }
    }
    if (size > 0 && made[size - 1] != '\n') {
        made[size++] = '\n';
    }
    *canonical = slice_from(made, size);
    return STATUS_OK;
}

/* `--- name.csv size` LF, then the bytes and LF. */
static bool next_part(struct slice *rest, struct slice *name, struct slice *bytes)
{
    uint64_t size;
    struct slice line = slice_cut(rest, '\n');
    if (!slice_starts(line, "--- ")) {
        return false;
    }
    line = slice_tail(line, 4);
    *name = slice_cut(&line, ' ');
    if (!slice_to_uint(line, rest->size, &size)) {
        return false;
    }
    *bytes = slice_head(*rest, (size_t)size);
    *rest = slice_tail(*rest, (size_t)size);
    return slice_is(slice_cut(rest, '\n'), "");
}

static bool read_tables(struct registry_reading *reading, struct slice bundle)
{
    bool there[REGISTRY_TABLE_COUNT] = {0};
    struct slice name, bytes;
    bool fine = true;
    for (int i = 0; i < REGISTRY_TABLE_COUNT; i++) {
        reading->tables[i] = (struct csv_table){.name = slice_of(TABLES[i].file),
            .columns = TABLES[i].columns,
            .column_count = TABLES[i].column_count};
    }
    while (bundle.size > 0) {
        if (!next_part(&bundle, &name, &bytes)) {
            report_say(reading->report, slice_of("registry"), 0, 0, "the bundle is broken");
            return false;
        }
        int table = 0;
        while (table < REGISTRY_TABLE_COUNT && !slice_is(name, TABLES[table].file)) {
            table += 1;
        }
        if (table == REGISTRY_TABLE_COUNT) {
            report_say(reading->report, name, 0, 0,
                "no table of the registry has this name: see docs/registry.md");
            fine = false;
            continue;
        }
        if (there[table]) {
            report_say(reading->report, name, 0, 0, "this table stands twice: keep one");
            fine = false;
            continue;
        }
        there[table] = true;
        if (bytes.size == 0) {
            report_say(reading->report, name, 0, 0,
                "is empty: its first line names the columns (see docs/registry.md)");
            fine = false;
        }
        fine = csv_table_read(
                   &reading->tables[table], bytes, &reading->registry->arena, reading->report) &&
               fine;
    }
    for (int i = 0; i < REGISTRY_TABLE_COUNT; i++) {
        if (TABLES[i].needed && !there[i]) {
            report_say(reading->report, slice_of(TABLES[i].file), 0, 0,
                "this table is missing: every registry has it");
            fine = false;
        }
    }
    return fine;
}

static void read_area(struct registry_reading *reading)
{
    const struct csv_table *table = &reading->tables[REGISTRY_AREA];
    if (table->row_count != 1) {
        report_say(reading->report, table->name, 0, 0, "has %zu rows: it names one area",
            table->row_count);
        return;
    }
    struct cell cell = {reading, REGISTRY_AREA, 0, AREA_AREA};
    reading->registry->area = cell_text(cell);
    if (!area_valid(cell_text(cell))) {
        cell_say(cell, "an area is 6 to 12 digits of the administrative division code");
    }
}

enum status registry_parse(struct slice bundle, struct registry *registry, struct report *report)
{
    size_t before = report->count;
    *registry = (struct registry){0};
    registry->canonical = arena_copy(&registry->arena, bundle);
    registry->fingerprint = hash64(bundle);
    struct registry_reading *reading = arena_take(&registry->arena, 1, sizeof *reading);
    reading->registry = registry;
    reading->report = report;
    if (read_tables(reading, registry->canonical)) {
        read_area(reading);
        registry_read_places(reading);
        registry_read_devices(reading);
        registry_read_links(reading);
        registry_read_signals(reading);
        registry_read_limits(reading);
        registry_read_terms(reading);
        registry_read_zones(reading);
    }
    if (report->count > before) {
        registry_free(registry);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}
