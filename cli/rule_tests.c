#include "cli/rule_tests.h"

#include <stdlib.h>
#include <string.h>

#include "broker-bridge/pipeline.h"
#include "core/decimal.h"
#include "core/hash.h"
#include "schemas/rule_periods.h"
#include "validators/hj212_frame.h"

enum { FRAME_SIZE = 2048, SENTENCE_SIZE = 16 * 1024 };

#define BASE_MS INT64_C(1788192000000) /* 2026-09-01T00:00:00+08:00 */

/* A test while it runs. */
struct trial {
    const struct rule_test *test;
    struct report *report;
    struct pipeline *pipeline;
    uint64_t sequence;
    char said[SENTENCE_SIZE]; /* the last transition; of a report what it told last */
    size_t said_size;
    uint64_t all_said; /* a digest of everything that was said */
    bool restarts;     /* after each record, from nothing but its checkpoint */
    bool passed;
    int64_t told_until_ms; /* what people told before is told */
};

/* Where the part begins; the text's size: nowhere. */
static size_t find(struct slice text, struct slice part)
{
    for (size_t at = 0; at + part.size <= text.size; at++) {
        if (slice_equal(slice_from(text.ptr + at, part.size), part)) {
            return at;
        }
    }
    return text.size;
}

static bool contains(struct slice text, struct slice part)
{
    return part.size == 0 || find(text, part) < text.size;
}

/* The sentences of the last transition: what a test expects of the text stands in there, not in an id. */
static struct slice said_text(const struct trial *trial)
{
    struct slice said = slice_from(trial->said, trial->said_size);
    struct slice begun = slice_tail(said, find(said, slice_of("\"text\":")));
    return slice_head(begun, find(begun, slice_of(",\"title\":")));
}

static void on_effect(void *context, const struct effect *effect)
{
    struct trial *trial = context;
    trial->all_said = hash64_seeded(effect->payload, trial->all_said);
    if ((effect->kind == EFFECT_TRANSITION || effect->kind == EFFECT_FIGURES) &&
        effect->payload.size < SENTENCE_SIZE && contains(effect->payload, trial->test->rule)) {
        memcpy(trial->said, effect->payload.ptr, effect->payload.size);
        trial->said_size = effect->payload.size;
    }
}

static void step(struct trial *trial, struct record record, int64_t at_ms)
{
    record.sequence = ++trial->sequence;
    record.wall.ms = BASE_MS + at_ms;
    record.mono.ms = at_ms;
    record.session = SESSION_UP;
    record.epoch = 1;
    pipeline_step(trial->pipeline, &record, NULL, on_effect, trial);
    if (trial->restarts) {
        pipeline_restart(trial->pipeline);
    }
}

/* --- frames --- */

static struct slice value_at(const struct given *given, size_t index)
{
    return index < given->count ? given->values[index] : (struct slice){0};
}

/* 12.3, or with its flag 12.3/M */
static void add_value(
    const struct rule_test *test, struct slice name, struct slice value, struct text *segment)
{
    const struct slice factor = rule_test_factor(test, name);
    const struct slice field = rule_test_field(test, name);
    bool is_usual = slice_is(field, rule_period_of_cn(rule_test_cn(test, name))->field);
    bool unknown = slice_is(value, "unknown");
    struct slice flag = value;
    struct slice number = slice_cut(&flag, '/');
    text_add_byte(segment, ';');
    text_add_slice(segment, factor);
    text_add_byte(segment, '-');
    text_add_slice(segment, field);
    text_add_byte(segment, '=');
    text_add_slice(segment, slice_is(number, "yes")             ? slice_of("1")
                            : slice_is(number, "no") || unknown ? slice_of("0")
                                                                : number);
    if (flag.size > 0 || is_usual) { /* a factor's flag stands once */
        text_add_byte(segment, ',');
        text_add_slice(segment, factor);
        text_add(segment, "-Flag=");
        text_add_slice(segment, flag.size > 0 ? flag : slice_of(unknown ? "D" : "N"));
    }
}

/* A limit, a zone and a column of signals.csv are there; they are not sent. Nor is how late a message is. */
static bool sends(struct slice name)
{
    return rule_test_tier(name).size == 0 && !slice_is(name, "outlet.o2_reference") &&
           !slice_starts(name, "zone.") && !slice_is(name, "device.lag") &&
           rule_test_column(name).size == 0;
}

