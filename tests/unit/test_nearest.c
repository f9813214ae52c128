#include "core/nearest.h"
#include "tests/unit/check.h"

static void test_nearest__offers_what_is_within_two_letters(void **unused)
{
    (void)unused;
    static const struct {
        const char *meant, *want;
    } ROWS[] = {
        {"openning", "opening"}, /* one too many */
        {"velocty", "velocity"}, /* one too few */
        {"velocytee", ""},       /* three */
        {"temprature", "temperature"},
        {"on", "on"},
        {"in", "on"},
        {"up", ""}, /* of a short word only one */
        {"", ""},
        {"averyveryverylongnamethatnobodywouldeverwrite", ""},
    };
    static const char *const WORDS[] = {"opening", "velocity", "temperature", "on", ""};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct nearest nearest = nearest_begin(slice_of(ROWS[i].meant));
        for (size_t k = 0; k < sizeof WORDS / sizeof WORDS[0]; k++) {
            nearest_offer(&nearest, slice_of(WORDS[k]));
        }
        if (!slice_is(nearest.word, ROWS[i].want)) {
            fail_msg(
                "%s: %.*s", ROWS[i].meant, (int)nearest.word.size, (const char *)nearest.word.ptr);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest__offers_what_is_within_two_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
