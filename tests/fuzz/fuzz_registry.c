#include <assert.h>
#include <stdlib.h>

#include "validators/registry_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* All or nothing: a registry, or findings. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct report report;
    struct registry registry;
    struct arena arena = {0};
    struct slice canonical;
    enum status table = registry_table_canonical(
        &arena, slice_of("devices.csv"), slice_from(bytes, size), &canonical, &report);
    assert(table == STATUS_OK || report.count > 0);
    arena_free(&arena);
    report_free(&report);
    enum status status = registry_parse(slice_from(bytes, size), &registry, &report);
    assert((status == STATUS_OK) == (report.count == 0));
    if (status == STATUS_OK) {
        registry_free(&registry);
    }
    report_free(&report);
    return 0;
}
