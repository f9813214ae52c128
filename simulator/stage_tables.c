#include <assert.h>
#include <string.h>
#include <sys/stat.h>

#include "simulator/stage_send.h"

/* Rows of one table, for each site or each device. */
struct sheet {
    const char *name, *columns;
    void (*write)(const struct stage *stage, FILE *out);
};

static void put_name(const struct stage *stage, uint32_t site, FILE *out)
{
    char zh[120], en[120];
    struct text chinese = text_in(zh, sizeof zh), english = text_in(en, sizeof en);
    stage_site_name(stage, site, false, &chinese);
    stage_site_name(stage, site, true, &english);
    fprintf(out, "%.*s,%.*s", (int)chinese.size, zh, (int)english.size, en);
}

static void put_mn(const struct stage *stage, uint32_t device, FILE *out)
{
    char space[40];
    struct text mn = text_in(space, sizeof space);
    stage_mn(&stage->devices[device], &mn);
    fprintf(out, "%.*s", (int)mn.size, space);
}

static void area(const struct stage *stage, FILE *out)
{
    (void)stage;
    fputs("140581,高平市（模拟）,Gaoping (simulated)\n", out);
}

static void enterprises(const struct stage *stage, FILE *out)
{
    for (uint32_t i = 0; i < stage->site_count; i++) {
        if (!stage_has(stage, i)) {
            continue;
        }
        fprintf(out, "E%u,", i + 1);
        put_name(stage, i, out);
        fprintf(out, ",%s\n", i % 2 == 0 ? "东城" : "米山");
    }
}

static void outlets(const struct stage *stage, FILE *out)
{
    for (uint32_t i = 0; i < stage->site_count; i++) {
        if (!stage_has(stage, i)) {
            continue;
        }
        const struct stage_site_row *row = stage_site_row(stage->sites[i].kind);
        fprintf(out, "O%u,1号排口,Outlet 1,%s,E%u,", i + 1, row->source_class, i + 1);
        fprintf(out, row->o2_reference > 0 ? "%g\n" : "\n", row->o2_reference);
    }
}

static void devices(const struct stage *stage, FILE *out)
{
    for (uint32_t i = 0; i < stage->device_count; i++) {
        if (!stage_has(stage, stage->devices[i].site)) {
            continue;
        }
        const struct stage_device_row *row = stage->devices[i].row;
        uint32_t site = stage->devices[i].site + 1;
        put_mn(stage, i, out);
        fprintf(out, ",%s,%s,%s,E%u,O%u,%s,%s,%d\n", row->zh, row->en, row->kind, site, site,
            row->form == FORM_PACKS ? "senml" : "hj212", row->form == FORM_PACKS ? "" : "123456",
            row->interval_s);
    }
}

/* Each role of a site is one piece of equipment; it is met first where its first signal stands. */
static bool first_of_role(const struct stage *stage, uint32_t device, uint32_t signal)
{
    const struct stage_device *of = &stage->devices[device];
    const char *role = of->signals[signal].role;
    for (uint32_t d = 0; d <= device; d++) {
        const struct stage_device *other = &stage->devices[d];
        for (uint32_t s = 0; other->site == of->site && s < other->signal_count; s++) {
            if (d == device && s == signal) {
                return true;
            }
            if (strcmp(other->signals[s].role, role) == 0) {
                return false;
            }
        }
    }
    return true;
}

static void each_role(
    const struct stage *stage, FILE *out, void (*row)(FILE *out, uint32_t site, const char *role))
{
    for (uint32_t i = 0; i < stage->device_count; i++) {
        const struct stage_device *device = &stage->devices[i];
        for (uint32_t k = 0; k < device->signal_count && stage_has(stage, device->site); k++) {
            if (device->signals[k].role[0] != '\0' && first_of_role(stage, i, k)) {
                row(out, device->site + 1, device->signals[k].role);
            }
        }
    }
}

static void equipment_row(FILE *out, uint32_t site, const char *role)
{
    static const struct {
        const char *role, *zh, *en;
    } NAMES[] = {
#define STAGE_EQUIPMENT(role, zh, en) {role, zh, en},
#include "simulator/scenes/equipment.def"
#undef STAGE_EQUIPMENT
    };
    size_t at = 0;
    while (strcmp(NAMES[at].role, role) != 0) {
        at += 1;
        assert(at < sizeof NAMES / sizeof NAMES[0]); /* each role of the cast has a name */
    }
    fprintf(out, "%s-%u,%s,%s,E%u,O%u\n", role, site, NAMES[at].zh, NAMES[at].en, site, site);
}

static void linkage_row(FILE *out, uint32_t site, const char *role)
{
    fprintf(out, "L%u,生产与治污,production and treatment,E%u,O%u,%s,%s-%u,any\n", site, site, site,
        role, role, site);
}

static void equipment(const struct stage *stage, FILE *out)
{
    each_role(stage, out, equipment_row);
}

static void linkages(const struct stage *stage, FILE *out)
{
    each_role(stage, out, linkage_row);
}

static void put_number(FILE *out, double value)
{
    fputc(',', out);
    if (value != 0) {
        fprintf(out, "%g", value);
    }
}

