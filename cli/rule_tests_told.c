#include <jansson.h>
#include <math.h>

#include "cli/rule_tests.h"
#include "core/decimal.h"

/* Half of the last digit that the test writes: 0.97 is what 0.966667 is. */
static double tolerance(struct slice number)
{
    double unit = 0.5;
    slice_cut(&number, '.');
    for (size_t i = 0; i < number.size; i++) {
        unit /= 10;
    }
    return unit * (1 + 1e-9);
}

static bool fits(struct slice expected, const json_t *figure)
{
    struct decimal number;
    if (slice_is(expected, "unknown")) {
        return json_is_null(figure);
    }
    return decimal_parse(expected, &number) && json_is_number(figure) &&
           fabs(json_number_value(figure) - number.value) <= tolerance(expected);
}

bool rule_test_told(const struct expectation *expect, struct slice payload, struct text *words)
{
    json_t *said = json_loadb((const char *)payload.ptr, payload.size, 0, NULL);
    const json_t *figures = json_object_get(said, "figures");
    bool all = true;
    for (size_t i = 0; i < expect->told_count; i++) {
        const struct expected_figure *expected = &expect->told[i];
        const json_t *figure =
            json_object_getn(figures, (const char *)expected->name.ptr, expected->name.size);
        if (!fits(expected->value, figure)) {
            text_add(words, all ? " " : ", ");
            text_add_slice(words, expected->name);
            text_add(words, " ");
            text_add_slice(words, expected->value);
            text_add(words, figures == NULL ? ", nothing was told" : ", got ");
            if (json_is_number(figure)) {
                text_add_number(words, json_number_value(figure), 6);
            } else if (figures != NULL) {
                text_add(words, figure == NULL ? "no such figure" : "unknown");
            }
            all = false;
        }
    }
    json_decref(said);
    return all;
}
