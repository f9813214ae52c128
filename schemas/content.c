#include "schemas/content.h"

#include "schemas/hj212.h"

#define F(id)     (UINT64_C(1) << CP_##id)
#define I(family) (UINT32_C(1) << FAMILY_##family)

static const struct content CONTENTS[] = {
#define CONTENT(cn, edition, way, needs, may, items, also, clause, sureness)                       \
    {cn, EDITION_##edition, DIRECTION_##way, needs, may, items, also},
#include "schemas/cp_content.def"
#undef CONTENT
};

static const char *const NAMES[] = {
#define CP_NAME(id, name) name,
#define CP_FIELD(id, editions, type, size, least, most, clause, sureness)
#include "schemas/cp_fields.def"
#undef CP_NAME
#undef CP_FIELD
};

static const struct cp_form FORMS[] = {
#define CP_NAME(id, name)
#define CP_FIELD(id, editions, type, size, least, most, clause, sureness)                          \
    {CP_##id, editions, CP_##type, size, least, most},
#include "schemas/cp_fields.def"
#undef CP_NAME
#undef CP_FIELD
};

static const struct {
    enum cp_field field;
    uint64_t code;
    const char *editions;
    struct code_words words;
} RETURN_CODES[] = {
#define RETURN_CODE(field, code, editions, zh, en, clause, sureness)                               \
    {CP_##field, code, editions, {zh, en}},
#include "schemas/return_codes.def"
#undef RETURN_CODE
};

enum {
    CONTENT_COUNT = sizeof CONTENTS / sizeof CONTENTS[0],
    FORM_COUNT = sizeof FORMS / sizeof FORMS[0],
    RETURN_CODE_COUNT = sizeof RETURN_CODES / sizeof RETURN_CODES[0],
};

static_assert(CP_NONE <= 64, "a set of plain fields has a bit for each");

/* The order of the rows. */
static int order(int cn, enum direction way, enum edition edition)
{
    return cn * 64 + (int)way * 8 + (int)edition;
}

const struct content *content_find(int cn, enum edition edition, enum direction way)
{
    int wanted = order(cn, way, edition == EDITION_UNKNOWN ? EDITION_2017 : edition);
    size_t low = 0, high = CONTENT_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct content *row = &CONTENTS[middle];
        int found = order(row->cn, row->way, row->edition);
        if (found == wanted) {
            return row;
        }
        low = found < wanted ? middle + 1 : low;
        high = found < wanted ? high : middle;
    }
    return NULL;
}

enum cp_field cp_field_find(struct slice name, bool *exact)
{
    for (int i = 0; i < CP_NONE; i++) {
        if (slice_same_but_case(name, slice_of(NAMES[i]))) {
            *exact = slice_is(name, NAMES[i]);
            return (enum cp_field)i;
        }
    }
    return CP_NONE;
}

const char *cp_field_name(enum cp_field field)
{
    assert(field < CP_NONE);
    return NAMES[field];
}

const struct cp_form *cp_form_find(enum cp_field field, enum edition edition)
{
    const struct cp_form *first = NULL;
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (FORMS[i].field != field) {
            continue;
        }
        if (edition_in(FORMS[i].editions, edition)) {
            return &FORMS[i];
        }
        first = first == NULL ? &FORMS[i] : first;
    }
    return first;
}

static bool is_clock(struct slice text)
{
    uint64_t clock;
    return text.size == 6 && slice_to_uint(text, 235959, &clock) && clock / 100 % 100 < 60 &&
           clock % 100 < 60;
}

static bool is_word(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.ptr[i];
        uint8_t letter = byte | 0x20;
        if (!((byte >= '0' && byte <= '9') || (letter >= 'a' && letter <= 'z'))) {
            return false;
        }
    }
    return true;
}

enum cp_fit cp_form_fit(const struct cp_form *form, struct slice value, enum edition edition)
{
    uint64_t number = 0;
    struct event_time time;
    bool formed = value.size > 0 && value.size <= form->size;
    switch (form->type) {
    case CP_TEXT:
        break;
    case CP_EXACT:
        formed = value.size == form->size;
        break;
    case CP_WORD:
        formed = value.size == form->size && is_word(value);
        break;
    case CP_INSTANT:
        formed = value.size == form->size && event_time_from_cst(value, &time);
        break;
    case CP_CLOCK:
        formed = is_clock(value);
        break;
    case CP_NUMBER:
    case CP_DIVISOR:
    case CP_CODE:
        formed = formed && slice_to_uint(value, UINT32_MAX, &number);
        break;
    }
    if (!formed) {
        return CP_ILL_FORMED;
    }
    bool counts = form->type == CP_NUMBER || form->type == CP_DIVISOR;
    if (counts && (number < form->least || number > form->most ||
                      (form->type == CP_DIVISOR && 60 % number != 0))) {
        return CP_OUT_OF_RANGE;
    }
    bool code = form->type == CP_CODE;
    return code && !return_code_known(form->field, number, edition) ? CP_CODE_UNKNOWN : CP_FITS;
}

struct code_words return_code_words(enum cp_field field, uint64_t code)
{
    for (size_t i = 0; i < RETURN_CODE_COUNT; i++) {
        if (RETURN_CODES[i].field == field && RETURN_CODES[i].code == code) {
            return RETURN_CODES[i].words;
        }
    }
    return (struct code_words){"", ""};
}

bool return_code_known(enum cp_field field, uint64_t code, enum edition edition)
{
    for (size_t i = 0; i < RETURN_CODE_COUNT; i++) {
        if (RETURN_CODES[i].field == field && RETURN_CODES[i].code == code) {
            return edition_in(RETURN_CODES[i].editions, edition);
        }
    }
    return false;
}
