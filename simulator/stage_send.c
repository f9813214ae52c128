#include "simulator/stage_send.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/deeds.h"
#include "simulator/encode.h"
#include "simulator/messages.h"

enum { SIGNALS_MAX = 16, PERIODS = 3, LINE_SIZE = 8192, BEHIND_S = 30 };

static const struct {
    int cn;
    int64_t length_ms;
} PERIOD[PERIODS] = {{2051, 10 * MINUTE_MS}, {2061, HOUR_MS}, {2031, DAY_MS}};

/* Of one factor in one period. */
struct tally {
    double sum, least, greatest, converted;
    uint32_t count, converted_count;
    char flag; /* of what was not N last */
};

/* A line that waits. */
struct waiting {
    int64_t due_ms;
    char *topic_and_payload; /* of the JSON, from "topic" on */
};

struct sender {
    struct stage *stage;
    FILE *out;
    struct tally (*tallies)[PERIODS][SIGNALS_MAX]; /* of each device */
    struct waiting *queue;
    size_t queue_count, queue_capacity;
    int64_t queue_due_ms; /* of the first of them */
};

/* --- lines --- */

static void put_line(struct sender *sender, int64_t at_ms, const char *rest)
{
    char at[RFC3339_SIZE + 1];
    event_time_write((struct event_time){at_ms}, at);
    fprintf(sender->out, "{\"at\":\"%s\",%s}\n", at, rest);
}

static void wait_until(struct sender *sender, int64_t due_ms, const char *rest)
{
    if (sender->queue_count == sender->queue_capacity) {
        sender->queue_capacity = sender->queue_capacity * 2 + 64;
        sender->queue = realloc(sender->queue, sender->queue_capacity * sizeof *sender->queue);
        assert(sender->queue != NULL);
    }
    sender->queue[sender->queue_count++] = (struct waiting){due_ms, strdup(rest)};
    sender->queue_due_ms = due_ms < sender->queue_due_ms ? due_ms : sender->queue_due_ms;
}

/* In the order in which they began to wait; what is left stays in that order. */
static void send_waiting(struct sender *sender, int64_t now_ms)
{
    size_t kept = 0;
    if (now_ms < sender->queue_due_ms) {
        return;
    }
    sender->queue_due_ms = INT64_MAX;
    for (size_t i = 0; i < sender->queue_count; i++) {
        struct waiting *waiting = &sender->queue[i];
        if (waiting->due_ms <= now_ms) {
            put_line(sender, now_ms, waiting->topic_and_payload);
            free(waiting->topic_and_payload);
        } else {
            sender->queue_due_ms =
                waiting->due_ms < sender->queue_due_ms ? waiting->due_ms : sender->queue_due_ms;
            sender->queue[kept++] = *waiting;
        }
    }
    sender->queue_count = kept;
}

/* Half of it, spoilt on the way. */
static void garble(char *frame)
{
    size_t size = strlen(frame);
    if (size > 40) {
        frame[size / 2] = frame[size / 2] == '7' ? '8' : '7';
    }
}

static void rest_of_frame(struct text *rest, struct slice mn, struct slice segment)
{
    char frame[LINE_SIZE];
    struct text made = text_in(frame, sizeof frame - 1);
    encode_segment(segment, &made);
    text_add(rest, "\"topic\":\"ems/v1/140581/");
    text_add_slice(rest, mn);
    text_add(rest, "/up/hj212\",\"payload\":");
    text_add_json(rest, text_slice(&made));
}

static void add_time(struct text *out, const char *name, int64_t at_ms)
{
    char digits[15];
    event_time_write_cst((struct event_time){at_ms}, digits);
    text_add(out, name);
    text_add(out, digits);
}

static void begin_segment(struct text *segment, const struct stage_device *device, struct slice mn,
    int cn, int64_t sent_ms, int64_t data_ms)
{
    char digits[18];
    event_time_write_qn((struct event_time){sent_ms}, digits);
    text_add(segment, "QN=");
    text_add(segment, digits);
    text_add(segment, ";ST=");
    text_add_int(segment, device->row->st);
    text_add(segment, ";CN=");
    text_add_int(segment, cn);
    text_add(segment, ";PW=123456;MN=");
    text_add_slice(segment, mn);
    text_add(segment, ";Flag=5;CP=&&");
    add_time(segment, "DataTime=", data_ms);
}

