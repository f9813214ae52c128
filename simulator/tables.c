#include "simulator/tables.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "schemas/profiles.h"
#include "simulator/monitors.h"

/* One table and the rows it gets for a site, a device or the county. */
struct sheet {
    const char *name, *columns;
    void (*row)(const struct county *county, uint32_t index, FILE *out);
    bool of_sites; /* else of devices */
};

static void print_name(const struct county *county, uint32_t site, bool english, FILE *out)
{
    char space[160];
    struct text text = text_in(space, sizeof space);
    county_site_name(county, site, english, &text);
    fprintf(out, "%.*s", (int)text.size, space);
}

static void print_mn(const struct county *county, uint32_t index, FILE *out)
{
    char space[64];
    struct text text = text_in(space, sizeof space);
    county_mn(county, index, &text);
    fprintf(out, "%.*s", (int)text.size, space);
}

static void enterprise_row(const struct county *county, uint32_t site, FILE *out)
{
    fprintf(out, "E%u,", site + 1);
    print_name(county, site, false, out);
    fputc(',', out);
    print_name(county, site, true, out);
    fputc('\n', out);
}

/* Each piece of equipment that its items speak of, once. */
static const struct monitor_item *next_equipment(const struct monitor *monitor, size_t *index)
{
    const char *before = "";
    for (size_t i = *index; i < monitor_item_count(); i++) {
        const struct monitor_item *item = monitor_item(i);
        before = i == 0 ? "" : monitor_item(i - 1)->equipment;
        if (monitor_of(item->monitor) == monitor && item->equipment[0] != '\0' &&
            strcmp(before, item->equipment) != 0) {
            *index = i + 1;
            return item;
        }
    }
    return NULL;
}

static void other_equipment(const struct monitor *monitor, uint32_t site, FILE *out)
{
    const struct monitor_item *item;
    for (size_t i = 0; (item = next_equipment(monitor, &i)) != NULL;) {
        bool production = item->equipment[0] == 'F';
        fprintf(out, "%s%u,%s,%s,E%u,O%u\n", item->equipment, site + 1,
            production ? "生产设备" : "治污设施", production ? "furnace" : "treatment", site + 1,
            site + 1);
    }
}

static void other_linkage(const struct monitor *monitor, uint32_t site, FILE *out)
{
    const struct monitor_item *item;
    for (size_t i = 0; (item = next_equipment(monitor, &i)) != NULL;) {
        fprintf(out, "L%u,生产与治污,production and treatment,E%u,O%u,%s,%s%u,any\n", site + 1,
            site + 1, site + 1, item->role, item->equipment, site + 1);
    }
}

static void other_signals(
    const struct county *county, const struct monitor *monitor, uint32_t index, FILE *out)
{
    for (size_t i = 0; i < monitor_item_count(); i++) {
        const struct monitor_item *item = monitor_item(i);
        if (monitor_of(item->monitor) != monitor) {
            continue;
        }
        print_mn(county, index, out);
        fprintf(out, ",%s,Rtd,2011,", item->factor);
        if (item->equipment[0] != '\0') {
            fprintf(out, "%s%u", item->equipment, county_device(county, index).site + 1);
        }
        fprintf(out, ",%s\n", item->rest);
    }
}

static void outlet_row(const struct county *county, uint32_t site, FILE *out)
{
    bool kitchen = site >= county->plants && county_monitor(county, site) == NULL;
    fprintf(out, "O%u,%s,%s,E%u\n", site + 1, kitchen ? "油烟排口" : "1号排口",
        kitchen ? "Kitchen outlet" : "Stack 1", site + 1);
}

static void equipment_row(const struct county *county, uint32_t site, FILE *out)
{
    static const struct {
        const char *id, *zh, *en;
    } PLANT[] = {{"F", "生产设备", "furnace"}, {"T", "治污设施", "treatment"},
        {"B", "旁路挡板", "bypass damper"}, {"C", "监测站房", "monitoring cabin"},
        {"S", "厂区总表", "site meter"}},
      KITCHEN[] = {{"FAN", "排烟风机", "exhaust fan"}, {"PUR", "油烟净化器", "fume purifier"}};
    const struct monitor *other = county_monitor(county, site);
    bool plant = site < county->plants;
    size_t count = other != NULL ? 0 : plant ? 5 : 2;
    if (other != NULL) {
        other_equipment(other, site, out);
    }
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%u,%s,%s,E%u,O%u\n", plant ? PLANT[i].id : KITCHEN[i].id, site + 1,
            plant ? PLANT[i].zh : KITCHEN[i].zh, plant ? PLANT[i].en : KITCHEN[i].en, site + 1,
            site + 1);
    }
}

