/* config_rows -- config.def as a table, and what else the files of config share.
 *
 * Memory   config_text_at: the place of a string that the config owns.
 * Errors   config_row_find: CONFIG_ROW_COUNT when there is no such key.
 * Threads  pure.
 * Limits   private to config*.c.
 */
#ifndef BROKER_BRIDGE_CONFIG_ROWS_H
#define BROKER_BRIDGE_CONFIG_ROWS_H

#include "broker-bridge/config.h"

enum config_kind { CONFIG_STRING, CONFIG_PATH, CONFIG_UINT, CONFIG_SIZE };

struct config_row {
    const char *section, *key;
    size_t at; /* offset in struct config */
    enum config_kind kind;
    const char *initial;       /* STRING, PATH; NULL: nothing */
    uint64_t number, min, max; /* UINT, SIZE; number is the default */
    const char *help;
};

enum {
    CONFIG_ROW_COUNT = 0
#define CONFIG_TEXT(section, key, member, kind, initial, help)             +1
#define CONFIG_NUMBER(section, key, member, kind, initial, min, max, help) +1
#include "broker-bridge/config.def"
#undef CONFIG_TEXT
#undef CONFIG_NUMBER
};

extern const struct config_row CONFIG_ROWS[CONFIG_ROW_COUNT];

bool config_is_text(const struct config_row *row);
char **config_text_at(struct config *config, const struct config_row *row);
const char *config_text(const struct config *config, const struct config_row *row);
uint64_t config_number(const struct config *config, const struct config_row *row);
void config_set_number(struct config *config, const struct config_row *row, uint64_t number);
size_t config_row_find(const char *section, const char *key);

/* What no row can say alone. `lines`: of each row's key in the file; 0: not set there. */
void config_judge(const struct config *config, const uint32_t lines[CONFIG_ROW_COUNT],
    struct slice file, struct report *report);

#endif