static void add_item(
    struct text *segment, const char *factor, const char *field, double value, int decimals)
{
    text_add(segment, factor);
    text_add_byte(segment, '-');
    text_add(segment, field);
    text_add_byte(segment, '=');
    text_add_number(segment, value, decimals);
    text_add_byte(segment, ',');
}

static void add_flag(struct text *segment, const char *factor, char flag)
{
    text_add(segment, factor);
    text_add(segment, "-Flag=");
    text_add_byte(segment, flag);
}

/* --- what a device shows --- */

struct showing {
    struct shown_value values[SIGNALS_MAX];
    double converted[SIGNALS_MAX]; /* 0: not converted */
};

static bool converts(const struct stage_signal_row *signal)
{
    static const char *const QUANTITIES[] = {"pm", "so2", "nox"};
    for (size_t i = 0; i < sizeof QUANTITIES / sizeof QUANTITIES[0]; i++) {
        if (strcmp(signal->quantity, QUANTITIES[i]) == 0 && signal->role[0] == '\0') {
            return true;
        }
    }
    return false;
}

static void show_all(const struct stage *stage, const struct stage_device *device, int64_t at_ms,
    struct showing *showing)
{
    double o2 = 0, reference = stage_site_row(stage->sites[device->site].kind)->o2_reference;
    for (uint32_t i = 0; i < device->signal_count; i++) {
        showing->values[i] = stage_show(stage, device, &device->signals[i], at_ms);
        o2 = strcmp(device->signals[i].quantity, "o2") == 0 ? showing->values[i].value : o2;
    }
    for (uint32_t i = 0; i < device->signal_count; i++) {
        bool may = reference > 0 && o2 > 0 && o2 < 20 && converts(&device->signals[i]);
        showing->converted[i] = may ? showing->values[i].value * (21 - reference) / (21 - o2) : 0;
    }
}

static void tally(struct sender *sender, uint32_t index, const struct showing *showing)
{
    const struct stage_device *device = &sender->stage->devices[index];
    for (int period = 0; period < PERIODS; period++) {
        for (uint32_t i = 0; i < device->signal_count; i++) {
            struct tally *tally = &sender->tallies[index][period][i];
            const struct shown_value *shown = &showing->values[i];
            if (shown->flag != 'N') {
                tally->flag = shown->flag;
                continue;
            }
            bool first = tally->count == 0;
            tally->least = first || shown->value < tally->least ? shown->value : tally->least;
            tally->greatest =
                first || shown->value > tally->greatest ? shown->value : tally->greatest;
            tally->sum += shown->value;
            tally->count += 1;
            tally->converted += showing->converted[i];
            tally->converted_count += showing->converted[i] > 0;
        }
    }
}

static void write_realtime(const struct stage_device *device, struct slice mn, int64_t at_ms,
    const struct showing *showing, struct text *rest)
{
    char space[4096];
    struct text segment = text_in(space, sizeof space);
    begin_segment(&segment, device, mn, 2011, at_ms, at_ms);
    for (uint32_t i = 0; i < device->signal_count; i++) {
        const struct stage_signal_row *signal = &device->signals[i];
        text_add_byte(&segment, ';');
        add_item(&segment, signal->factor, "Rtd", showing->values[i].value, signal->decimals);
        if (showing->converted[i] > 0) {
            add_item(&segment, signal->factor, "ZsRtd", showing->converted[i], signal->decimals);
        }
        add_flag(&segment, signal->factor, showing->values[i].flag);
    }
    text_add(&segment, "&&");
    rest_of_frame(rest, mn, text_slice(&segment));
}

static void write_pack(const struct stage_device *device, struct slice mn, int64_t at_ms,
    const struct showing *showing, struct text *rest)
{
    struct county_value values[SIGNALS_MAX];
    char space[2048], digits[18];
    size_t count = 0;
    for (uint32_t i = 0; i < device->signal_count; i++) {
        int decimals = device->signals[i].decimals < 3 ? device->signals[i].decimals : 3;
        values[count++] = (struct county_value){
            device->signals[i].factor, showing->values[i].value, decimals, showing->values[i].flag};
    }
    event_time_write_qn((struct event_time){at_ms}, digits);
    struct text pack = text_in(space, sizeof space);
    encode_pack(mn, at_ms, slice_of(digits), values, count, &pack);
    text_add(rest, "\"topic\":\"ems/v1/140581/");
    text_add_slice(rest, mn);
    text_add(rest, "/up/senml\",\"enc\":\"base64\",\"payload\":\"");
    encode_base64(text_slice(&pack), rest);
    text_add_byte(rest, '"');
}

