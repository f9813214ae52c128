#include "broker-bridge/config_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct config_row CONFIG_ROWS[CONFIG_ROW_COUNT] = {
#define CONFIG_TEXT(section, key, member, kind, initial, help)                                     \
    {section, key, offsetof(struct config, member), kind, initial, 0, 0, 0, help},
#define CONFIG_NUMBER(section, key, member, kind, initial, min, max, help)                         \
    {section, key, offsetof(struct config, member), kind, NULL, initial, min, max, help},
#include "broker-bridge/config.def"
#undef CONFIG_TEXT
#undef CONFIG_NUMBER
};

bool config_is_text(const struct config_row *row)
{
    return row->kind == CONFIG_STRING || row->kind == CONFIG_PATH;
}

char **config_text_at(struct config *config, const struct config_row *row)
{
    assert(config_is_text(row));
    return (char **)(void *)((char *)config + row->at);
}

const char *config_text(const struct config *config, const struct config_row *row)
{
    const char *text;
    assert(config_is_text(row));
    memcpy(&text, (const char *)config + row->at, sizeof text);
    return text;
}

uint64_t config_number(const struct config *config, const struct config_row *row)
{
    const char *at = (const char *)config + row->at;
    uint32_t narrow;
    uint64_t wide;
    assert(!config_is_text(row));
    if (row->kind == CONFIG_UINT) {
        memcpy(&narrow, at, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, at, sizeof wide);
    return wide;
}

void config_set_number(struct config *config, const struct config_row *row, uint64_t number)
{
    char *at = (char *)config + row->at;
    assert(!config_is_text(row) && number >= row->min && number <= row->max);
    if (row->kind == CONFIG_UINT) {
        uint32_t narrow = (uint32_t)number;
        memcpy(at, &narrow, sizeof narrow);
    } else {
        memcpy(at, &number, sizeof number);
    }
}

size_t config_row_find(const char *section, const char *key)
{
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        if (strcmp(CONFIG_ROWS[i].section, section) == 0 && strcmp(CONFIG_ROWS[i].key, key) == 0) {
            return i;
        }
    }
    return CONFIG_ROW_COUNT;
}

void config_free(struct config *config)
{
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        if (config_is_text(&CONFIG_ROWS[i])) {
            free(*config_text_at(config, &CONFIG_ROWS[i]));
        }
    }
    free(config);
}

void config_print(const struct config *config, FILE *out)
{
    const char *section = "";
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        const struct config_row *row = &CONFIG_ROWS[i];
        if (strcmp(row->section, section) != 0) {
            section = row->section;
            fprintf(out, "%s:\n", section);
        }
        const char *indent = section[0] == '\0' ? "" : "  ";
        if (!config_is_text(row)) {
            fprintf(out, "%s%s: %llu\n", indent, row->key,
                (unsigned long long)config_number(config, row));
            continue;
        }
        const char *value = config_text(config, row);
        if (value == NULL) {
            fprintf(out, "%s# %s: not set (%s)\n", indent, row->key, row->help);
            continue;
        }
        char space[1024]; /* quoted: a value of digits or with a '#' reads back as it was */
        struct text quoted = text_in(space, sizeof space);
        text_add_json(&quoted, slice_of(value));
        fprintf(out, "%s%s: %.*s\n", indent, row->key, (int)quoted.size, quoted.at);
    }
}

static void print_json_value(const struct config *config, const struct config_row *row, FILE *out)
{
    char space[1024];
    struct text text = text_in(space, sizeof space);
    text_add_json(&text, slice_of(row->key));
    text_add_byte(&text, ':');
    if (!config_is_text(row)) {
        text_add_int(&text, (int64_t)config_number(config, row));
    } else if (config_text(config, row) == NULL) {
        text_add(&text, "null");
    } else {
        text_add_json(&text, slice_of(config_text(config, row)));
    }
    fprintf(out, "%.*s", (int)text.size, text.at);
}

void config_print_json(const struct config *config, FILE *out)
{
    const char *section = "";
    fputc('{', out);
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        const struct config_row *row = &CONFIG_ROWS[i];
        if (strcmp(row->section, section) != 0) {
            fprintf(out, "%s,\"%s\":{", section[0] == '\0' ? "" : "}", row->section);
            section = row->section;
        } else if (i > 0) {
            fputc(',', out);
        }
        print_json_value(config, row, out);
    }
    fprintf(out, "%s}\n", section[0] == '\0' ? "" : "}");
}
