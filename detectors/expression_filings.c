#include "core/nearest.h"
#include "detectors/compiler.h"
#include "schemas/filing.h"

static void unknown_kind(struct compiler *compiler, struct slice word)
{
    struct nearest nearest = nearest_begin(word);
    struct token token = {.text = word, .at = compiler->lexer.at - word.size};
    char space[240];
    struct text words = text_in(space, sizeof space);
    for (int i = 0; i < FILING_KIND_COUNT; i++) {
        nearest_offer(&nearest, slice_of(filing_kind_row((enum filing_kind)i)->name));
    }
    if (nearest.word.size > 0) {
        text_add(&words, ": did you mean '");
        text_add_slice(&words, nearest.word);
        text_add(&words, "'?");
    } else {
        text_add(&words, ": 'hjhub filing kinds' shows them");
    }
    complain_of_word(compiler, token, "no kind of filing", text_slice(&words));
}

/* order(limit) is a share: its type is that of the kind's number. */
static struct type given(
    const struct function *function, const struct filing_kind_row *row, size_t at)
{
    bool number = function->gives == GIVES_KIND_NUMBER;
    return (struct type){
        .truth = function->gives == GIVES_TRUTH,
        .typed = true,
        .dimension = unit_find(slice_of(number ? row->unit : "s"))->dimension,
        .at = at,
    };
}

/* filed(repair), order(limit) */
void kind_function(struct compiler *compiler, const struct function *function, size_t at)
{
    enum filing_kind kind;
    struct slice word = lexer_word(&compiler->lexer);
    if (!filing_kind_find(word, &kind)) {
        unknown_kind(compiler, word);
        return;
    }
    const struct filing_kind_row *row = filing_kind_row(kind);
    bool orders =
        function->op == OP_ORDERED || function->op == OP_ORDERED_FOR || function->op == OP_ORDER;
    if (orders && row->sort != FILING_ORDERED) {
        complain(compiler, compiler->lexer.at, "nobody orders that: it is announced or recorded");
    }
    if (function->gives == GIVES_KIND_NUMBER && row->number == FILING_NUMBER_NONE) {
        complain(compiler, compiler->lexer.at, "what is told of this kind bears no number");
    }
    if (lexer_next(&compiler->lexer).type != TOKEN_CLOSE) {
        complain(compiler, compiler->lexer.at, "a closing parenthesis is missing");
        return;
    }
    compiler->scope->asks_filings = true;
    emit(compiler, (struct code_step){.op = (uint8_t)function->op, .count = (uint8_t)kind});
    push(compiler, given(function, row, at));
}