/* --- sending --- */

/* Now, later, or not at all, as the scene has it. at: when the device sends; now: when this is asked. */
static void deliver(struct sender *sender, const struct stage_device *device, int64_t at_ms,
    int64_t now_ms, char *rest)
{
    const struct stage *stage = sender->stage;
    const struct deed *lag = device_deed(stage, device, VERB_LAG, now_ms);
    bool held = device_deed(stage, device, VERB_HOLD, now_ms) != NULL;
    if (device_deed(stage, device, VERB_SILENT, now_ms) != NULL) {
        return;
    }
    if (device_deed(stage, device, VERB_GARBLE, now_ms) != NULL) {
        garble(rest);
    }
    int64_t due_ms = held          ? stage->sites[device->site].active->to_ms
                     : lag != NULL ? at_ms + (int64_t)(lag->number * SECOND_MS)
                                   : at_ms;
    int copies = device_deed(stage, device, VERB_TWICE, now_ms) != NULL ? 2 : 1;
    for (int i = 0; i < copies; i++) {
        if (due_ms > now_ms) {
            wait_until(sender, due_ms, rest);
        } else {
            put_line(sender, at_ms, rest);
        }
    }
}

static void send_realtime(struct sender *sender, uint32_t index, int64_t at_ms)
{
    const struct stage *stage = sender->stage;
    const struct stage_device *device = &stage->devices[index];
    const struct deed *clock = device_deed(stage, device, VERB_CLOCK, at_ms);
    int64_t own_ms = clock == NULL ? at_ms : at_ms + (int64_t)(clock->number * SECOND_MS);
    char rest_space[LINE_SIZE], mn_space[40];
    struct text rest = text_in(rest_space, sizeof rest_space - 1),
                mn = text_in(mn_space, sizeof mn_space);
    struct showing showing;
    stage_mn(device, &mn);
    show_all(stage, device, at_ms, &showing);
    if (device->row->form == FORM_PACKS) {
        write_pack(device, text_slice(&mn), own_ms, &showing, &rest);
    } else {
        tally(sender, index, &showing);
        write_realtime(device, text_slice(&mn), own_ms, &showing, &rest);
    }
    rest.at[rest.size] = '\0';
    deliver(sender, device, at_ms, at_ms, rest.at);
}

static void add_statistics(struct text *segment, const struct stage_signal_row *signal,
    const struct tally *tally, double fake)
{
    text_add_byte(segment, ';');
    if (tally->count > 0) {
        double mean = tally->sum / tally->count * fake;
        double least = tally->least < mean ? tally->least : mean;
        double greatest = tally->greatest > mean ? tally->greatest : mean;
        add_item(segment, signal->factor, "Min", least, signal->decimals);
        add_item(segment, signal->factor, "Avg", mean, signal->decimals);
        add_item(segment, signal->factor, "Max", greatest, signal->decimals);
    }
    if (tally->converted_count > 0) {
        add_item(segment, signal->factor, "ZsAvg", tally->converted / tally->converted_count * fake,
            signal->decimals);
    }
    add_flag(segment, signal->factor,
        tally->count > 0   ? 'N'
        : tally->flag == 0 ? 'F'
                           : tally->flag);
}

