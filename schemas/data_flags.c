#include "schemas/data_flags.h"

static const struct {
    const char *letter;
    bool usable;
    const char *zh, *en;
    const char *sure[EDITION_COUNT];
} FLAGS[DATA_FLAG_COUNT] = {
    [DATA_FLAG_NONE] = {"", true, "", "", {"", "", "", ""}},
#define DATA_FLAG(letter, zh, en, usable, sure_2005, sure_2017, sure_2025)                         \
    [DATA_FLAG_##letter] = {#letter, usable, #letter " " zh, #letter " " en,                       \
        {sure_2017, sure_2005, sure_2017, sure_2025}},
#include "schemas/data_flags.def"
#undef DATA_FLAG
    [DATA_FLAG_OTHER] = {"", false, "未知标记", "unknown flag", {"", "", "", ""}},
};

enum data_flag data_flag_of(struct slice letter)
{
    if (letter.size == 0) {
        return DATA_FLAG_NONE;
    }
    for (int flag = DATA_FLAG_NONE + 1; flag < DATA_FLAG_OTHER; flag++) {
        if (slice_is(letter, FLAGS[flag].letter)) {
            return (enum data_flag)flag;
        }
    }
    return DATA_FLAG_OTHER;
}

bool data_flag_usable(enum data_flag flag)
{
    return FLAGS[flag].usable;
}

uint32_t data_flags_named(struct slice word)
{
    uint32_t set = 0;
    for (size_t i = 0; i < word.size; i++) {
        enum data_flag flag = data_flag_of(slice_from(word.ptr + i, 1));
        if (flag == DATA_FLAG_OTHER) {
            set = 0;
            break;
        }
        set |= UINT32_C(1) << flag;
    }
    for (int flag = 0; flag < DATA_FLAG_COUNT && slice_is(word, "any"); flag++) {
        set |= FLAGS[flag].usable ? 0 : UINT32_C(1) << flag;
    }
    return set;
}

const char *data_flag_zh(enum data_flag flag)
{
    return FLAGS[flag].zh;
}

const char *data_flag_en(enum data_flag flag)
{
    return FLAGS[flag].en;
}

bool flag_usable(struct slice flag)
{
    return data_flag_usable(data_flag_of(flag));
}

bool flag_known(struct slice flag, enum edition edition)
{
    return FLAGS[data_flag_of(flag)].sure[edition][0] != '\0';
}
