#include "simulator/tables.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "schemas/profiles.h"

/* One table and the rows it gets for a site or a device. */
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

static void outlet_row(const struct county *county, uint32_t site, FILE *out)
{
    bool plant = site < county->plants;
    fprintf(out, "O%u,%s,%s,E%u\n", site + 1, plant ? "1号排口" : "油烟排口",
        plant ? "Stack 1" : "Kitchen outlet", site + 1);
}

static void equipment_row(const struct county *county, uint32_t site, FILE *out)
{
    static const struct {
        const char *id, *zh, *en;
    } PLANT[] = {{"F", "生产设备", "furnace"}, {"T", "治污设施", "treatment"},
        {"B", "旁路挡板", "bypass damper"}, {"C", "监测站房", "monitoring cabin"},
        {"S", "厂区总表", "site meter"}},
      KITCHEN[] = {{"FAN", "排烟风机", "exhaust fan"}, {"PUR", "油烟净化器", "fume purifier"}};
    bool plant = site < county->plants;
    size_t count = plant ? 5 : 2;
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
    bool plant = site < county->plants;
    size_t count = plant ? 5 : 2;
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
    } else {
        fprintf(out, "O%u,a34041,10min,2,mg/m3,GB 18483-2001,legal\n", site + 1);
    }
}

static void device_row(const struct county *county, uint32_t index, FILE *out)
{
    static const struct {
        const char *zh, *en, *kind, *format, *verdict;
    } ROLES[] = {
        [ROLE_CEMS] = {"烟气在线监测", "CEMS", "cems", "hj212", "faults"},
        [ROLE_METER] = {"分表计电", "power meters", "electricity", "senml", "always"},
        [ROLE_BYPASS] = {"旁路监控", "bypass monitor", "bypass", "hj212", "faults"},
        [ROLE_FUME] = {"油烟监测仪", "fume monitor", "fume", "senml", "always"},
    };
    struct county_device device = county_device(county, index);
    const struct dialect *dialect = county_dialect(county, index);
    const char *format = dialect == NULL ? ROLES[device.role].format : "hj212";
    print_mn(county, index, out);
    fprintf(out, ",%s,%s,%s,E%u,O%u,%s,%s,%d,%s,%s\n", ROLES[device.role].zh, ROLES[device.role].en,
        ROLES[device.role].kind, device.site + 1, device.site + 1, format,
        format[0] == 'h' ? "123456" : "", county->interval_s,
        dialect == NULL ? ROLES[device.role].verdict : "faults",
        dialect == NULL ? "" : dialect->profile);
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

static enum status write_sheet(
    const struct county *county, const char *directory, const struct sheet *sheet)
{
    char path[4096];
    int size = snprintf(path, sizeof path, "%s/%s.csv", directory, sheet->name);
    FILE *out = size > 0 && (size_t)size < sizeof path ? fopen(path, "w") : NULL;
    if (out == NULL) {
        return STATUS_IO;
    }
    uint32_t sites = county->plants + county->restaurants;
    uint32_t count = sheet->of_sites ? sites : county_devices(county);
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
