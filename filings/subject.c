#include <assert.h>

#include "filings/draft.h"

struct slice filing_subject(
    const struct registry *registry, enum filing_about about, uint32_t subject)
{
    if (subject == NONE) {
        return (struct slice){0};
    }
    switch (about) {
    case FILING_ABOUT_AREA:
        return registry->area;
    case FILING_ABOUT_TOWN:
        return registry->enterprises[subject].town;
    case FILING_ABOUT_ENTERPRISE:
        return registry->enterprises[subject].id;
    case FILING_ABOUT_OUTLET:
        return registry->outlets[subject].id;
    case FILING_ABOUT_LINKAGE:
        return registry->linkages[subject].id;
    case FILING_ABOUT_EQUIPMENT:
        return registry->equipment[subject].id;
    case FILING_ABOUT_DEVICE:
        return registry->devices[subject].mn;
    case FILING_ABOUT_COUNT:
        break;
    }
    assert(!"a filing is about one of these");
    return (struct slice){0};
}

/* A town has no table of its own: its first enterprise stands for it. */
static uint32_t find_town(const struct registry *registry, struct slice town)
{
    for (uint32_t i = 0; i < registry->enterprise_count; i++) {
        if (slice_equal(registry->enterprises[i].town, town)) {
            return i;
        }
    }
    return NONE;
}

/* TABLE_NONE of an empty table is NONE too. */
static uint32_t find(const struct table *table, struct slice id)
{
    return table->cells == NULL ? NONE : table_find(table, id);
}

uint32_t filing_subject_find(
    const struct registry *registry, enum filing_about about, struct slice id)
{
    switch (about) {
    case FILING_ABOUT_AREA:
        return slice_equal(id, registry->area) ? 0 : NONE;
    case FILING_ABOUT_TOWN:
        return find_town(registry, id);
    case FILING_ABOUT_ENTERPRISE:
        return find(&registry->enterprise_by_id, id);
    case FILING_ABOUT_OUTLET:
        return find(&registry->outlet_by_id, id);
    case FILING_ABOUT_LINKAGE:
        return find(&registry->linkage_by_id, id);
    case FILING_ABOUT_EQUIPMENT:
        return find(&registry->equipment_by_id, id);
    case FILING_ABOUT_DEVICE:
        return registry_device(registry, id);
    case FILING_ABOUT_COUNT:
        break;
    }
    assert(!"a filing is about one of these");
    return NONE;
}

uint32_t filing_owner(const struct registry *registry, enum filing_about about, uint32_t subject)
{
    if (subject == NONE) {
        return NONE;
    }
    switch (about) {
    case FILING_ABOUT_AREA:
    case FILING_ABOUT_TOWN:
        return NONE;
    case FILING_ABOUT_ENTERPRISE:
        return subject;
    case FILING_ABOUT_OUTLET:
        return registry->outlets[subject].enterprise;
    case FILING_ABOUT_LINKAGE:
        return registry->linkages[subject].enterprise;
    case FILING_ABOUT_EQUIPMENT:
        return registry->equipment[subject].enterprise;
    case FILING_ABOUT_DEVICE:
        return registry->devices[subject].enterprise;
    case FILING_ABOUT_COUNT:
        break;
    }
    assert(!"a filing is about one of these");
    return NONE;
}