static void signal_row(const struct stage *stage, uint32_t device, uint32_t index,
    const char *field, int cn, FILE *out)
{
    const struct stage_signal_row *signal = &stage->devices[device].signals[index];
    bool beside =
        strcmp(field, "Min") == 0 || strcmp(field, "Max") == 0 || strcmp(field, "ZsRtd") == 0;
    put_mn(stage, device, out);
    fprintf(out, ",%s,%s,%d,", signal->factor, field, cn);
    if (signal->role[0] != '\0') {
        fprintf(out, "%s-%u", signal->role, stage->devices[device].site + 1);
    }
    fprintf(out, ",%s,%s", beside ? "beside" : signal->quantity, signal->unit);
    put_number(out, signal->rated);
    put_number(out, signal->idle);
    put_number(out, signal->normal);
    put_number(out, signal->range_max);
    fputc('\n', out);
}

static void signals(const struct stage *stage, FILE *out)
{
    static const int PERIODS[] = {2051, 2061, 2031};
    for (uint32_t i = 0; i < stage->device_count; i++) {
        const struct stage_device *device = &stage->devices[i];
        bool converts = stage_site_row(stage->sites[device->site].kind)->o2_reference > 0;
        for (uint32_t k = 0; k < device->signal_count && stage_has(stage, device->site); k++) {
            const char *quantity = device->signals[k].quantity;
            bool zs = converts && (strcmp(quantity, "pm") == 0 || strcmp(quantity, "so2") == 0 ||
                                      strcmp(quantity, "nox") == 0);
            signal_row(stage, i, k, "Rtd", 2011, out);
            if (zs) {
                signal_row(stage, i, k, "ZsRtd", 2011, out);
            }
            for (size_t p = 0; device->row->form == FORM_PERIODS && p < 3; p++) {
                signal_row(stage, i, k, zs ? "ZsAvg" : "Avg", PERIODS[p], out);
            }
            for (size_t b = 0; device->row->form == FORM_PERIODS && b < 2; b++) {
                signal_row(stage, i, k, b == 0 ? "Min" : "Max", 2061, out);
            }
        }
    }
}

static void limits(const struct stage *stage, FILE *out)
{
    static const struct {
        enum stage_kind site;
        const char *rest;
    } ROWS[] = {
        {STAGE_BOILER, "a34013,hour,10,mg/m3,DB14/1929-2019 (recalled),legal"},
        {STAGE_BOILER, "a21026,hour,35,mg/m3,DB14/1929-2019 (recalled),legal"},
        {STAGE_BOILER, "a21002,hour,50,mg/m3,DB14/1929-2019 (recalled),legal"},
        {STAGE_COATER, "a24088,hour,50,mg/m3,permit (invented),legal"},
        {STAGE_KITCHEN, "a34041,10min,2,mg/m3,GB 18483-2001,legal"},
    };
    for (uint32_t i = 0; i < stage->site_count; i++) {
        if (!stage_has(stage, i)) {
            continue;
        }
        for (size_t k = 0; k < sizeof ROWS / sizeof ROWS[0]; k++) {
            if (ROWS[k].site == stage->sites[i].kind) {
                fprintf(out, "O%u,%s\n", i + 1, ROWS[k].rest);
            }
        }
    }
}

static void calendars(const struct stage *stage, FILE *out)
{
    static const struct {
        enum stage_kind site;
        const char *calendar, *rest;
    } ROWS[] = {
        {STAGE_KITCHEN, "business", "1234567,10:00,14:00,"},
        {STAGE_KITCHEN, "business", "1234567,16:30,21:30,"},
        {STAGE_COATER, "emergency-red", "1234567,00:00,24:00,0"},
        {STAGE_BOILER, "emergency-orange", "1234567,00:00,24:00,70"},
    };
    for (uint32_t i = 0; i < stage->site_count; i++) {
        if (!stage_has(stage, i)) {
            continue;
        }
        for (size_t k = 0; k < sizeof ROWS / sizeof ROWS[0]; k++) {
            if (ROWS[k].site == stage->sites[i].kind) {
                fprintf(out, "%s,E%u,%s\n", ROWS[k].calendar, i + 1, ROWS[k].rest);
            }
        }
    }
}

bool stage_tables(const struct stage *stage, const char *directory)
{
    static const struct sheet SHEETS[] = {
        {"area", "area,name,name_en", area},
        {"enterprises", "enterprise,name,name_en,town", enterprises},
        {"outlets", "outlet,name,name_en,source_class,enterprise,o2_reference", outlets},
        {"devices", "mn,name,name_en,kind,enterprise,outlet,format,pw,interval_s", devices},
        {"equipment", "equipment,name,name_en,enterprise,outlet", equipment},
        {"linkages", "linkage,name,name_en,enterprise,outlet,role,equipment,mode", linkages},
        {"signals", "mn,factor,field,cn,equipment,quantity,unit,rated,idle,normal,range_max",
            signals},
        {"limits", "outlet,factor,averaging,value,unit,standard,tier", limits},
        {"calendars", "calendar,enterprise,weekdays,from_time,to_time,share", calendars},
    };
    bool fine = true;
    mkdir(directory, 0755); /* that it is there already is fine */
    for (size_t i = 0; i < sizeof SHEETS / sizeof SHEETS[0] && fine; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.csv", directory, SHEETS[i].name);
        FILE *out = fopen(path, "w");
        if (out == NULL) {
            return false;
        }
        fprintf(out, "%s\n", SHEETS[i].columns);
        SHEETS[i].write(stage, out);
        fine = fclose(out) == 0;
    }
    return fine;
}
