/* data_flags -- what a reading's -Flag says about it.
 *
 * Source   data_flags.def.
 * Errors   an unknown flag is not usable: who invents flags does not get his values believed.
 * Threads  pure.
 */
#ifndef SCHEMAS_DATA_FLAGS_H
#define SCHEMAS_DATA_FLAGS_H

#include "schemas/message.h"

/* No flag at all, the rows of data_flags.def, and whatever is none of them. */
enum data_flag {
    DATA_FLAG_NONE,
#define DATA_FLAG(letter, zh, en, usable, sure_2005, sure_2017, sure_2025) DATA_FLAG_##letter,
#include "schemas/data_flags.def"
#undef DATA_FLAG
    DATA_FLAG_OTHER,
    DATA_FLAG_COUNT
};

enum data_flag data_flag_of(struct slice letter);
bool data_flag_usable(enum data_flag flag); /* no flag at all: usable */

/* The set of flags that a rule names, bit n for flag n: letters, as MCD, or `any` that makes a value
 * unusable; 0: another word. */
uint32_t data_flags_named(struct slice word);

/* "M 维护", "M maintenance"; empty without a flag. */
const char *data_flag_zh(enum data_flag flag);
const char *data_flag_en(enum data_flag flag);

bool flag_usable(struct slice flag);
bool flag_known(struct slice flag, enum edition edition);

#endif
