#include "detectors/lexer.h"

#include "core/decimal.h"

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static void skip_blanks(struct lexer *lexer)
{
    while (lexer->at < lexer->text.size &&
           (lexer->text.ptr[lexer->at] == ' ' || lexer->text.ptr[lexer->at] == '\n' ||
               lexer->text.ptr[lexer->at] == '\t')) {
        lexer->at += 1;
    }
}

/* The longest unit that stands here and is not the beginning of a longer word or a function. */
static const struct unit *unit_here(struct slice rest, size_t *size)
{
    enum { UNIT_SIZE_MAX = 8 };
    for (size_t length = rest.size < UNIT_SIZE_MAX ? rest.size : UNIT_SIZE_MAX; length > 0;
         length--) {
        const struct unit *unit = unit_find(slice_head(rest, length));
        bool goes_on =
            length < rest.size && (is_letter(rest.ptr[length]) || is_digit(rest.ptr[length]) ||
                                      rest.ptr[length] == '(' || rest.ptr[length] == '.');
        if (unit != NULL && !goes_on) {
            *size = length;
            return unit;
        }
    }
    return NULL;
}

static struct token number_here(struct lexer *lexer)
{
    struct token token = {.type = TOKEN_NUMBER, .at = lexer->at};
    struct decimal number;
    size_t end = lexer->at;
    while (
        end < lexer->text.size && (is_digit(lexer->text.ptr[end]) || lexer->text.ptr[end] == '.')) {
        end += 1;
    }
    token.text = slice_from(lexer->text.ptr + lexer->at, end - lexer->at);
    if (!decimal_parse(token.text, &number)) {
        token.type = TOKEN_BAD;
        return token;
    }
    token.value = number.value;
    lexer->at = end;
    struct lexer ahead = *lexer;
    skip_blanks(&ahead);
    size_t size;
    const struct unit *unit = unit_here(slice_tail(ahead.text, ahead.at), &size);
    if (unit != NULL) {
        token.value *= unit->scale;
        token.dimension = unit->dimension;
        lexer->at = ahead.at + size;
    }
    return token;
}

static struct token name_here(struct lexer *lexer)
{
    struct token token = {.type = TOKEN_NAME, .at = lexer->at};
    size_t end = lexer->at;
    while (end < lexer->text.size &&
           (is_letter(lexer->text.ptr[end]) || is_digit(lexer->text.ptr[end]) ||
               lexer->text.ptr[end] == '.')) {
        end += 1;
    }
    token.text = slice_from(lexer->text.ptr + lexer->at, end - lexer->at);
    lexer->at = end;
    return token;
}

struct token lexer_next(struct lexer *lexer)
{
    static const struct {
        char first;
        enum token_type type;
    } SINGLE[] = {{'(', TOKEN_OPEN}, {')', TOKEN_CLOSE}, {',', TOKEN_COMMA}, {'+', TOKEN_SYMBOL},
        {'-', TOKEN_SYMBOL}, {'*', TOKEN_SYMBOL}, {'/', TOKEN_SYMBOL}};
    skip_blanks(lexer);
    struct token token = {.type = TOKEN_END, .at = lexer->at};
    if (lexer->at == lexer->text.size) {
        return token;
    }
    uint8_t byte = lexer->text.ptr[lexer->at];
    if (is_digit(byte)) {
        return number_here(lexer);
    }
    if (is_letter(byte)) {
        return name_here(lexer);
    }
    for (size_t i = 0; i < sizeof SINGLE / sizeof SINGLE[0]; i++) {
        if (byte == (uint8_t)SINGLE[i].first) {
            token.type = SINGLE[i].type;
            token.text = slice_from(lexer->text.ptr + lexer->at, 1);
            lexer->at += 1;
            return token;
        }
    }
    bool equals = lexer->at + 1 < lexer->text.size && lexer->text.ptr[lexer->at + 1] == '=';
    bool comparison = byte == '<' || byte == '>' || ((byte == '=' || byte == '!') && equals);
    token.type = comparison ? TOKEN_SYMBOL : TOKEN_BAD;
    token.text = slice_from(lexer->text.ptr + lexer->at, equals ? 2 : 1);
    lexer->at += token.text.size;
    return token;
}

struct slice lexer_word(struct lexer *lexer)
{
    skip_blanks(lexer);
    size_t end = slice_find(lexer->text, lexer->at, ')');
    struct slice word = slice_from(lexer->text.ptr + lexer->at, end - lexer->at);
    while (word.size > 0 && word.ptr[word.size - 1] == ' ') {
        word.size -= 1;
    }
    lexer->at = end;
    return word;
}
