#include "simulator/county.h"

#include <assert.h>

#include "core/hash.h"
#include "simulator/monitors.h"

static const struct scene_row SCENES[SCENE_COUNT] = {
#define SCENE(id, name, rule, role, lasts_s, within_s, usual_minute, zh)                           \
    [SCENE_##id] = {name, rule, role, lasts_s, within_s, usual_minute, zh},
#include "simulator/scenes.def"
#undef SCENE
};

static const struct dialect DIALECTS[] = {
#define DIALECT(profile, st, items, on, off) {profile, st, items, on, off},
#include "simulator/dialects.def"
#undef DIALECT
};

enum { DIALECT_COUNT = sizeof DIALECTS / sizeof DIALECTS[0] };

const struct scene_row *scene_row(enum scene_kind kind)
{
    assert(kind < SCENE_COUNT);
    return &SCENES[kind];
}

bool scene_from(struct slice name, enum scene_kind *kind)
{
    for (int i = 0; i < SCENE_COUNT; i++) {
        if (slice_is(name, SCENES[i].name)) {
            *kind = (enum scene_kind)i;
            return true;
        }
    }
    return false;
}

struct county county_new(uint64_t seed, uint32_t devices, int32_t interval_s)
{
    uint32_t plants = devices / 5;
    plants = plants == 0 && devices >= 3 ? 1 : plants;
    return (struct county){.seed = seed,
        .plants = plants,
        .restaurants = devices - 3 * plants,
        .interval_s = interval_s};
}

/* Each plant has three of the devices. */
struct county county_new_planned(uint64_t seed, uint32_t devices, int32_t interval_s)
{
    struct county county = {.seed = seed,
        .plants = (uint32_t)((uint64_t)devices * COUNTY_PLANNED_PLANTS / COUNTY_PLANNED),
        .restaurants = (uint32_t)((uint64_t)devices * COUNTY_PLANNED_RESTAURANTS / COUNTY_PLANNED),
        .interval_s = interval_s,
        .planned = true};
    county.others = devices - 3 * county.plants - county.restaurants;
    return county;
}

uint32_t county_devices(const struct county *county)
{
    return county->plants * 3 + county->restaurants + county->others;
}

uint32_t county_sites(const struct county *county)
{
    return county->plants + county->restaurants + county->others;
}

const struct monitor *county_monitor(const struct county *county, uint32_t site)
{
    uint32_t first = county->plants + county->restaurants;
    return site < first      ? NULL
           : county->planned ? monitor_planned(site - first)
                             : monitor_of(site - first);
}

struct county_device county_device(const struct county *county, uint32_t index)
{
    static const enum device_role ROLES[] = {ROLE_CEMS, ROLE_METER, ROLE_BYPASS};
    if (index < county->plants * 3) {
        return (struct county_device){ROLES[index % 3], index / 3};
    }
    uint32_t site = county->plants + (index - county->plants * 3);
    bool other = site >= county->plants + county->restaurants;
    return (struct county_device){other ? ROLE_OTHER : ROLE_FUME, site};
}

uint32_t county_plain_kitchens(const struct county *county)
{
    uint32_t dialects = county->restaurants > DIALECT_COUNT ? (uint32_t)DIALECT_COUNT : 0;
    return county->restaurants - dialects;
}

const struct dialect *county_dialect(const struct county *county, uint32_t index)
{
    struct county_device device = county_device(county, index);
    uint32_t first = county->plants + county_plain_kitchens(county);
    return device.role == ROLE_FUME && device.site >= first ? &DIALECTS[device.site - first] : NULL;
}

/* A number from 0 to below 1 that belongs to these three. */
static double chance(const struct county *county, uint64_t a, uint64_t b)
{
    uint64_t parts[3] = {county->seed, a, b};
    return (double)(hash64(slice_from(parts, sizeof parts)) >> 11) / 9007199254740992.0;
}

bool county_key(const struct county *county, uint32_t index, char key[static COUNTY_KEY_SIZE + 1])
{
    struct county_device device = county_device(county, index);
    uint64_t parts[3] = {county->seed, index, COUNTY_KEY_SIZE};
    struct text text = text_in(key, COUNTY_KEY_SIZE);
    text_add_hex(&text, hash64(slice_from(parts, sizeof parts)), COUNTY_KEY_SIZE);
    key[COUNTY_KEY_SIZE] = '\0';
    return device.role == ROLE_CEMS && device.site < county->encrypting;
}

void county_mn(const struct county *county, uint32_t index, struct text *out)
{
    struct county_device device = county_device(county, index);
    if (device.role == ROLE_CEMS || device.role == ROLE_BYPASS) {
        uint64_t parts[2] = {county->seed, index};
        text_add(out, "0100A8");
        char digits[17];
        struct text hex = text_in(digits, sizeof digits);
        text_add_hex(&hex, hash64(slice_from(parts, sizeof parts)), 12);
        for (size_t i = 0; i < hex.size; i++) {
            digits[i] = (char)(digits[i] >= 'a' ? digits[i] - 32 : digits[i]);
        }
        text_add_slice(out, text_slice(&hex));
        char serial[9];
        struct text number = text_in(serial, sizeof serial);
        text_add_hex(&number, index, 6);
        for (size_t i = 0; i < number.size; i++) {
            serial[i] = (char)(serial[i] >= 'a' ? serial[i] - 32 : serial[i]);
        }
        text_add_slice(out, text_slice(&number));
        return;
    }
    text_add(out, device.role == ROLE_METER  ? "METER"
                  : device.role == ROLE_FUME ? "FUME"
                                             : county_monitor(county, device.site)->prefix);
    text_add_byte(out, '-');
    text_add_int(out, device.site + 1);
}

void county_site_name(const struct county *county, uint32_t site, bool english, struct text *out)
{
    static const struct {
        const char *zh, *en;
    } PLACES[] = {{"云杉坡", "Yunshan Slope "}, {"石桥湾", "Stonebridge Bend "},
        {"白鹭洲", "Egret Isle "}, {"青砖里", "Blue Brick Lane "}, {"落霞沟", "Sunset Gully "},
        {"双槐", "Twin Locust "}, {"麦垛岭", "Haystack Ridge "}, {"小满", "Xiaoman "}};
    static const struct {
        const char *zh, *en;
    } PLANTS[] = {{"铸造厂", "Foundry"}, {"砖瓦厂", "Brickworks"}, {"锅炉房", "Boiler House"},
        {"涂装车间", "Paint Shop"}, {"陶瓷厂", "Ceramics"}};
    static const struct {
        const char *zh, *en;
    } KITCHENS[] = {{"面馆", "Noodle House"}, {"火锅店", "Hotpot"}, {"家常菜馆", "Kitchen"}};
    size_t place = (size_t)(chance(county, site, 1) * 8) % 8;
    text_add(out, english ? PLACES[place].en : PLACES[place].zh);
    text_add_int(out, site + 1);
    if (site < county->plants) {
        size_t kind = (size_t)(chance(county, site, 2) * 5) % 5;
        text_add(out, english ? " " : "号");
        text_add(out, english ? PLANTS[kind].en : PLANTS[kind].zh);
    } else if (site >= county->plants + county->restaurants) {
        const struct monitor *monitor = county_monitor(county, site);
        text_add(out, english ? " " : "号");
        text_add(out, english ? monitor->whose_en : monitor->whose);
    } else {
        size_t kind = (size_t)(chance(county, site, 2) * 3) % 3;
        text_add(out, english ? " " : "号");
        text_add(out, english ? KITCHENS[kind].en : KITCHENS[kind].zh);
    }
    text_add(out, english ? " (fictional)" : "（虚构）");
}

bool county_happens(const struct county *county, enum scene_kind kind, uint32_t site, int64_t at_ms)
{
    for (size_t i = 0; i < county->scene_count; i++) {
        const struct scene *scene = &county->scenes[i];
        if (scene->kind == kind && scene->site == site && at_ms >= scene->from_ms &&
            at_ms < scene->to_ms) {
            return true;
        }
    }
    return false;
}

struct shown {
    const struct county *county;
    uint32_t index;
    uint64_t instant; /* counts intervals */
    struct county_value *values;
    size_t count;
};

/* A value around its level, with noise of so many percent. */
static void show(
    struct shown *shown, const char *factor, double level, double percent, int decimals)
{
    double noise = chance(shown->county, shown->index * 64 + shown->count, shown->instant) - 0.5;
    shown->values[shown->count++] =
        (struct county_value){factor, level * (1 + noise * percent / 50), decimals, 'N'};
}

static void show_cems(struct shown *shown, bool frozen)
{
    double percent = frozen ? 0 : 8;
    show(shown, "a34013", 6.2, percent, 2);
    show(shown, "a21026", 21.4, percent, 2);
    show(shown, "a21002", 38.6, percent, 2);
    show(shown, "a19001", 10.8, frozen ? 0 : 3, 2);
    show(shown, "a01011", 12.5, frozen ? 0 : 5, 2);
    show(shown, "a01012", 78, 4, 1);
    show(shown, "a01013", -120, 10, 0);
    show(shown, "a01014", 7.5, 5, 2);
}

/* Treatment outlives production until what is left of the gas is treated. */
enum { POST_RUN_MS = 15 * 60 * 1000 };

static void show_meter(struct shown *shown, const struct county_device *device, int64_t at_ms)
{
    bool stopped = county_happens(shown->county, SCENE_PLANNED_STOP, device->site, at_ms);
    bool untreated = county_happens(shown->county, SCENE_TREATMENT_OFF, device->site, at_ms);
    bool rested = stopped && county_happens(shown->county, SCENE_PLANNED_STOP, device->site,
                                 at_ms - POST_RUN_MS);
    bool cut = county_happens(shown->county, SCENE_CABIN_POWER_CUT, device->site, at_ms);
    show(shown, "d20101", stopped ? 4 : 400, 6, 1);
    show(shown, "d30101", rested || untreated ? 0.4 : 60, 6, 1);
    show(shown, "d10101", stopped ? 40 : 600, 6, 1);
    show(shown, "d40101", cut ? 0 : 1, 0, 0);
    show(shown, "d40102", cut ? 1 : 0, 0, 0);
}

static void show_other(struct shown *shown, const struct monitor *monitor, int64_t at_ms)
{
    for (size_t i = 0; i < monitor_item_count(); i++) {
        const struct monitor_item *item = monitor_item(i);
        if (monitor_of(item->monitor) == monitor) {
            show(shown, item->factor, monitor_level(item, at_ms), item->percent, item->decimals);
        }
    }
}

size_t county_values(const struct county *county, uint32_t index, int64_t at_ms,
    struct county_value values[static FACTORS_MAX])
{
    struct county_device device = county_device(county, index);
    struct shown shown = {.county = county,
        .index = index,
        .instant = (uint64_t)at_ms / ((uint64_t)county->interval_s * SECOND_MS),
        .values = values};
    bool open = county_happens(county, SCENE_BYPASS_OPENED, device.site, at_ms);
    bool off = county_happens(county, SCENE_PURIFIER_OFF, device.site, at_ms);
    bool peak = county_happens(county, SCENE_FUME_PEAK, device.site, at_ms);
    switch (device.role) {
    case ROLE_CEMS:
        if (county_happens(county, SCENE_UNPLUGGED, device.site, at_ms)) {
            return 0;
        }
        show_cems(&shown, county_happens(county, SCENE_PROBE_FROZEN, device.site, at_ms));
        break;
    case ROLE_METER:
        show_meter(&shown, &device, at_ms);
        break;
    case ROLE_BYPASS:
        show(&shown, "e10101", open ? 65 : 0, 4, 1);
        show(&shown, "e10201", 0, 0, 0);
        show(&shown, "e10301", open ? 0 : 1, 0, 0);
        show(&shown, "a01011", open ? 6.4 : 0.2, 20, 2);
        break;
    case ROLE_FUME:
        show(&shown, "a34041", peak ? 4.5 : off ? 1.7 : 0.8, 10, 2);
        show(&shown, "fan", 2.4, 5, 2);
        show(&shown, "purifier", off ? 0 : 0.8, 5, 2);
        break;
    case ROLE_OTHER:
        show_other(&shown, county_monitor(county, device.site), at_ms);
        break;
    }
    return shown.count;
}
