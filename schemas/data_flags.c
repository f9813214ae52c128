#include "schemas/data_flags.h"

static const struct {
    char letter;
    bool usable;
    const char *sure[EDITION_COUNT];
} FLAGS[] = {
#define DATA_FLAG(letter, zh, en, usable, sure_2005, sure_2017, sure_2025)                         \
    {letter, usable, {sure_2017, sure_2005, sure_2017, sure_2025}},
#include "schemas/data_flags.def"
#undef DATA_FLAG
};

bool flag_usable(struct slice flag)
{
    for (size_t i = 0; i < sizeof FLAGS / sizeof FLAGS[0]; i++) {
        if (flag.size == 1 && flag.ptr[0] == (uint8_t)FLAGS[i].letter) {
            return FLAGS[i].usable;
        }
    }
    return flag.size == 0;
}

bool flag_known(struct slice flag, enum edition edition)
{
    for (size_t i = 0; i < sizeof FLAGS / sizeof FLAGS[0]; i++) {
        if (flag.size == 1 && flag.ptr[0] == (uint8_t)FLAGS[i].letter) {
            return FLAGS[i].sure[edition][0] != '\0';
        }
    }
    return false;
}
