#include "broker-bridge/metrics.h"

#include <string.h>

#include "version.h"

enum kind { KIND_COUNTER, KIND_GAUGE, KIND_HISTOGRAM };

enum unit { ONE, MS };

static const struct metric {
    enum kind kind;
    size_t which;
    const char *name, *labels;
    enum unit unit;
    const char *help;
} METRICS[] = {
#define COUNTER(id, name, labels, unit, help)                                                      \
    {KIND_COUNTER, COUNTER_##id, name, labels, unit, help},
#define GAUGE(id, name, labels, unit, help) {KIND_GAUGE, GAUGE_##id, name, labels, unit, help},
#define HISTOGRAM(id, name, help)           {KIND_HISTOGRAM, HISTOGRAM_##id, name, "", ONE, help},
#include "broker-bridge/counters.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
};

enum { METRIC_COUNT = sizeof METRICS / sizeof METRICS[0] };

static const char *const KIND_NAMES[] = {"counter", "gauge", "histogram"};

struct page {
    struct text *text;
    enum metrics_format format;
};

static void add_uint(struct text *text, uint64_t value)
{
    /* A total beyond 2^63 is not reached in this world: 10^6 a second need 292,000 years. */
    text_add_int(text, (int64_t)value);
}

/* Thousandths, or millionths, of a second: digits by hand, exact. */
static void add_fraction(struct text *text, int64_t value, int64_t parts)
{
    if (value < 0) {
        text_add_byte(text, '-');
        value = -value;
    }
    text_add_int(text, value / parts);
    int64_t rest = value % parts;
    if (rest == 0) {
        return;
    }
    text_add_byte(text, '.');
    while (rest > 0) {
        parts /= 10;
        text_add_int(text, rest / parts);
        rest %= parts;
    }
}

static void add_head(struct page *page, const char *name, enum kind kind, const char *help)
{
    struct slice family = slice_of(name);
    if (page->format == METRICS_OPENMETRICS && kind == KIND_COUNTER) {
        family.size -= strlen("_total"); /* there the family has no suffix, its samples have */
    }
    text_add(page->text, "# HELP ");
    text_add_slice(page->text, family);
    text_add_byte(page->text, ' ');
    text_add(page->text, help);
    text_add(page->text, "\n# TYPE ");
    text_add_slice(page->text, family);
    text_add_byte(page->text, ' ');
    text_add(page->text, KIND_NAMES[kind]);
    text_add_byte(page->text, '\n');
}

static void add_name(struct page *page, const char *name, const char *labels)
{
    text_add(page->text, name);
    if (labels[0] != '\0') {
        text_add_byte(page->text, '{');
        text_add(page->text, labels);
        text_add_byte(page->text, '}');
    }
    text_add_byte(page->text, ' ');
}

static void add_value(struct page *page, const struct metric *metric, int64_t value)
{
    add_name(page, metric->name, metric->labels);
    if (metric->unit == MS) {
        add_fraction(page->text, value, 1000);
    } else {
        text_add_int(page->text, value);
    }
    text_add_byte(page->text, '\n');
}

static void add_bucket(struct page *page, const char *name, size_t bucket, uint64_t count)
{
    text_add(page->text, name);
    text_add(page->text, "_bucket{le=\"");
    if (bucket == HISTOGRAM_BUCKET_COUNT) {
        text_add(page->text, "+Inf");
    } else {
        add_fraction(page->text, (int64_t)HISTOGRAM_BOUNDS_US[bucket], 1000000);
    }
    text_add(page->text, "\"} ");
    add_uint(page->text, count);
    text_add_byte(page->text, '\n');
}

static void add_histogram(
    struct page *page, const struct metric *metric, const struct histogram_cells *cells)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= HISTOGRAM_BUCKET_COUNT; i++) {
        count += atomic_load_explicit(&cells->buckets[i], memory_order_relaxed);
        add_bucket(page, metric->name, i, count);
    }
    text_add(page->text, metric->name);
    text_add(page->text, "_sum ");
    add_fraction(
        page->text, (int64_t)atomic_load_explicit(&cells->sum_us, memory_order_relaxed), 1000000);
    text_add_byte(page->text, '\n');
    text_add(page->text, metric->name);
    text_add(page->text, "_count ");
    add_uint(page->text, count);
    text_add_byte(page->text, '\n');
}

/* Each verdict is read once: `received` is the sum of exactly the four numbers above it. */
static void add_verdicts(struct page *page, const struct counters *counters)
{
    uint64_t received = 0;
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const struct metric *metric = &METRICS[i];
        if (metric->kind != KIND_COUNTER || metric->which > COUNTER_REJECTED) {
            continue;
        }
        uint64_t count = counter_get(counters, (enum counter)metric->which);
        received += count;
        if (metric->help[0] != '\0') {
            add_head(page, metric->name, KIND_COUNTER, metric->help);
        }
        add_value(page, metric, (int64_t)count);
    }
    add_head(page, "hjhub_received_total", KIND_COUNTER,
        "Frames, runs of bytes that are none, empty payloads and packs received.");
    add_name(page, "hjhub_received_total", "");
    add_uint(page->text, received);
    text_add_byte(page->text, '\n');
}

static void add_rules(struct page *page, const struct counters *counters)
{
    add_head(page, "hjhub_rules_broken_total", KIND_COUNTER,
        "Messages in which a rule of validity was broken, by rule and its consequence.");
    const size_t rule_count = RULE_COUNT;
    for (size_t i = 0; i < rule_count; i++) {
        const struct validity_rule_row *rule = validity_rule((enum validity_rule)i);
        text_add(page->text, "hjhub_rules_broken_total{rule=\"");
        text_add(page->text, rule->name);
        text_add(page->text, "\",consequence=\"");
        text_add(page->text, consequence_name(rule->consequence));
        text_add(page->text, "\"} ");
        add_uint(
            page->text, atomic_load_explicit(&counters->rules_broken[i], memory_order_relaxed));
        text_add_byte(page->text, '\n');
    }
}

static void add_metric(
    struct page *page, const struct metric *metric, const struct counters *counters)
{
    switch (metric->kind) {
    case KIND_COUNTER:
        add_value(page, metric, (int64_t)counter_get(counters, (enum counter)metric->which));
        break;
    case KIND_GAUGE:
        add_value(page, metric, gauge_get(counters, (enum gauge)metric->which));
        break;
    case KIND_HISTOGRAM:
        add_histogram(page, metric, &counters->histograms[metric->which]);
        break;
    }
}

const char *metrics_content_type(enum metrics_format format)
{
    return format == METRICS_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

void metrics_write(struct text *text, const struct counters *counters, enum metrics_format format)
{
    struct page page = {text, format};
    add_head(&page, "hjhub_build_info", KIND_GAUGE, "The version that runs; always 1.");
    add_name(&page, "hjhub_build_info", "version=\"" HJHUB_VERSION "\"");
    text_add(text, "1\n");
    add_verdicts(&page, counters);
    add_rules(&page, counters);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const struct metric *metric = &METRICS[i];
        if (metric->kind == KIND_COUNTER && metric->which <= COUNTER_REJECTED) {
            continue;
        }
        if (metric->help[0] != '\0') {
            add_head(&page, metric->name, metric->kind, metric->help);
        }
        add_metric(&page, metric, counters);
    }
    if (format == METRICS_OPENMETRICS) {
        text_add(text, "# EOF\n");
    }
}
