#include "schemas/hj212.h"

#include <endian.h>
#include <string.h>

static const struct command_row COMMANDS[] = {
#define COMMAND_ROW(cn, zh, en, direction, editions, answer, source)                               \
    {cn, zh, en, COMMAND_##direction, editions, answer, source},
#include "schemas/commands.def"
#undef COMMAND_ROW
};

static const struct factor_row FACTORS[] = {
#define FACTOR(code, zh, en, unit, format, source, sureness)                                       \
    {{(const uint8_t *)(code), sizeof(code) - 1}, code, zh, en, unit, format, source, sureness},
#include "schemas/factors.def"
#undef FACTOR
};

static const struct suffix_row SUFFIXES[] = {
#define SUFFIX(name, kind, source)                                                                 \
    {{(const uint8_t *)(name), sizeof(name) - 1}, SUFFIX_##kind, source},
#include "schemas/suffixes.def"
#undef SUFFIX
};

enum {
    COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0],
    FACTOR_COUNT = sizeof FACTORS / sizeof FACTORS[0],
    SUFFIX_COUNT = sizeof SUFFIXES / sizeof SUFFIXES[0],
};

const struct command_row *command_find(int cn)
{
    size_t low = 0, high = COMMAND_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (COMMANDS[middle].cn == cn) {
            return &COMMANDS[middle];
        }
        if (COMMANDS[middle].cn < cn) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

bool command_in_edition(const struct command_row *command, enum edition edition)
{
    static const char LETTERS[] = {
        [EDITION_UNKNOWN] = '7', [EDITION_2005] = '5', [EDITION_2017] = '7', [EDITION_2025] = '9'};
    return strchr(command->editions, LETTERS[edition]) != NULL;
}

int command_answer(int cn)
{
    const struct command_row *command = command_find(cn);
    if (command != NULL) {
        return command->answer;
    }
    if (cn < 1000 || cn > 9999) {
        return 0;
    }
    return cn >= 2000 && cn < 4000 ? 9014 : 9013; /* HJ 212-2017 6.5 */
}

/* The first eight bytes as a number that is ordered as they are. */
static uint64_t head_of(const char head[static 8])
{
    uint64_t number;
    memcpy(&number, head, sizeof number);
    return be64toh(number);
}

const struct factor_row *factor_find(struct slice code)
{
    size_t low = 0, high = FACTOR_COUNT;
    char bytes[8] = {0};
    for (size_t i = 0; i < sizeof bytes && i < code.size; i++) {
        bytes[i] = (char)code.ptr[i];
    }
    uint64_t head = head_of(bytes);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (head_of(FACTORS[middle].code) < head) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low < FACTOR_COUNT && head_of(FACTORS[low].code) == head &&
           !slice_equal(code, FACTORS[low].name)) {
        low += 1; /* a longer code with the same beginning */
    }
    return low < FACTOR_COUNT && slice_equal(code, FACTORS[low].name) ? &FACTORS[low] : NULL;
}

const struct factor_row *factor_find_in(struct slice code, enum edition edition)
{
    const struct factor_row *first = factor_find(code);
    if (first == NULL || edition != EDITION_2025) {
        return first;
    }
    for (const struct factor_row *row = first;
         row < FACTORS + FACTOR_COUNT && slice_equal(row->name, code); row++) {
        if (strncmp(row->source, "HJ 212-2025", strlen("HJ 212-2025")) == 0) {
            return row;
        }
    }
    return first;
}

const struct suffix_row *suffix_find(struct slice name)
{
    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        if (slice_equal(name, SUFFIXES[i].name)) {
            return &SUFFIXES[i];
        }
    }
    return NULL;
}
