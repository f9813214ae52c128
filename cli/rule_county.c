#include <string.h>

#include "cli/rule_tests.h"
#include "schemas/rule_periods.h"

/* One table of the registry while it is written. */
struct table_text {
    struct text text;
    char space[32 * 1024];
};

struct county {
    struct table_text devices, equipment, signals, linkages, limits, outlets, zones;
};

static void begin(struct table_text *table, const char *columns)
{
    table->text = text_in(table->space, sizeof table->space);
    text_add(&table->text, columns);
    text_add_byte(&table->text, '\n');
}

/* Empty: the subject's own, value, device.quantity or hour.Avg. */
static struct slice role_of(struct slice name)
{
    struct slice rest = name;
    struct slice role =
        slice_find(name, 0, '.') == name.size ? (struct slice){0} : slice_cut(&rest, '.');
    bool own = slice_is(role, "device") || rule_period_of(role) != NULL;
    return own ? (struct slice){0} : role;
}

static const char *const COLUMNS[] = {"rated", "idle", "normal", "zero_noise", "range_min",
    "range_max", "detection_limit", "approved"};
enum { TOLD_COLUMN_COUNT = sizeof COLUMNS / sizeof COLUMNS[0] };

struct slice rule_test_column(struct slice name)
{
    struct slice rest = name;
    while (slice_find(rest, 0, '.') < rest.size) {
        slice_cut(&rest, '.');
    }
    for (size_t i = 0; i < TOLD_COLUMN_COUNT && rest.size < name.size; i++) {
        if (slice_is(rest, COLUMNS[i])) {
            return rest;
        }
    }
    return (struct slice){0};
}

static struct slice quantity_of(struct slice name)
{
    size_t dot = slice_find(name, 0, '.');
    return dot == name.size ? name : slice_tail(name, dot + 1);
}

/* hour.Avg: a field of the rule's own signal, of another kind of data. */
static const struct rule_period *period_of(struct slice name)
{
    struct slice rest = name;
    return slice_find(name, 0, '.') == name.size ? NULL : rule_period_of(slice_cut(&rest, '.'));
}

/* Of scope pair: the signal beside, of a second outlet. */
static bool is_other(struct slice name)
{
    return slice_is(name, "other");
}

/* A role sends by a device of its own; value and device are the subject's own device. */
void rule_test_mn(const struct rule_test *test, struct slice name, struct text *out)
{
    struct slice role = role_of(name);
    (void)test;
    text_add(out, "D-");
    text_add_slice(out, is_other(name)   ? slice_of("other")
                        : role.size == 0 ? slice_of("subject")
                                         : role);
}

static bool is_watched(struct slice name)
{
    return slice_is(name, "value") || is_other(name);
}

int rule_test_cn(const struct rule_test *test, struct slice name)
{
    const struct rule_period *period =
        is_watched(name) ? rule_period_of(test->period) : period_of(name);
    return period == NULL ? 2011 : period->cn;
}

struct slice rule_test_factor(const struct rule_test *test, struct slice name)
{
    return is_watched(name) || period_of(name) != NULL ? test->quantity : quantity_of(name);
}

struct slice rule_test_field(const struct rule_test *test, struct slice name)
{
    const struct rule_period *period = rule_period_of_cn(rule_test_cn(test, name));
    return period_of(name) == NULL ? slice_of(period->field) : quantity_of(name);
}

/* A name of the same device stands in front of it. */
static bool named_before(const struct rule_test *test, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        struct slice name = test->given[i].name;
        if (rule_test_column(name).size == 0 && rule_test_tier(name).size == 0 &&
            !slice_is(name, "outlet.o2_reference") && !slice_is(name, "device.lag") &&
            is_other(name) == is_other(test->given[index].name) &&
            slice_equal(role_of(name), role_of(test->given[index].name))) {
            return true;
        }
    }
    return false;
}

static void add_device(
    struct county *county, const struct rule_test *test, struct slice name, bool own)
{
    struct text *text = &county->devices.text;
    rule_test_mn(test, name, text);
    text_add(text, ",test device,");
    text_add_slice(text, own && test->kind.size > 0 ? test->kind : slice_of("test"));
    text_add(text, is_other(name) ? ",E1,O2,hj212,123456," : ",E1,O1,hj212,123456,");
    int64_t interval_s = test->every_ms / SECOND_MS;
    text_add_int(text, interval_s < 1 ? 1 : interval_s);
    text_add_byte(text, '\n');
}