static void send_period(struct sender *sender, uint32_t index, int period, int64_t end_ms)
{
    const struct stage *stage = sender->stage;
    const struct stage_device *device = &stage->devices[index];
    char rest_space[LINE_SIZE], mn_space[40], space[4096];
    struct text rest = text_in(rest_space, sizeof rest_space - 1),
                mn = text_in(mn_space, sizeof mn_space);
    struct text segment = text_in(space, sizeof space);
    int64_t at_ms = end_ms + BEHIND_S * SECOND_MS + device->place_s % 20 * SECOND_MS;
    stage_mn(device, &mn);
    begin_segment(&segment, device, text_slice(&mn), PERIOD[period].cn, at_ms,
        end_ms - PERIOD[period].length_ms);
    for (uint32_t i = 0; i < device->signal_count; i++) {
        const struct stage_signal_row *signal = &device->signals[i];
        add_statistics(&segment, signal, &sender->tallies[index][period][i],
            stage_fake(stage, device, signal, period == 0, end_ms - SECOND_MS));
        sender->tallies[index][period][i] = (struct tally){0};
    }
    text_add(&segment, "&&");
    rest_of_frame(&rest, text_slice(&mn), text_slice(&segment));
    rest.at[rest.size] = '\0';
    deliver(sender, device, at_ms, end_ms - SECOND_MS, rest.at);
}

static void send_periods(struct sender *sender, uint32_t index, int64_t minute_ms)
{
    int64_t local_ms = minute_ms + CST_OFFSET_MS;
    for (int period = 0; period < PERIODS; period++) {
        if (local_ms % PERIOD[period].length_ms == 0) {
            send_period(sender, index, period, minute_ms);
        }
    }
}

/* A restart: CN 2081. */
static void send_boot(struct sender *sender, const struct stage_device *device, int64_t at_ms)
{
    char rest_space[LINE_SIZE], mn_space[40], space[512];
    struct text rest = text_in(rest_space, sizeof rest_space - 1),
                mn = text_in(mn_space, sizeof mn_space);
    struct text segment = text_in(space, sizeof space);
    stage_mn(device, &mn);
    begin_segment(&segment, device, text_slice(&mn), 2081, at_ms, at_ms);
    add_time(&segment, ";RestartTime=", at_ms);
    text_add(&segment, "&&");
    rest_of_frame(&rest, text_slice(&mn), text_slice(&segment));
    rest.at[rest.size] = '\0';
    put_line(sender, at_ms, rest.at);
}

/* What people say when a deed begins: a plant of itself, the bureau of a plant (docs/filings.md). */
static void tell(
    struct sender *sender, const struct stage_run *run, const struct deed *deed, int64_t at_ms)
{
    char space[LINE_SIZE], json[1024], id[20];
    struct text rest = text_in(space, sizeof space - 1), words = text_in(json, sizeof json);
    struct text enterprise = text_in(id, sizeof id);
    bool orders = deed->verb == VERB_ORDER;
    text_add_byte(&enterprise, 'E');
    text_add_int(&enterprise, run->site + 1);
    text_add(&words, "{\"id\":\"s");
    text_add_int(&words, at_ms / SECOND_MS);
    text_add_byte(&words, '"');
    text_add_field(&words, "kind", deed->object);
    if (orders) {
        text_add_field(&words, "enterprise", text_slice(&enterprise));
    }
    text_add_field_time(&words, "to", (struct event_time){run->to_ms});
    if (deed->word.size > 0) {
        text_add_key(&words, "number");
        text_add_slice(&words, deed->word);
    }
    text_add(&words, "}");
    text_add(&rest, "\"topic\":\"ems/v1/140581/");
    text_add_slice(&rest, orders ? slice_of("order/cmd/bureau") : text_slice(&enterprise));
    text_add(&rest, orders ? "" : "/up/filing");
    text_add(&rest, "\",\"payload\":");
    text_add_json(&rest, text_slice(&words));
    rest.at[rest.size] = '\0';
    put_line(sender, at_ms, rest.at);
}

/* Deeds that are done once, in the minute in which they begin. */
static void send_events(struct sender *sender, int64_t minute_ms)
{
    const struct stage *stage = sender->stage;
    size_t count;
    const struct scene_script *scripts = scenes_scripted(&count);
    for (uint32_t site = 0; site < stage->site_count; site++) {
        const struct stage_run *run = stage->sites[site].active;
        run = stage_has(stage, site) ? run : NULL;
        for (size_t i = 0; run != NULL && i < scripts[run->scene].deed_count; i++) {
            const struct deed *deed = &scripts[run->scene].deeds[i];
            bool begins =
                deed_is_on(deed, run, minute_ms) && (!deed_is_on(deed, run, minute_ms - MINUTE_MS));
            if (!begins) {
                continue;
            }
            if (deed->verb == VERB_FILE || deed->verb == VERB_ORDER) {
                tell(sender, run, deed, minute_ms);
            }
            for (uint32_t k = 0; deed->verb == VERB_BOOT && k < stage->device_count; k++) {
                const struct stage_device *device = &stage->devices[k];
                if (device->site == site && deed_is_by(deed, device)) {
                    send_boot(sender, device, minute_ms);
                }
            }
        }
    }
}