/* What the test gives under this name for this step; empty: nothing. */
static struct slice given_at(const struct rule_test *test, const char *name, size_t index)
{
    for (size_t i = 0; i < test->given_count; i++) {
        if (slice_is(test->given[i].name, name)) {
            return value_at(&test->given[i], index);
        }
    }
    return (struct slice){0};
}

/* What goes in one frame: of one device, and of one kind of data. */
static bool goes_together(const struct rule_test *test, struct slice a, struct slice b)
{
    char a_space[100], b_space[100];
    struct text a_mn = text_in(a_space, sizeof a_space), b_mn = text_in(b_space, sizeof b_space);
    rule_test_mn(test, a, &a_mn);
    rule_test_mn(test, b, &b_mn);
    return slice_equal(text_slice(&a_mn), text_slice(&b_mn)) &&
           rule_test_cn(test, a) == rule_test_cn(test, b);
}

static bool is_first_of_frame(const struct rule_test *test, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (sends(test->given[i].name) &&
            goes_together(test, test->given[i].name, test->given[index].name)) {
            return false;
        }
    }
    return true;
}

/* What a word of `device` says of the frame: its CN, another password, that it is sent again. */
static void write_head(const struct rule_test *test, size_t device, struct slice word,
    struct slice mn, int64_t at_ms, int64_t lag_ms, struct text *segment)
{
    uint64_t cn;
    char digits[18];
    event_time_write_qn((struct event_time){BASE_MS + at_ms}, digits);
    text_add(segment, "QN=");
    text_add(segment, digits);
    text_add(segment, ";ST=31;CN=");
    text_add_int(segment, slice_to_uint(word, 9999, &cn)
                              ? (int64_t)cn
                              : rule_test_cn(test, test->given[device].name));
    text_add(segment, slice_is(word, "quarantined") ? ";PW=000000;MN=" : ";PW=123456;MN=");
    text_add_slice(segment, mn);
    text_add(segment,
        slice_is(word, "resent") ? ";Flag=8;RF=1;CP=&&DataTime=" : ";Flag=4;CP=&&DataTime=");
    event_time_write_qn((struct event_time){BASE_MS + at_ms - lag_ms}, digits);
    text_add_slice(segment, slice_head(slice_of(digits), 14));
}

/* All that one device knows at this step, as one frame; false: it is silent. */
static bool write_segment(
    const struct rule_test *test, size_t device, size_t index, int64_t at_ms, struct text *segment)
{
    char mn_space[100];
    struct text mn = text_in(mn_space, sizeof mn_space);
    struct decimal lag = {0};
    bool any = false;
    rule_test_mn(test, test->given[device].name, &mn);
    bool subject = slice_is(text_slice(&mn), "D-subject");
    struct slice word = subject ? given_at(test, "device", index) : (struct slice){0};
    bool late = subject && decimal_parse(given_at(test, "device.lag", index), &lag);
    write_head(test, device, word, text_slice(&mn), at_ms,
        late ? (int64_t)(lag.value * SECOND_MS) : 0, segment);
    for (size_t i = device; i < test->given_count; i++) {
        struct slice name = test->given[i].name;
        struct slice value = value_at(&test->given[i], index);
        if (!sends(name) || value.size == 0 || slice_is(value, "silent") ||
            !goes_together(test, name, test->given[device].name)) {
            continue;
        }
        any = true;
        if (!slice_is(name, "device")) {
            add_value(test, name, value, segment);
        }
    }
    text_add(segment, "&&");
    return any;
}

