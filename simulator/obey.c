#include "simulator/obey.h"

#include <string.h>

#include "simulator/encode.h"

/* What is being answered. */
struct asked {
    const struct county *county;
    uint32_t index;
    struct slice qn, mn, cp;
    uint64_t cn;
    int64_t now_ms;
    bool of_2025;
    struct text *frames;
};

/* The value behind `NAME=`, up to the next separator. */
static struct slice value_of(struct slice text, const char *name)
{
    size_t size = strlen(name);
    for (size_t at = 0; at + size < text.size; at++) {
        bool begins = at == 0 || strchr(";,&", text.ptr[at - 1]) != NULL;
        if (!begins || memcmp(text.ptr + at, name, size) != 0 || text.ptr[at + size] != '=') {
            continue;
        }
        struct slice value = slice_tail(text, at + size + 1);
        size_t end = 0;
        while (end < value.size && strchr(";,&", value.ptr[end]) == NULL) {
            end += 1;
        }
        return slice_head(value, end);
    }
    return (struct slice){0};
}

static void say(const struct asked *asked, int st, uint64_t cn, struct slice qn, struct slice cp)
{
    char space[1024];
    struct text segment = text_in(space, sizeof space);
    text_add(&segment, "QN=");
    text_add_slice(&segment, qn);
    text_add(&segment, ";ST=");
    text_add_int(&segment, st);
    text_add(&segment, ";CN=");
    text_add_int(&segment, (int64_t)cn);
    text_add(&segment, ";PW=123456;MN=");
    text_add_slice(&segment, asked->mn);
    text_add(&segment, asked->of_2025 ? ";Flag=8;CP=&&" : ";Flag=4;CP=&&");
    text_add_slice(&segment, cp);
    text_add(&segment, "&&");
    encode_segment(text_slice(&segment), asked->frames);
}

static void say_code(const struct asked *asked, uint64_t cn, const char *name, int code)
{
    char space[40];
    struct text cp = text_in(space, sizeof space);
    text_add(&cp, name);
    if (name[0] != '\0') {
        text_add_byte(&cp, '=');
        text_add_int(&cp, code);
    }
    say(asked, 91, cn, asked->qn, text_slice(&cp));
}

/* One period of the past: its values, as a mean. */
static void say_period(const struct asked *asked, int64_t at_ms, int64_t sent_ms)
{
    struct county_value values[FACTORS_MAX];
    char space[800], qn[18], stamp[15];
    struct text cp = text_in(space, sizeof space);
    size_t count = county_values(asked->county, asked->index, at_ms, values);
    event_time_write_cst((struct event_time){at_ms}, stamp);
    event_time_write_qn((struct event_time){sent_ms}, qn);
    text_add(&cp, "DataTime=");
    text_add(&cp, stamp);
    for (size_t i = 0; i < count; i++) {
        text_add_byte(&cp, ';');
        text_add(&cp, values[i].factor);
        text_add(&cp, "-Avg=");
        text_add_number(&cp, values[i].value, values[i].decimals);
        text_add_byte(&cp, ',');
        text_add(&cp, values[i].factor);
        text_add(&cp, "-Flag=N");
    }
    if (count > 0) {
        say(asked, 31, asked->cn, slice_of(qn), text_slice(&cp));
    }
}

static void say_history(const struct asked *asked, int64_t period_ms)
{
    struct event_time begin, end;
    int periods = 0;
    if (!event_time_from_cst(value_of(asked->cp, "BeginTime"), &begin) ||
        !event_time_from_cst(value_of(asked->cp, "EndTime"), &end)) {
        return;
    }
    int64_t into_ms = (begin.ms + CST_OFFSET_MS) % period_ms;
    int64_t at_ms = begin.ms + (into_ms == 0 ? 0 : period_ms - into_ms);
    for (; at_ms <= end.ms && at_ms + period_ms <= asked->now_ms && periods < OBEY_PERIODS_MAX;
         at_ms += period_ms) {
        say_period(asked, at_ms, asked->now_ms + periods);
        periods += 1;
    }
}

static void say_fact(const struct asked *asked, const char *name, const char *value)
{
    char space[80];
    struct text cp = text_in(space, sizeof space);
    text_add(&cp, name);
    text_add_byte(&cp, '=');
    text_add(&cp, value);
    say(asked, 31, asked->cn, asked->qn, text_slice(&cp));
}

static void say_what_was_asked(const struct asked *asked)
{
    char number[24];
    struct text interval = text_in(number, sizeof number - 1);
    switch (asked->cn) {
    case 1011:
        event_time_write_cst((struct event_time){asked->now_ms}, number);
        say_fact(asked, "SystemTime", number);
        break;
    case 1061:
        text_add_int(&interval, asked->county->interval_s);
        number[interval.size] = '\0';
        say_fact(asked, "RtdInterval", number);
        break;
    case 1063:
        say_fact(asked, "MinInterval", "10");
        break;
    case 2031:
        say_history(asked, DAY_MS);
        break;
    case 2051:
        say_history(asked, 10 * MINUTE_MS);
        break;
    case 2061:
        say_history(asked, HOUR_MS);
        break;
    default:
        break;
    }
}

static bool is_notice(uint64_t cn)
{
    return cn == 2012 || cn == 2022;
}

static void answer(const struct asked *asked, struct slice pw)
{
    uint32_t site = county_device(asked->county, asked->index).site;
    const struct county *county = asked->county;
    if (county_happens(county, SCENE_COMMANDS_UNHEARD, site, asked->now_ms)) {
        return;
    }
    if (is_notice(asked->cn)) {
        say_code(asked, 9013, "", 0);
        return;
    }
    bool refused = county_happens(county, SCENE_COMMANDS_REFUSED, site, asked->now_ms);
    bool known = slice_is(pw, "123456");
    say_code(asked, 9011, "QnRtn", !known ? 3 : refused ? 2 : 1);
    if (!known || refused) {
        return;
    }
    bool failed = county_happens(county, SCENE_COMMANDS_FAILED, site, asked->now_ms);
    if (!failed) {
        say_what_was_asked(asked);
    }
    say_code(asked, 9012, "ExeRtn", failed ? 5 : 1);
}

void obey(const struct county *county, uint32_t index, struct slice request, int64_t now_ms,
    struct text *frames)
{
    struct asked asked = {.county = county, .index = index, .now_ms = now_ms, .frames = frames};
    asked.qn = value_of(request, "QN");
    asked.mn = value_of(request, "MN");
    asked.cp = request;
    char key[COUNTY_KEY_SIZE + 1];
    asked.of_2025 = county_key(county, index, key);
    if (slice_to_uint(value_of(request, "CN"), 9999, &asked.cn) && asked.cn < 9000) {
        answer(&asked, value_of(request, "PW"));
    }
}
