#include "simulator/stage.h"

#include <assert.h>
#include <stdlib.h>

#include "core/hash.h"
#include "simulator/deeds.h"

static const struct stage_site_row SITES[STAGE_KIND_COUNT] = {
#define STAGE_SITE(id, count, hours, zh, en, source_class, o2_reference)                           \
    [STAGE_##id] = {count, hours, zh, en, source_class, o2_reference},
#define STAGE_DEVICE(site, letter, kind, zh, en, form, st, interval_s)
#define STAGE_SIGNAL(site, letter, factor, role, quantity, unit, drive, stopped, running, load,    \
    untreated, noise, decimals, rated, idle, normal, range_max)
#include "simulator/scenes/cast.def"
#undef STAGE_SITE
#undef STAGE_DEVICE
};

static const struct stage_device_row DEVICES[] = {
#define STAGE_SITE(id, count, hours, zh, en, source_class, o2_reference)
#define STAGE_DEVICE(site, letter, kind, zh, en, form, st, interval_s)                             \
    {STAGE_##site, letter, kind, zh, en, form, st, interval_s},
#include "simulator/scenes/cast.def"
#undef STAGE_DEVICE
#undef STAGE_SIGNAL
};

static const struct stage_signal_row SIGNALS[] = {
#define STAGE_DEVICE(site, letter, kind, zh, en, form, st, interval_s)
#define STAGE_SIGNAL(site, letter, factor, role, quantity, unit, drive, stopped, running, load,    \
    untreated, noise, decimals, rated, idle, normal, range_max)                                    \
    {STAGE_##site, letter, factor, role, quantity, unit, drive, stopped, running, load, untreated, \
        noise, decimals, rated, idle, normal, range_max},
#include "simulator/scenes/cast.def"
#undef STAGE_SITE
#undef STAGE_DEVICE
#undef STAGE_SIGNAL
};

enum {
    DEVICE_ROWS = sizeof DEVICES / sizeof DEVICES[0],
    SIGNAL_ROWS = sizeof SIGNALS / sizeof SIGNALS[0],
};

const struct stage_site_row *stage_site_row(enum stage_kind kind)
{
    assert(kind < STAGE_KIND_COUNT);
    return &SITES[kind];
}

double stage_chance(const struct stage *stage, uint64_t a, uint64_t b)
{
    uint64_t parts[3] = {stage->seed, a, b};
    return (double)(hash64(slice_from(parts, sizeof parts)) >> 11) / 9007199254740992.0;
}

/* --- who is there --- */

/* Signals of one device stand together in the cast. */
static void cast_device(struct stage *stage, const struct stage_device_row *row, uint32_t site)
{
    struct stage_device *device = &stage->devices[stage->device_count];
    *device = (struct stage_device){.row = row, .site = site};
    for (size_t i = 0; i < SIGNAL_ROWS; i++) {
        if (SIGNALS[i].site == row->site && SIGNALS[i].letter == row->letter) {
            device->signals = device->signals == NULL ? &SIGNALS[i] : device->signals;
            device->signal_count += 1;
        }
    }
    device->place_s =
        (int32_t)(stage->device_count * UINT32_C(2654435761) % (uint32_t)row->interval_s);
    stage->device_count += 1;
}

struct stage stage_new(uint64_t seed, int64_t begin_ms)
{
    struct stage stage = {.seed = seed, .begin_ms = begin_ms};
    uint32_t sites = 0, devices = 0;
    for (int kind = 0; kind < STAGE_KIND_COUNT; kind++) {
        sites += SITES[kind].count;
        for (size_t i = 0; i < DEVICE_ROWS; i++) {
            devices += DEVICES[i].site == (enum stage_kind)kind ? SITES[kind].count : 0;
        }
    }
    stage.sites = calloc(sites, sizeof *stage.sites);
    stage.devices = calloc(devices, sizeof *stage.devices);
    assert(stage.sites != NULL && stage.devices != NULL);
    for (int kind = 0; kind < STAGE_KIND_COUNT; kind++) {
        for (uint32_t k = 0; k < SITES[kind].count; k++) {
            uint32_t site = stage.site_count++;
            stage.sites[site] =
                (struct stage_site){.kind = (enum stage_kind)kind, .number = site + 1};
            for (size_t i = 0; i < DEVICE_ROWS; i++) {
                if (DEVICES[i].site == (enum stage_kind)kind) {
                    cast_device(&stage, &DEVICES[i], site);
                }
            }
        }
    }
    return stage;
}

void stage_free(struct stage *stage)
{
    free(stage->sites);
    free(stage->devices);
    free(stage->runs);
}

void stage_mn(const struct stage_device *device, struct text *out)
{
    text_add(out, "140581");
    text_add_byte(out, device->row->letter);
    text_add_hex(out, device->site + 1, 4);
    text_add(out, "0000000000000");
}