static void send(struct trial *trial, size_t device, size_t index, int64_t at_ms)
{
    enum { A_DIGIT_OF_QN = 12 };
    char segment_space[FRAME_SIZE], frame_space[FRAME_SIZE + 32], topic_space[160];
    struct text segment = text_in(segment_space, sizeof segment_space);
    struct text frame = text_in(frame_space, sizeof frame_space);
    struct text topic = text_in(topic_space, sizeof topic_space);
    struct slice word = slice_is(trial->test->given[device].name, "device")
                            ? value_at(&trial->test->given[device], index)
                            : (struct slice){0};
    int64_t told_ms = at_ms; /* again: what was last sent anew */
    for (size_t i = index; i > 0 && slice_is(given_at(trial->test, "device", i), "again"); i--) {
        told_ms -= slice_is(word, "again") ? trial->test->every_ms : 0;
    }
    if (!write_segment(trial->test, device, index, told_ms, &segment)) {
        return;
    }
    hj212_frame_write(&frame, text_slice(&segment), CRC_STANDARD);
    if (slice_is(word, "rejected")) {
        frame_space[A_DIGIT_OF_QN] ^= 1; /* its CRC is another's */
    }
    text_add(&topic, "ems/v1/140581/");
    rule_test_mn(trial->test, trial->test->given[device].name, &topic);
    text_add(&topic, "/up/hj212");
    step(trial,
        (struct record){
            .kind = RECORD_MESSAGE, .topic = text_slice(&topic), .payload = text_slice(&frame)},
        at_ms);
}

static void send_all(struct trial *trial, size_t index, int64_t at_ms)
{
    for (size_t i = 0; i < trial->test->given_count; i++) {
        if (sends(trial->test->given[i].name) && is_first_of_frame(trial->test, i)) {
            send(trial, i, index, at_ms);
        }
    }
}

/* --- what is expected --- */

/* The rule's instance; of several (one a device) the one that is furthest from normal. */
static struct pipeline_instance watched(const struct trial *trial)
{
    struct pipeline_instance found = {.state = "no instance", .severity = ""};
    for (uint32_t i = 0; i < pipeline_instance_count(trial->pipeline); i++) {
        struct pipeline_instance instance = pipeline_instance(trial->pipeline, i);
        bool first = strcmp(found.state, "no instance") == 0 || strcmp(found.state, "normal") == 0;
        if (slice_equal(instance.rule, trial->test->rule) && first) {
            found = instance;
        }
    }
    return found;
}

static void add_word(struct text *words, struct slice word)
{
    text_add(words, word.size > 0 ? " " : "");
    text_add_slice(words, word);
}

/* "RULE: 'it': after 60 s: expected" */
static void add_head(const struct trial *trial, const struct expectation *expect, struct text *out)
{
    text_add_slice(out, trial->test->rule);
    text_add(out, ": '");
    text_add_slice(out, trial->test->it);
    text_add(out, "': after ");
    text_add_number(out, (double)expect->after_ms / SECOND_MS, 3);
    text_add(out, " s: expected");
}

static void say_difference(const struct trial *trial, const struct expectation *expect,
    const struct pipeline_instance *got, bool text_fits)
{
    char space[1200];
    struct text words = text_in(space, sizeof space);
    add_head(trial, expect, &words);
    add_word(&words, expect->state);
    add_word(&words, expect->severity);
    if (!text_fits) {
        text_add(&words, " and a text with");
        add_word(&words, expect->text);
    }
    text_add(&words, ", got ");
    text_add(&words, got->state);
    add_word(&words, slice_of(got->severity));
    if (!text_fits) {
        text_add(&words, trial->said_size == 0 ? " and no text" : " and");
        add_word(&words, said_text(trial));
    }
    report_add(trial->report, trial->test->file, expect->line, 0, text_slice(&words));
}

static void compare_told(struct trial *trial, const struct expectation *expect)
{
    char space[1200];
    struct text words = text_in(space, sizeof space);
    add_head(trial, expect, &words);
    if (!rule_test_told(expect, slice_from(trial->said, trial->said_size), &words)) {
        trial->passed = false;
        report_add(trial->report, trial->test->file, expect->line, 0, text_slice(&words));
    }
}

static void compare(struct trial *trial, const struct expectation *expect)
{
    compare_told(trial, expect);
    struct pipeline_instance instance = watched(trial);
    bool state = expect->state.size == 0 || slice_is(expect->state, instance.state);
    bool severity = expect->severity.size == 0 || slice_is(expect->severity, instance.severity);
    bool text = contains(said_text(trial), expect->text);
    if (state && severity && text) {
        return;
    }
    trial->passed = false;
    say_difference(trial, expect, &instance, text);
}

