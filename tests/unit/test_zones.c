#include "tests/unit/check.h"

#include "schemas/registry.h"

/* An L, the notch of which is the upper right quarter of the square from 0 to 2. */
static const struct corner L[] = {{0, 0}, {2, 0}, {2, 1}, {1, 1}, {1, 2}, {0, 2}};

static const struct zone ZONE = {.corners = L, .corner_count = sizeof L / sizeof L[0]};

static void test_zones__hold_what_stands_within_their_border(void **unused)
{
    (void)unused;
    static const struct {
        double longitude, latitude;
        bool inside;
    } ROWS[] = {
        {0.5, 0.5, true},
        {1.5, 0.5, true},
        {0.5, 1.5, true},
        {1.5, 1.5, false}, /* the notch */
        {-0.1, 1, false},  /* its ray runs along a border, and through two corners */
        {0.5, 1, true},    /* at the height of a border */
        {2.1, 0.5, false},
        {0.5, 2.1, false},
        {0.5, -0.1, false},
        {1.001, 1.001, false},
        {0.999, 1.001, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(ROWS[i].inside, zone_holds(&ZONE, ROWS[i].longitude, ROWS[i].latitude));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zones__hold_what_stands_within_their_border),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