void stage_site_name(const struct stage *stage, uint32_t site, bool english, struct text *out)
{
    const struct stage_site_row *row = &SITES[stage->sites[site].kind];
    text_add(out, english ? row->en : row->zh);
    text_add(out, english ? " " : "");
    text_add_int(out, site + 1);
    text_add(out, english ? " (fictional)" : "号（虚构）");
}

/* --- what is going on --- */

void stage_move(struct stage *stage, int64_t now_ms)
{
    stage->now_ms = now_ms;
    for (uint32_t i = 0; i < stage->site_count; i++) {
        const struct stage_run *active = stage->sites[i].active;
        stage->sites[i].active = active != NULL && now_ms < active->to_ms ? active : NULL;
    }
    for (uint32_t i = 0; i < stage->run_count && stage->runs[i].from_ms <= now_ms; i++) {
        if (now_ms < stage->runs[i].to_ms) {
            stage->sites[stage->runs[i].site].active = &stage->runs[i];
        }
    }
}

bool stage_has(const struct stage *stage, uint32_t site)
{
    return (stage->parts == 0 || site % stage->parts == stage->part) &&
           (!stage->alone || stage->sites[site].played);
}

static bool within(int32_t minute, int32_t from, int32_t to)
{
    return minute >= from && minute < to;
}

bool stage_works(const struct stage *stage, uint32_t site, int64_t at_ms)
{
    int64_t local_ms = at_ms + CST_OFFSET_MS;
    int32_t minute = (int32_t)(local_ms % DAY_MS / MINUTE_MS);
    int64_t day = local_ms / DAY_MS;
    int32_t late =
        (int32_t)(stage_chance(stage, site, (uint64_t)day) * 20); /* nobody is that punctual */
    switch (SITES[stage->sites[site].kind].hours) {
    case HOURS_ALWAYS:
        return true;
    case HOURS_DAY:
        return (day + 3) % 7 != 6 && within(minute, 8 * 60 + late, 18 * 60 - late);
    case HOURS_MEALS:
        return within(minute, 10 * 60 + late, 14 * 60) ||
               within(minute, 16 * 60 + 30 + late, 21 * 60 + 30);
    }
    return false;
}

/* From -1 to 1, changing over some period as weather or work does. */
static double slow(const struct stage *stage, uint64_t what, int64_t at_ms, int64_t period_ms)
{
    uint64_t step = (uint64_t)(at_ms / period_ms);
    double share = (double)(at_ms % period_ms) / (double)period_ms;
    double a = stage_chance(stage, what, step), b = stage_chance(stage, what, step + 1);
    double soft = share * share * (3 - 2 * share);
    return 2 * (a + (b - a) * soft) - 1;
}

/* From -1 in the depth of winter to 1 in summer. */
static double season(int64_t at_ms)
{
    double year = (double)((at_ms + CST_OFFSET_MS) / DAY_MS % 365) / 365;
    double from_winter = year < 0.5 ? year : 1 - year;
    return 4 * from_winter - 1;
}

double stage_load(const struct stage *stage, uint32_t site, int64_t at_ms)
{
    double load = 0.8 + 0.14 * slow(stage, 1000 + site, at_ms, 5 * HOUR_MS) +
                  0.04 * slow(stage, 2000 + site, at_ms, 40 * MINUTE_MS);
    bool heats = stage->sites[site].kind == STAGE_BOILER;
    return heats ? load - 0.06 * season(at_ms) : load;
}

double stage_ambient(const struct stage *stage, int64_t at_ms)
{
    double hour = (double)((at_ms + CST_OFFSET_MS) % DAY_MS) / HOUR_MS;
    double from_night = hour < 15 ? hour / 15 : (24 - hour) / 9;
    return 11 + 13 * season(at_ms) + 8 * from_night + 2 * slow(stage, 3000, at_ms, 9 * HOUR_MS);
}

double stage_truth(const struct stage *stage, const struct stage_device *device,
    const struct stage_signal_row *signal, int64_t at_ms, bool production, bool treatment,
    double load)
{
    uint64_t what = (uint64_t)(signal - SIGNALS) * 64 + device->site;
    double swing = signal->running * (1 + signal->load * (load - 0.8));
    double level = signal->stopped;
    switch (signal->drive) {
    case DRIVE_ALWAYS:
        level = signal->running;
        break;
    case DRIVE_PRODUCTION:
        level = production ? swing * (treatment ? 1 : signal->untreated) : signal->stopped;
        break;
    case DRIVE_TREATMENT:
        level = treatment ? swing : signal->stopped;
        break;
    case DRIVE_AMBIENT:
        level = stage_ambient(stage, at_ms) + (production ? signal->running : signal->stopped);
        break;
    }
    double noise =
        0.55 * slow(stage, what + 100000, at_ms, 20 * MINUTE_MS) +
        0.45 * (2 * stage_chance(stage, what + 200000, (uint64_t)(at_ms / SECOND_MS)) - 1);
    bool stands = signal->drive == DRIVE_PRODUCTION && !production;
    return level * (1 + signal->noise * noise * (stands ? 0.2 : 1)); /* what stands is quiet */
}