/* What people told by this instant and was not told yet. */
static void tell(struct trial *trial, int64_t at_ms)
{
    const struct rule_terms *terms = &trial->test->terms;
    for (size_t i = 0; i < terms->filed_count; i++) {
        int64_t told_ms = rule_terms_told_ms(terms, i);
        if (told_ms > at_ms || told_ms < trial->told_until_ms) {
            continue;
        }
        char space[400];
        struct text payload = text_in(space, sizeof space);
        rule_terms_filing(terms, i, BASE_MS, &payload);
        step(trial,
            (struct record){.kind = RECORD_MESSAGE,
                .topic = slice_of("ems/v1/140581/order/cmd/tester"),
                .payload = text_slice(&payload)},
            told_ms);
    }
    trial->told_until_ms = at_ms + 1;
}

/* Messages and looks in the order of time; a message at the same instant comes first. */
static void run(struct trial *trial)
{
    const struct rule_test *test = trial->test;
    size_t next = 0;
    size_t steps = 0;
    for (size_t i = 0; i < test->given_count; i++) {
        steps = test->given[i].count > steps ? test->given[i].count : steps;
    }
    for (size_t looked = 0; looked < test->expect_count; looked++) {
        const struct expectation *expect = &test->expect[looked];
        while (next < steps && (int64_t)next * test->every_ms <= expect->after_ms) {
            tell(trial, (int64_t)next * test->every_ms);
            send_all(trial, next, (int64_t)next * test->every_ms);
            next += 1;
        }
        tell(trial, expect->after_ms);
        step(trial, (struct record){.kind = RECORD_TICK}, expect->after_ms);
        compare(trial, expect);
    }
}

/* What is wrong with the registry that was made of `given` is wrong with `given`. */
static bool prepare(
    struct trial *trial, struct slice registry, struct slice rules, struct revision **revision)
{
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return false;
    }
    bool fine =
        revision_prepare(registry, rules, slice_of("140581"), revision, report) == STATUS_OK;
    for (size_t i = 0; i < report_kept(report); i++) {
        struct slice words = report->findings[i].words;
        report_say(trial->report, trial->test->file, trial->test->line, 0, "'%.*s' gives: %.*s",
            (int)trial->test->it.size, (const char *)trial->test->it.ptr, (int)words.size,
            (const char *)words.ptr);
    }
    report_free(report);
    free(report);
    return fine;
}

/* Run it under a revision without state, and have that back. */
static struct revision *try_once(struct trial *trial, struct revision *revision, uint64_t *digest)
{
    trial->pipeline = pipeline_new(slice_of("140581"));
    struct record record = {
        .kind = RECORD_RULES, .wall = {BASE_MS}, .session = SESSION_UP, .epoch = 1};
    struct revision *empty = pipeline_step(trial->pipeline, &record, revision, on_effect, trial);
    run(trial);
    *digest = trial->all_said ^ pipeline_digest(trial->pipeline);
    revision = pipeline_step(trial->pipeline, &record, empty, NULL, NULL);
    pipeline_free(trial->pipeline);
    revision_blank(revision);
    return revision;
}

/* Once as it is, and once with a restart behind each record, which must not show. */
static bool try_twice(struct trial *trial, struct revision **revision)
{
    const struct rule_test *test = trial->test;
    struct report *report = trial->report;
    uint64_t straight, restarted;
    *revision = try_once(trial, *revision, &straight);
    if (!trial->passed) {
        return false;
    }
    *trial = (struct trial){.test = test, .report = report, .passed = true, .restarts = true};
    *revision = try_once(trial, *revision, &restarted);
    if (trial->passed && restarted != straight) {
        report_say(report, test->file, test->line, 0,
            "%.*s: '%.*s': a hub that restarts behind each message says otherwise",
            (int)test->rule.size, (const char *)test->rule.ptr, (int)test->it.size,
            (const char *)test->it.ptr);
        trial->passed = false;
    }
    return trial->passed;
}

bool rule_test_run(
    const struct rule_test *test, struct slice registry, struct slice rules, struct report *report)
{
    struct revision *revision = NULL;
    struct trial *trial = calloc(1, sizeof *trial);
    if (trial == NULL) {
        return false;
    }
    *trial = (struct trial){.test = test, .report = report, .passed = true};
    bool passed = prepare(trial, registry, rules, &revision) && try_twice(trial, &revision);
    revision_free(revision);
    free(trial);
    return passed;
}
