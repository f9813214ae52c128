#include "schemas/edition.h"

#include <assert.h>

static const struct {
    char letter;
    int version;
    const char *name;
} EDITIONS[EDITION_COUNT] = {
    [EDITION_UNKNOWN] = {'7', -1, ""},
#define EDITION(id, letter, version, name, title, in_force, clause, sureness)                      \
    [id] = {letter, version, name},
#include "schemas/editions.def"
#undef EDITION
};

const char *edition_name(enum edition edition)
{
    assert((unsigned)edition < EDITION_COUNT);
    return EDITIONS[edition].name;
}

bool edition_from(struct slice name, enum edition *edition)
{
    *edition = EDITION_UNKNOWN;
    for (unsigned i = 0; i < EDITION_COUNT; i++) {
        if (slice_is(name, EDITIONS[i].name)) {
            *edition = (enum edition)i;
            return true;
        }
    }
    return false;
}

enum edition edition_of_version(int version)
{
    unsigned i = EDITION_COUNT - 1;
    while (i > EDITION_UNKNOWN && EDITIONS[i].version != version) {
        i -= 1;
    }
    return (enum edition)i;
}

bool edition_in(const char *editions, enum edition edition)
{
    assert((unsigned)edition < EDITION_COUNT);
    while (*editions != '\0' && *editions != EDITIONS[edition].letter) {
        editions += 1;
    }
    return *editions != '\0';
}
