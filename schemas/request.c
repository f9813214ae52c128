#include "schemas/request.h"

#include "schemas/hj212.h"

static const struct request_row ROWS[] = {
#define REQUEST(cn, name, ends, within_s, history_st, except, source)                              \
    {cn, name, REQUEST_##ends, within_s, history_st, except},
#define REQUEST_WORDS(cn, zh, en)
#define REQUEST_NAMES(cn, name, source)
#define REQUEST_BEFORE_MN(cn, source)
#include "schemas/requests.def"
#undef REQUEST
#undef REQUEST_WORDS
#undef REQUEST_NAMES
#undef REQUEST_BEFORE_MN
};

static const struct {
    int cn;
    struct request_words words;
} WORDS[] = {
#define REQUEST(cn, name, ends, within_s, history_st, except, source)
#define REQUEST_WORDS(cn, zh, en) {cn, {zh, en}},
#define REQUEST_NAMES(cn, name, source)
#define REQUEST_BEFORE_MN(cn, source)
#include "schemas/requests.def"
#undef REQUEST
#undef REQUEST_WORDS
#undef REQUEST_NAMES
#undef REQUEST_BEFORE_MN
};

static const struct {
    int cn;
    const char *name;
} NAMES[] = {
#define REQUEST(cn, name, ends, within_s, history_st, except, source)
#define REQUEST_WORDS(cn, zh, en)
#define REQUEST_NAMES(cn, name, source) {cn, name},
#define REQUEST_BEFORE_MN(cn, source)
#include "schemas/requests.def"
#undef REQUEST
#undef REQUEST_WORDS
#undef REQUEST_NAMES
#undef REQUEST_BEFORE_MN
};

static const int BEFORE_MN[] = {
#define REQUEST(cn, name, ends, within_s, history_st, except, source)
#define REQUEST_WORDS(cn, zh, en)
#define REQUEST_NAMES(cn, name, source)
#define REQUEST_BEFORE_MN(cn, source) cn,
#include "schemas/requests.def"
#undef REQUEST
#undef REQUEST_WORDS
#undef REQUEST_NAMES
#undef REQUEST_BEFORE_MN
};

enum { ROW_COUNT = sizeof ROWS / sizeof ROWS[0], WORDS_COUNT = sizeof WORDS / sizeof WORDS[0] };

const struct request_row *request_at(size_t index)
{
    return index < ROW_COUNT ? &ROWS[index] : NULL;
}

const struct request_row *request_of(int cn)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (ROWS[i].cn == cn) {
            return &ROWS[i];
        }
    }
    return NULL;
}

const struct request_row *request_find(struct slice word)
{
    uint64_t cn;
    if (slice_to_uint(word, 9999, &cn)) {
        return request_of((int)cn);
    }
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (slice_is(word, ROWS[i].name)) {
            return &ROWS[i];
        }
    }
    return NULL;
}

bool request_in_edition(const struct request_row *row, enum edition edition)
{
    const struct command_row *command = command_find(row->cn);
    assert(command != NULL && command->direction != COMMAND_UP);
    return command_in_edition(command, edition) && !edition_in(row->except, edition);
}

struct request_words request_words(const struct request_row *row)
{
    const struct command_row *command = command_find(row->cn);
    assert(command != NULL);
    for (size_t i = 0; i < WORDS_COUNT; i++) {
        if (WORDS[i].cn == row->cn) {
            return WORDS[i].words;
        }
    }
    return (struct request_words){command->zh, command->en};
}

const char *request_names(const struct request_row *row)
{
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (NAMES[i].cn == row->cn) {
            return NAMES[i].name;
        }
    }
    return NULL;
}

bool request_before_mn(const struct request_row *row)
{
    for (size_t i = 0; i < sizeof BEFORE_MN / sizeof BEFORE_MN[0]; i++) {
        if (BEFORE_MN[i] == row->cn) {
            return true;
        }
    }
    return false;
}

static void add_bounds(struct text *text, const struct cp_form *form)
{
    switch (form->type) {
    case CP_NUMBER:
    case CP_DIVISOR:
    case CP_CODE:
        text_add_int(text, (int64_t)form->least);
        text_add(text, "..");
        text_add_int(text, (int64_t)form->most);
        text_add(text, form->type == CP_DIVISOR ? ", a divisor of 60" : "");
        return;
    case CP_INSTANT:
        text_add(text, form->size == 14 ? "YYYYMMDDhhmmss" : "YYYYMMDDhhmmsszzz");
        return;
    case CP_CLOCK:
        text_add(text, "hhmmss");
        return;
    case CP_TEXT:
    case CP_EXACT:
    case CP_WORD:
        text_add(text, form->type == CP_TEXT ? "1.." : "");
        text_add_int(text, (int64_t)form->size);
        text_add(text, " characters");
    }
}

static void add_field(struct text *text, const struct request_row *row, enum cp_field field,
    enum edition edition, bool needed)
{
    bool history = field == CP_BEGIN_TIME || field == CP_END_TIME;
    bool may_go = !needed || field == CP_SYSTEM_TIME; /* left out, it is the hub's time */
    text_add(text, text->size == 0 ? "" : " ");
    text_add(text, may_go ? "[" : "");
    text_add(text, cp_field_name(field));
    text_add_byte(text, '=');
    add_bounds(text, cp_form_find(field, edition));
    if (history && row->history_st != 0) {
        text_add(text, ", with ST=");
        text_add_int(text, row->history_st);
    }
    text_add(text, may_go ? "]" : "");
}

static void add_suffixes(struct text *text, uint32_t families, enum edition edition)
{
    static const enum suffix_id IDS[] = {
#define SUFFIX(id, name, editions, kind, family, least, most, clause, sureness) SUFFIX_##id,
#include "schemas/suffixes.def"
#undef SUFFIX
    };
    for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++) {
        const struct suffix_row *suffix = suffix_row(IDS[i]);
        if ((families >> suffix->family & 1) != 0 && edition_in(suffix->editions, edition)) {
            text_add(text, text->size == 0 ? "CODE-" : " CODE-");
            text_add_slice(text, suffix->name);
            text_add(text, suffix->kind == KIND_NUMBER ? "=NUMBER" : "=TEXT");
        }
    }
}

void request_usage(const struct request_row *row, enum edition edition, struct text *text)
{
    if (request_names(row) != NULL) {
        text_add(text, request_names(row));
        text_add(text, "=1..64 characters");
        return;
    }
    const struct content *content = content_find(row->cn, edition, DIRECTION_DOWN);
    struct text own = text_in(text->at + text->size, text->capacity - text->size);
    for (int field = 0; content != NULL && field < CP_NONE; field++) {
        bool needed = (content->needs >> field & 1) != 0;
        if (needed || (content->may >> field & 1) != 0) {
            add_field(&own, row, (enum cp_field)field, edition, needed);
        }
    }
    if (content != NULL) {
        add_suffixes(&own, content->items | content->also, edition);
    }
    text_add(&own, own.size == 0 ? "no parameters" : "");
    text->size += own.size;
    text->truncated = text->truncated || own.truncated;
}
