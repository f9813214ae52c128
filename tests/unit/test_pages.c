#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pages.h"
#include "tests/unit/check.h"

enum { MIB = 1024 * 1024 };

/* What the kernel has been told of the page there: of large pages "hg" is yes, "nh" never, "" nothing. */
static const char *told_of(const void *at)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    char line[512];
    bool inside = false;
    const char *told = "";
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long first, end;
        if (sscanf(line, "%lx-%lx ", &first, &end) == 2) {
            inside = (uintptr_t)at >= first && (uintptr_t)at < end;
        } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            told = strstr(line, " hg") != NULL ? "hg" : strstr(line, " nh") != NULL ? "nh" : "";
        }
    }
    fclose(maps);
    return told;
}

static bool kernel_has_large_pages(void)
{
    FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
    if (file == NULL) {
        return false;
    }
    fclose(file);
    return true;
}

static void test_pages__tells_only_of_whole_pages_and_changes_nothing(void **unused)
{
    (void)unused;
    uint8_t *block = calloc(1, 16 * MIB);
    assert_non_null(block);
    block[5 * MIB] = 77;
    pages_dense(block + 4 * MIB + 100, 4 * MIB);
    pages_sparse(block + 8 * MIB + 100, 4 * MIB);
    assert_int_equal(77, block[5 * MIB]);
    assert_int_equal(0, block[9 * MIB]);
    if (kernel_has_large_pages()) {
        assert_string_equal("", told_of(block + 4 * MIB - 4096));
        assert_string_equal("hg", told_of(block + 6 * MIB));
        assert_string_equal("nh", told_of(block + 10 * MIB));
        assert_string_equal("", told_of(block + 12 * MIB + 8192));
    }
    free(block);
}

/* No large page fits: each call would only cut the kernel's map of the process into smaller pieces. */
static void test_pages__says_nothing_of_what_is_small(void **unused)
{
    (void)unused;
    uint8_t *block = calloc(1, 16 * MIB);
    assert_non_null(block);
    pages_dense(block + 4 * MIB, MIB);
    assert_string_equal("", told_of(block + 4 * MIB + MIB / 2));
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages__tells_only_of_whole_pages_and_changes_nothing),
        cmocka_unit_test(test_pages__says_nothing_of_what_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