static void add_equipment(struct county *county, const struct rule_test *test, struct slice role)
{
    text_add_slice(&county->equipment.text, role);
    text_add_byte(&county->equipment.text, ',');
    text_add_slice(&county->equipment.text, role);
    text_add(&county->equipment.text, ",E1,");
    text_add_slice(&county->equipment.text, rule_terms_status(&test->terms, role));
    text_add_byte(&county->equipment.text, '\n');
    text_add(&county->linkages.text, "L1,L1,E1,O1,");
    text_add_slice(&county->linkages.text, role);
    text_add_byte(&county->linkages.text, ',');
    text_add_slice(&county->linkages.text, role);
    text_add_byte(&county->linkages.text, '\n');
}

/* What the test says of the signal in signals.csv. */
static void add_columns(struct text *text, const struct rule_test *test, struct slice name)
{
    for (size_t column = 0; column < TOLD_COLUMN_COUNT; column++) {
        text_add_byte(text, ',');
        for (size_t i = 0; i < test->given_count; i++) {
            struct slice given = test->given[i].name;
            if (slice_is(rule_test_column(given), COLUMNS[column]) &&
                given.size == name.size + 1 + strlen(COLUMNS[column]) &&
                slice_equal(slice_head(given, name.size), name)) {
                text_add_slice(text, test->given[i].values[0]);
            }
        }
    }
}

static void add_signal(struct county *county, const struct rule_test *test,
    const struct program *program, struct slice name)
{
    struct text *text = &county->signals.text;
    struct slice role = role_of(name);
    bool own = role.size == 0;
    struct slice quantity = rule_test_factor(test, name);
    rule_test_mn(test, name, text);
    text_add_byte(text, ',');
    text_add_slice(text, quantity);
    text_add_byte(text, ',');
    text_add_slice(text, rule_test_field(test, name));
    text_add_byte(text, ',');
    text_add_int(text, rule_test_cn(test, name));
    text_add_byte(text, ',');
    text_add_slice(text, own || slice_is(role, "outlet") ? (struct slice){0} : role);
    text_add_byte(text, ',');
    text_add_slice(text, period_of(name) == NULL ? quantity : slice_of("beside"));
    text_add_byte(text, ',');
    text_add_slice(text, program_quantity_unit(program, quantity));
    add_columns(text, test, name);
    text_add_byte(text, '\n');
}

struct slice rule_test_tier(struct slice name)
{
    static const char *const TIERS[][2] = {
        {"limit", "legal"}, {"policy_limit", "policy"}, {"permit", "permit"}};
    for (size_t i = 0; i < sizeof TIERS / sizeof TIERS[0]; i++) {
        if (slice_is(name, TIERS[i][0])) {
            return slice_of(TIERS[i][1]);
        }
    }
    return (struct slice){0};
}

static void add_limit(struct county *county, const struct rule_test *test,
    const struct program *program, const struct given *given)
{
    struct slice tier = rule_test_tier(given->name);
    bool permit = slice_is(tier, "permit");
    struct slice period = test->period.size == 0 ? slice_of("minute") : test->period;
    const struct slice cells[] = {slice_of("O1"), test->quantity,
        permit ? slice_of("year") : period, given->values[0],
        permit ? slice_of("kg") : program_quantity_unit(program, test->quantity), slice_of("test"),
        tier};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        text_add(&county->limits.text, i == 0 ? "" : ",");
        text_add_slice(&county->limits.text, cells[i]);
    }
    text_add_byte(&county->limits.text, '\n');
}

static void add_part(struct text *bundle, const char *name, const struct text *table)
{
    text_add(bundle, "--- ");
    text_add(bundle, name);
    text_add_byte(bundle, ' ');
    text_add_int(bundle, (int64_t)table->size);
    text_add_byte(bundle, '\n');
    text_add_slice(bundle, text_slice(table));
    text_add_byte(bundle, '\n');
}

/* A square of one degree, of this kind. */
static void add_zone(struct county *county, struct slice kind)
{
    struct text *text = &county->zones.text;
    text_add_slice(text, kind);
    text_add_byte(text, ',');
    text_add_slice(text, kind);
    text_add(text, ",0 0; 1 0; 1 1; 0 1\n");
}

/* A device that sends data of a period has signals of it. */
static void add_periods(struct county *county, const struct rule_test *test, size_t index)
{
    static const char *const CNS[] = {"2051", "2061", "2031"};
    const struct given *given = &test->given[index];
    for (size_t i = 0; i < sizeof CNS / sizeof CNS[0]; i++) {
        size_t k = 0;
        while (k < given->count && !slice_is(given->values[k], CNS[i])) {
            k += 1;
        }
        if (k < given->count) {
            struct text *text = &county->signals.text;
            rule_test_mn(test, given->name, text);
            text_add(text, ",a21026,Avg,");
            text_add(text, CNS[i]);
            text_add(text, ",,raw_sample,,,,,,,,,\n");
        }
    }
}

