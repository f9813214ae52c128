/* lexer -- an expression's text -> tokens.
 *
 * Source   docs/rules.md.
 * Shape    numbers take the unit behind them; names may hold dots, digits and underscores.
 * Memory   tokens borrow from the text.
 * Errors   TOKEN_BAD.
 * Threads  pure.
 */
#ifndef DETECTORS_LEXER_H
#define DETECTORS_LEXER_H

#include "schemas/units.h"

enum token_type {
    TOKEN_END,
    TOKEN_BAD,
    TOKEN_NUMBER, /* value and dimension, base unit */
    TOKEN_NAME,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_SYMBOL, /* + - * / < <= > >= == != */
};

struct token {
    enum token_type type;
    struct slice text;
    size_t at;
    double value;
    struct dimension dimension;
};

struct lexer {
    struct slice text;
    size_t at;
};

struct token lexer_next(struct lexer *lexer);

/* What stands up to the next closing parenthesis, trimmed: the word of filed(...). */
struct slice lexer_word(struct lexer *lexer);

#endif
