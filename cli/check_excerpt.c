#include "cli/check_excerpt.h"

#include "core/utf8.h"

enum { BEFORE_SIZE = 48, AT_SIZE = 48, AFTER_SIZE = 24, INDENT = 4 };

/* One character, or one byte that is none. */
struct glyph {
    size_t size;
    int columns; /* 0: it is escaped */
};

static uint32_t code_point(struct slice bytes)
{
    uint32_t code = bytes.size == 1   ? bytes.ptr[0]
                    : bytes.size == 2 ? bytes.ptr[0] & 0x1F
                                      : bytes.ptr[0] & 0x0F;
    for (size_t i = 1; i < bytes.size; i++) {
        code = code << 6 | (bytes.ptr[i] & 0x3F);
    }
    return code;
}

/* What every terminal shows, and how wide. */
static int columns_of(uint32_t code)
{
    static const struct {
        uint32_t first, last;
        int columns;
    } RANGES[] = {
        {0x20, 0x7E, 1}, {0x0370, 0x0482, 1}, /* Greek, Cyrillic */
        {0x3001, 0x303E, 2},                  /* CJK punctuation */
        {0x3041, 0x30FF, 2},                  /* kana */
        {0x3400, 0x4DBF, 2},                  /* CJK */
        {0x4E00, 0x9FFF, 2},                  /* CJK */
        {0xAC00, 0xD7A3, 2},                  /* Hangul */
        {0xFF01, 0xFF60, 2},                  /* full width */
    };
    for (size_t i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++) {
        if (code >= RANGES[i].first && code <= RANGES[i].last) {
            return RANGES[i].columns;
        }
    }
    return 0;
}

static struct glyph glyph_at(struct slice bytes)
{
    size_t size = utf8_sequence(bytes);
    bool shown = size > 0 && size < 4; /* beyond the first plane nothing is needed here */
    int columns = shown ? columns_of(code_point(slice_head(bytes, size))) : 0;
    return (struct glyph){columns > 0 ? size : 1, columns};
}

/* The columns it takes. */
static int print_glyph(struct slice bytes, struct glyph glyph, FILE *out)
{
    uint8_t byte = bytes.ptr[0];
    static const char SHORT[] = {['\r'] = 'r', ['\n'] = 'n', ['\t'] = 't', ['\\'] = '\\'};
    if (byte < sizeof SHORT && SHORT[byte] != 0) {
        return fprintf(out, "\\%c", SHORT[byte]);
    }
    if (glyph.columns == 0) {
        return fprintf(out, "\\x%02X", byte);
    }
    fwrite(bytes.ptr, 1, glyph.size, out);
    return glyph.columns;
}

static int print_bytes(struct slice bytes, FILE *out)
{
    int columns = 0;
    while (bytes.size > 0) {
        struct glyph glyph = glyph_at(bytes);
        columns += print_glyph(bytes, glyph, out);
        bytes = slice_tail(bytes, glyph.size);
    }
    return columns;
}

void excerpt_bytes(struct slice bytes, FILE *out)
{
    print_bytes(bytes, out);
}

/* Not into the middle of a character. */
static size_t character_start(struct slice bytes, size_t at)
{
    for (int back = 0; back < 3 && at > 0 && (bytes.ptr[at] & 0xC0) == 0x80; back++) {
        at -= 1;
    }
    return at;
}

void excerpt_print(struct slice whole, size_t offset, struct slice at, FILE *out)
{
    size_t place = (size_t)(at.ptr - whole.ptr);
    size_t from = place > BEFORE_SIZE ? character_start(whole, place - BEFORE_SIZE) : 0;
    struct slice shown = slice_head(at, AT_SIZE);
    size_t end = place + shown.size;
    fprintf(out, "%*s%s", INDENT, "", from > 0 ? "..." : "");
    int before = print_bytes(slice_from(whole.ptr + from, place - from), out);
    int below = print_bytes(shown, out);
    print_bytes(slice_head(slice_tail(whole, end), AFTER_SIZE), out);
    fprintf(out, "%s\n", end + AFTER_SIZE < whole.size ? "..." : "");
    fprintf(out, "%*s^", INDENT + (from > 0 ? 3 : 0) + before, "");
    for (int column = 1; column < below; column++) {
        fputc('~', out);
    }
    fprintf(out, " byte %zu\n", offset + place);
}