static void add_given(struct county *county, const struct rule_test *test,
    const struct program *program, size_t index)
{
    const struct given *given = &test->given[index];
    struct slice role = role_of(given->name);
    if (rule_test_tier(given->name).size > 0) {
        add_limit(county, test, program, given);
        return;
    }
    if (slice_is(role, "zone")) {
        add_zone(county, quantity_of(given->name));
        return;
    }
    if (slice_is(given->name, "outlet.o2_reference") || slice_is(given->name, "device.lag") ||
        rule_test_column(given->name).size > 0) {
        return; /* stands with the outlet, or with its signal; shifts its times */
    }
    bool own = role.size == 0;
    if (!named_before(test, index)) {
        add_device(county, test, given->name, own);
        if (!own && !slice_is(role, "outlet")) {
            add_equipment(county, test, role);
        }
    }
    if (slice_is(given->name, "device")) {
        add_periods(county, test, index);
    } else {
        add_signal(county, test, program, given->name);
    }
}

static void add_outlet(struct county *county, const struct rule_test *test)
{
    struct text *text = &county->outlets.text;
    text_add(text, "O1,test outlet,E1,");
    for (size_t i = 0; i < test->given_count; i++) {
        if (slice_is(test->given[i].name, "outlet.o2_reference")) {
            text_add_slice(text, test->given[i].values[0]);
        }
    }
    text_add(text, "\nO2,other outlet,E1,\n");
}

/* A linkage wants something that produces, even where the test speaks of nothing of the kind. */
static bool has_producer(const struct rule_test *test)
{
    static const char *const ROLES[] = {"production", "fan", "site"};
    for (size_t i = 0; i < test->given_count; i++) {
        for (size_t k = 0; k < sizeof ROLES / sizeof ROLES[0]; k++) {
            if (slice_is(role_of(test->given[i].name), ROLES[k])) {
                return true;
            }
        }
    }
    return false;
}

struct slice rule_test_registry(
    const struct rule_test *test, const struct program *program, struct arena *arena)
{
    enum { BUNDLE_SIZE = 256 * 1024 };
    struct county *county = arena_take(arena, 1, sizeof *county);
    struct text bundle = text_in(arena_take(arena, BUNDLE_SIZE, 1), BUNDLE_SIZE);
    struct table_text *area = arena_take(arena, 3, sizeof *area);
    begin(&area[0], "area\n140581");
    begin(&area[1], "enterprise,name,town\nE1,test enterprise,test town");
    begin(&county->devices, "mn,name,kind,enterprise,outlet,format,pw,interval_s");
    begin(&county->equipment, "equipment,name,enterprise,status");
    begin(&area[2], "calendar,enterprise,from_time,to_time,equipment,share");
    rule_terms_calendars(&test->terms, &area[2].text);
    begin(&county->limits, "outlet,factor,averaging,value,unit,standard,tier");
    begin(&county->linkages, "linkage,name,enterprise,outlet,role,equipment");
    begin(&county->outlets, "outlet,name,enterprise,o2_reference");
    add_outlet(county, test);
    begin(&county->signals, "mn,factor,field,cn,equipment,quantity,unit,rated,idle,normal,zero_"
                            "noise,range_min,range_max,detection_limit,approved");
    begin(&county->zones, "zone,kind,polygon");
    for (size_t i = 0; i < test->given_count; i++) {
        add_given(county, test, program, i);
    }
    if (!has_producer(test)) {
        add_equipment(county, test, slice_of("production"));
    }
    add_part(&bundle, "area.csv", &area[0].text);
    add_part(&bundle, "calendars.csv", &area[2].text);
    add_part(&bundle, "devices.csv", &county->devices.text);
    add_part(&bundle, "enterprises.csv", &area[1].text);
    add_part(&bundle, "equipment.csv", &county->equipment.text);
    add_part(&bundle, "limits.csv", &county->limits.text);
    add_part(&bundle, "linkages.csv", &county->linkages.text);
    add_part(&bundle, "outlets.csv", &county->outlets.text);
    add_part(&bundle, "signals.csv", &county->signals.text);
    add_part(&bundle, "zones.csv", &county->zones.text);
    return text_slice(&bundle);
}