static void linkage_row(const struct county *county, uint32_t site, FILE *out)
{
    static const struct {
        const char *role, *equipment, *mode;
    } PLANT[] = {{"production", "F", "any"}, {"treatment", "T", "all"}, {"bypass", "B", "any"},
        {"cabin", "C", "any"}, {"site", "S", "any"}},
      KITCHEN[] = {{"fan", "FAN", "any"}, {"purifier", "PUR", "any"}};
    const struct monitor *other = county_monitor(county, site);
    bool plant = site < county->plants;
    size_t count = other != NULL ? 0 : plant ? 5 : 2;
    if (other != NULL) {
        other_linkage(other, site, out);
    }
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "L%u,%s,%s,E%u,O%u,%s,%s%u,%s\n", site + 1,
            plant ? "生产与治污" : "风机与净化器",
            plant ? "production and treatment" : "fan and purifier", site + 1, site + 1,
            plant ? PLANT[i].role : KITCHEN[i].role,
            plant ? PLANT[i].equipment : KITCHEN[i].equipment, site + 1,
            plant ? PLANT[i].mode : KITCHEN[i].mode);
    }
}

static void limit_row(const struct county *county, uint32_t site, FILE *out)
{
    if (site < county->plants) {
        fprintf(out, "O%u,a21002,hour,50,mg/m3,DB14/1929-2019 (recalled),legal\n", site + 1);
    } else if (county_monitor(county, site) == NULL) {
        fprintf(out, "O%u,a34041,10min,2,mg/m3,GB 18483-2001,legal\n", site + 1);
    }
}

struct monitor_row {
    const char *zh, *en, *kind, *format;
};

static struct monitor_row other_row(const struct monitor *monitor)
{
    return (struct monitor_row){monitor->zh, monitor->en, monitor->kind,
        monitor->format == FORMAT_HJ212 ? "hj212" : "senml"};
}

static void device_row(const struct county *county, uint32_t index, FILE *out)
{
    static const struct monitor_row ROLES[] = {
        [ROLE_CEMS] = {"烟气在线监测", "CEMS", "cems", "hj212"},
        [ROLE_METER] = {"分表计电", "power meters", "electricity", "senml"},
        [ROLE_BYPASS] = {"旁路监控", "bypass monitor", "bypass", "hj212"},
        [ROLE_FUME] = {"油烟监测仪", "fume monitor", "fume", "senml"},
    };
    struct county_device device = county_device(county, index);
    const struct dialect *dialect = county_dialect(county, index);
    struct monitor_row row = device.role == ROLE_OTHER
                                 ? other_row(county_monitor(county, device.site))
                                 : ROLES[device.role];
    bool frames = dialect != NULL || row.format[0] == 'h';
    print_mn(county, index, out);
    fprintf(out, ",%s,%s,%s,E%u,O%u,%s,%s,%d,%s,%s\n", row.zh, row.en, row.kind, device.site + 1,
        device.site + 1, frames ? "hj212" : "senml", frames ? "123456" : "", county->interval_s,
        frames ? "faults" : "always", dialect == NULL ? "" : dialect->profile);
}

static void signal_row(const struct county *county, uint32_t index, FILE *out)
{
    static const struct {
        enum device_role role;
        const char *factor, *equipment, *rest;
    } ROWS[] = {
        {ROLE_CEMS, "a34013", "", "pm,mg/m3,,,,100"},
        {ROLE_CEMS, "a21026", "", "so2,mg/m3,,,,300"},
        {ROLE_CEMS, "a21002", "", "nox,mg/m3,,,,400"},
        {ROLE_CEMS, "a19001", "", "o2,%,,,,25"},
        {ROLE_CEMS, "a01011", "", "velocity,m/s,,,,40"},
        {ROLE_BYPASS, "e10101", "B", "opening,%,,,,"},
        {ROLE_BYPASS, "e10201", "B", "open_switch,,,,,"},
        {ROLE_BYPASS, "e10301", "B", "closed_switch,,,,,"},
        {ROLE_BYPASS, "a01011", "B", "velocity,m/s,,,,"},
        {ROLE_METER, "d20101", "F", "power,kW,500,20,400,"},
        {ROLE_METER, "d30101", "T", "power,kW,75,2,60,"},
        {ROLE_METER, "d10101", "S", "power,kW,800,30,600,"},
        {ROLE_METER, "d40101", "C", "mains,,,,,"},
        {ROLE_METER, "d40102", "C", "on_battery,,,,,"},
        {ROLE_FUME, "a34041", "", "fume,mg/m3,,,,10"},
        {ROLE_FUME, "fan", "FAN", "power,kW,3,0.1,2.4,"},
        {ROLE_FUME, "purifier", "PUR", "power,kW,1,0.05,0.8,"},
    };
    struct county_device device = county_device(county, index);
    if (device.role == ROLE_OTHER) {
        other_signals(county, county_monitor(county, device.site), index, out);
        return;
    }
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (ROWS[i].role != device.role || county_dialect(county, index) != NULL) {
            continue;
        }
        print_mn(county, index, out);
        fprintf(out, ",%s,Rtd,2011,", ROWS[i].factor);
        if (ROWS[i].equipment[0] != '\0') {
            fprintf(out, "%s%u", ROWS[i].equipment, device.site + 1);
        }
        fprintf(out, ",%s\n", ROWS[i].rest);
    }
}