struct turn {
    uint32_t index;
    int32_t place_s;
};

static int by_place(const void *a, const void *b)
{
    const struct turn *left = a, *right = b;
    return left->place_s - right->place_s;
}

static void send_minute(struct sender *sender, const struct turn *turns, int64_t minute_ms)
{
    const struct stage *stage = sender->stage;
    stage_move(sender->stage, minute_ms);
    send_waiting(sender, minute_ms);
    send_events(sender, minute_ms);
    for (uint32_t i = 0; i < stage->device_count; i++) {
        const struct stage_device *device = &stage->devices[turns[i].index];
        int64_t interval_ms = device->row->interval_s * (int64_t)SECOND_MS;
        int64_t at_ms = minute_ms + turns[i].place_s * SECOND_MS;
        bool due = at_ms / interval_ms * interval_ms + device->place_s * SECOND_MS == at_ms;
        if (due && stage_has(stage, device->site)) {
            send_waiting(sender, at_ms);
            send_realtime(sender, turns[i].index, at_ms);
        }
    }
    for (uint32_t i = 0; i < stage->device_count; i++) {
        const struct stage_device *device = &stage->devices[i];
        if (device->row->form == FORM_PERIODS && stage_has(stage, device->site)) {
            send_periods(sender, i, minute_ms + MINUTE_MS);
        }
    }
}

bool stage_send(struct stage *stage, FILE *out)
{
    struct sender sender = {.stage = stage, .out = out, .queue_due_ms = INT64_MAX};
    struct turn *turns = calloc(stage->device_count, sizeof *turns);
    sender.tallies = calloc(stage->device_count, sizeof *sender.tallies);
    assert(turns != NULL && sender.tallies != NULL);
    for (uint32_t i = 0; i < stage->device_count; i++) {
        turns[i] = (struct turn){i, stage->devices[i].place_s};
    }
    qsort(turns, stage->device_count, sizeof *turns, by_place);
    for (int64_t at_ms = stage->begin_ms; at_ms < stage->end_ms && ferror(out) == 0;
         at_ms += MINUTE_MS) {
        send_minute(&sender, turns, at_ms);
    }
    send_waiting(&sender, stage->end_ms);
    for (size_t i = 0; i < sender.queue_count; i++) {
        free(sender.queue[i].topic_and_payload);
    }
    free(sender.queue);
    free(sender.tallies);
    free(turns);
    return fflush(out) == 0 && ferror(out) == 0;
}

/* --- truth --- */

bool stage_truths(const struct stage *stage, FILE *out)
{
    size_t count;
    const struct scene_script *scripts = scenes_scripted(&count);
    for (uint32_t i = 0; i < stage->run_count; i++) {
        const struct stage_run *run = &stage->runs[i];
        const struct scene_script *script = &scripts[run->scene];
        char space[600], enterprise[20];
        struct text json = text_in(space, sizeof space),
                    id = text_in(enterprise, sizeof enterprise);
        text_add_byte(&id, 'E');
        text_add_int(&id, run->site + 1);
        text_add_byte(&json, '{');
        text_add_field(&json, "scene", slice_of(script->name));
        text_add_field(&json, "side", slice_of(script->side == EVASION ? "evasion" : "honest"));
        text_add_field_time(&json, "from", (struct event_time){run->from_ms});
        text_add_field_time(&json, "since", (struct event_time){run_since(stage, run)});
        text_add_field_time(&json, "to", (struct event_time){run->to_ms});
        text_add_field(&json, "enterprise", text_slice(&id));
        text_add_field(&json, "rules", slice_of(script->rules));
        text_add_field_int(&json, "within_s", script->within_s);
        text_add_field_int(&json, "told_s", script->told_s);
        text_add_field(&json, "zh", slice_of(script->zh));
        text_add(&json, "}\n");
        fwrite(json.at, 1, json.size, out);
    }
    return ferror(out) == 0;
}
