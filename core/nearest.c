#include "core/nearest.h"

enum { WORD_MAX = 40 };

/* Levenshtein's, by rows. */
static size_t distance(struct slice a, struct slice b)
{
    size_t row[WORD_MAX + 1];
    for (size_t k = 0; k <= b.size; k++) {
        row[k] = k;
    }
    for (size_t i = 0; i < a.size; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < b.size; k++) {
            size_t changed = corner + (a.ptr[i] != b.ptr[k] ? 1 : 0);
            size_t shorter = (row[k] < row[k + 1] ? row[k] : row[k + 1]) + 1;
            corner = row[k + 1];
            row[k + 1] = changed < shorter ? changed : shorter;
        }
    }
    return row[b.size];
}

struct nearest nearest_begin(struct slice meant)
{
    return (struct nearest){.meant = meant, .distance = meant.size < 4 ? 2 : 3};
}

void nearest_offer(struct nearest *nearest, struct slice word)
{
    if (word.size == 0 || word.size > WORD_MAX || nearest->meant.size > WORD_MAX) {
        return;
    }
    size_t far = distance(nearest->meant, word);
    if (far < nearest->distance) {
        nearest->distance = far;
        nearest->word = word;
    }
}