/* The county's own, beside its first site. */
static void zone_row(const struct county *county, uint32_t site, FILE *out)
{
    if (county->others > 0 && site == 0) {
        fputs(
            "Z1,城区（虚构）,low-emission,112.90 35.78; 112.95 35.78; 112.95 35.83; 112.90 35.83\n",
            out);
    }
}

static enum status write_sheet(
    const struct county *county, const char *directory, const struct sheet *sheet)
{
    char path[4096];
    int size = snprintf(path, sizeof path, "%s/%s.csv", directory, sheet->name);
    FILE *out = size > 0 && (size_t)size < sizeof path ? fopen(path, "w") : NULL;
    if (out == NULL) {
        return STATUS_IO;
    }
    uint32_t count = sheet->of_sites ? county_sites(county) : county_devices(county);
    fprintf(out, "%s\n", sheet->columns);
    for (uint32_t i = 0; i < count; i++) {
        sheet->row(county, i, out);
    }
    return fclose(out) == 0 ? STATUS_OK : STATUS_IO;
}

static enum status write_profiles(const char *directory)
{
    char path[4096];
    static char space[PROFILES_CSV_SIZE];
    struct text text = text_in(space, sizeof space);
    int size = snprintf(path, sizeof path, "%s/profiles.csv", directory);
    FILE *out = size > 0 && (size_t)size < sizeof path ? fopen(path, "w") : NULL;
    if (out == NULL) {
        return STATUS_IO;
    }
    profiles_csv(&text);
    fwrite(space, 1, text.size, out);
    return fclose(out) == 0 && !text.truncated ? STATUS_OK : STATUS_IO;
}

enum status tables_write(const struct county *county, const char *directory)
{
    static const struct sheet SHEETS[] = {
        {"enterprises", "enterprise,name,name_en", enterprise_row, true},
        {"outlets", "outlet,name,name_en,enterprise", outlet_row, true},
        {"equipment", "equipment,name,name_en,enterprise,outlet", equipment_row, true},
        {"linkages", "linkage,name,name_en,enterprise,outlet,role,equipment,mode", linkage_row,
            true},
        {"limits", "outlet,factor,averaging,value,unit,standard,tier", limit_row, true},
        {"devices", "mn,name,name_en,kind,enterprise,outlet,format,pw,interval_s,verdict,profile",
            device_row, false},
        {"zones", "zone,name,kind,polygon", zone_row, true},
        {"signals", "mn,factor,field,cn,equipment,quantity,unit,rated,idle,normal,range_max",
            signal_row, false},
    };
    char path[4096];
    mkdir(directory, 0755); /* that it is there already is fine */
    snprintf(path, sizeof path, "%s/area.csv", directory);
    FILE *area = fopen(path, "w");
    if (area == NULL) {
        return STATUS_IO;
    }
    fputs("area,name,name_en\n140581,高平市（模拟）,Gaoping (simulated)\n", area);
    enum status status = fclose(area) == 0 ? STATUS_OK : STATUS_IO;
    for (size_t i = 0; i < sizeof SHEETS / sizeof SHEETS[0] && status == STATUS_OK; i++) {
        status = write_sheet(county, directory, &SHEETS[i]);
    }
    return status == STATUS_OK ? write_profiles(directory) : status;
}

enum status keys_write(const struct county *county, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (out == NULL) {
        return STATUS_IO;
    }
    fputs("mn,key_id,key,from,until\n", out);
    for (uint32_t i = 0; i < county_devices(county); i++) {
        char key[COUNTY_KEY_SIZE + 1];
        if (county_key(county, i, key)) {
            print_mn(county, i, out);
            fprintf(out, ",simulated,%s,2020-01-01,2090-01-01\n", key);
        }
    }
    return fclose(out) == 0 ? STATUS_OK : STATUS_IO;
}
