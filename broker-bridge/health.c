#include "broker-bridge/health.h"

#include <assert.h>
#include <string.h>

enum weight { LIVE, READY, ADVISE, NOTE };

enum unit { MS, COUNT, YES };

static const struct row {
    const char *name;
    enum weight weight;
    enum unit unit;
    int64_t warn_at, fail_at;
    enum health_check after;
    const char *en, *zh, *en_do, *zh_do;
} ROWS[HEALTH_CHECK_COUNT] = {
#define HEALTH(id, name, weight, unit, warn_at, fail_at, after, en, zh, en_do, zh_do)              \
    {name, weight, unit, warn_at, fail_at, HEALTH_##after, en, zh, en_do, zh_do},
#include "broker-bridge/health.def"
#undef HEALTH
};

const char *health_state_name(enum health_state state)
{
    static const char *const NAMES[] = {"ok", "unknown", "warn", "fail"};
    return NAMES[state];
}

bool health_is_age(enum health_check which)
{
    return ROWS[which].unit == MS;
}

void health_detail(struct health_input *input, enum health_check which, const char *words)
{
    char *detail = input->details[which];
    size_t size = 0;
    while (words[size] != '\0' && size < HEALTH_DETAIL_SIZE - 1) {
        bool printable = words[size] >= ' ' && words[size] <= '~';
        detail[size] = printable ? words[size] : '?';
        size += 1;
    }
    detail[size] = '\0';
}

static enum health_state judge(const struct row *row, int64_t value)
{
    if (value >= row->fail_at) {
        return HEALTH_FAIL;
    }
    return value >= row->warn_at ? HEALTH_WARN : HEALTH_OK;
}

void health_judge(const struct health_input *input, struct health_report *report)
{
    *report = (struct health_report){.live = true, .ready = true, .input = *input};
    for (size_t i = 0; i < HEALTH_CHECK_COUNT; i++) {
        const struct row *row = &ROWS[i];
        enum health_state state = judge(row, input->values[i]);
        /* The cause is named once: what hangs on it is not a second failure. */
        enum health_state cause = row->after == i ? HEALTH_OK : report->checks[row->after];
        assert(row->after <= i); /* causes stand above what hangs on them */
        if (cause == HEALTH_FAIL || cause == HEALTH_UNKNOWN) {
            state = HEALTH_UNKNOWN;
        }
        report->checks[i] = state;
        if (state == HEALTH_FAIL) {
            report->live = report->live && row->weight != LIVE;
            report->ready = report->ready && row->weight > READY;
        }
        bool counts = row->weight != NOTE && state != HEALTH_UNKNOWN;
        if (counts && state > report->overall) {
            report->overall = state;
        }
    }
}

/* "90 s", "12 min", "3 h", "2 d": as precise as anybody needs who looks at it. */
static void add_duration(struct text *text, int64_t ms)
{
    static const struct {
        int64_t below_ms, unit_ms;
        const char *unit;
    } STEPS[] = {
        {2 * SECOND_MS, 1, " ms"},
        {2 * MINUTE_MS, SECOND_MS, " s"},
        {2 * HOUR_MS, MINUTE_MS, " min"},
        {2 * (int64_t)DAY_MS, HOUR_MS, " h"},
        {INT64_MAX, DAY_MS, " d"},
    };
    size_t step = 0;
    while (ms >= STEPS[step].below_ms && step < 4) {
        step += 1;
    }
    text_add_int(text, ms / STEPS[step].unit_ms);
    text_add(text, STEPS[step].unit);
}

static void add_sentence(
    struct text *text, const struct health_report *report, size_t which, const char *sentence)
{
    const struct row *row = &ROWS[which];
    struct slice rest = slice_of(sentence);
    text_add_slice(text, slice_cut(&rest, '{'));
    if (rest.size > 0) {
        if (row->unit == MS) {
            add_duration(text, report->input.values[which]);
        } else {
            text_add_int(text, report->input.values[which]);
        }
        text_add_slice(text, slice_tail(rest, 1));
    }
    const char *detail = report->input.details[which];
    if (detail[0] != '\0') {
        text_add(text, " (");
        text_add(text, detail);
        text_add(text, ")");
    }
}

/* The check that fails, above all that hang on it. */
static size_t cause_of(const struct health_report *report, size_t which)
{
    while (report->checks[which] == HEALTH_UNKNOWN) {
        which = ROWS[which].after; /* stands above: it ends */
    }
    return which;
}

/* The words around the name of the check that hides this one. */
struct hidden {
    const char *before, *after;
};

static const struct hidden HIDDEN_EN = {"not known while ", " fails"};
static const struct hidden HIDDEN_ZH = {"", " 未通过，暂时无法判断"};

static void add_reason(struct text *text, const struct health_report *report, size_t which,
    const char *sentence, const struct hidden *hidden)
{
    if (report->checks[which] == HEALTH_UNKNOWN) {
        text_add(text, hidden->before);
        text_add(text, ROWS[cause_of(report, which)].name);
        text_add(text, hidden->after);
        return;
    }
    add_sentence(text, report, which, sentence);
}

static void add_field(struct text *text, const struct health_report *report, size_t which,
    const char *name, const char *sentence, const struct hidden *hidden)
{
    char space[600];
    struct text words = text_in(space, sizeof space);
    add_reason(&words, report, which, sentence, hidden);
    text_add_field(text, name, text_slice(&words));
}

static void add_bool(struct text *text, const char *name, bool value)
{
    text_add_key(text, name);
    text_add(text, value ? "true" : "false");
}

static void add_check(struct text *text, const struct health_report *report, size_t which)
{
    const struct row *row = &ROWS[which];
    text_add_byte(text, '{');
    text_add_field(text, "name", slice_of(row->name));
    text_add_field(text, "status", slice_of(health_state_name(report->checks[which])));
    text_add_field_int(text, "value", report->input.values[which]);
    text_add_field(text, "unit", slice_of(row->unit == MS ? "ms" : ""));
    if (report->checks[which] != HEALTH_OK) {
        add_field(text, report, which, "reason_en", row->en, &HIDDEN_EN);
        add_field(text, report, which, "reason_zh", row->zh, &HIDDEN_ZH);
        text_add_field(text, "do_en", slice_of(row->en_do));
        text_add_field(text, "do_zh", slice_of(row->zh_do));
    }
    text_add_byte(text, '}');
}

void health_json(const struct health_report *report, struct text *text)
{
    text_add_byte(text, '{');
    text_add_field(text, "status", slice_of(health_state_name(report->overall)));
    add_bool(text, "live", report->live);
    add_bool(text, "ready", report->ready);
    text_add_key(text, "checks");
    text_add_byte(text, '[');
    for (size_t i = 0; i < HEALTH_CHECK_COUNT; i++) {
        if (i > 0) {
            text_add_byte(text, ',');
        }
        add_check(text, report, i);
    }
    text_add(text, "]}");
}

static bool in_scope(const struct row *row, enum health_scope scope)
{
    switch (scope) {
    case HEALTH_SCOPE_LIVE:
        return row->weight == LIVE;
    case HEALTH_SCOPE_READY:
        return row->weight <= READY;
    case HEALTH_SCOPE_ALL:
        return true;
    }
    return false;
}

static const char *word(const struct health_report *report, enum health_scope scope)
{
    switch (scope) {
    case HEALTH_SCOPE_LIVE:
        return report->live ? "live\n" : "not live\n";
    case HEALTH_SCOPE_READY:
        return report->ready ? "ready\n" : "not ready\n";
    case HEALTH_SCOPE_ALL:
        break;
    }
    return report->overall == HEALTH_OK ? "well\n" : "not well\n";
}

void health_lines(
    const struct health_report *report, enum health_scope scope, bool verbose, struct text *text)
{
    static const char *const MARKS[] = {"[+] ", "[?] ", "[!] ", "[-] "};
    for (size_t i = 0; i < HEALTH_CHECK_COUNT; i++) {
        const struct row *row = &ROWS[i];
        enum health_state state = report->checks[i];
        if (!in_scope(row, scope) || (state == HEALTH_OK && !verbose)) {
            continue;
        }
        text_add(text, MARKS[state]);
        text_add(text, row->name);
        if (state != HEALTH_OK) {
            text_add(text, ": ");
            add_reason(text, report, i, row->en, &HIDDEN_EN);
            text_add(text, state == HEALTH_UNKNOWN ? "" : "; ");
            text_add(text, state == HEALTH_UNKNOWN ? "" : row->en_do);
        }
        text_add_byte(text, '\n');
    }
    text_add(text, word(report, scope));
}
