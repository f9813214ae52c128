#include "simulator/deeds.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct row {
    const char *name;
    enum scene_side side;
    enum stage_kind site;
    int32_t lasts_min, from_hour, to_hour;
    const char *rules;
    int32_t within_s, told_s;
    const char *zh, *deeds;
};

static const struct row ROWS[] = {
#define SCENE(name, site, lasts_min, from_hour, to_hour, rules, within_s, told_s, zh, deeds)       \
    {name, EVASION, STAGE_##site, lasts_min, from_hour, to_hour, rules, within_s, told_s, zh,      \
        deeds},
#include "simulator/scenes/evasion.def"
#undef SCENE
#define SCENE(name, site, lasts_min, from_hour, to_hour, zh, deeds)                                \
    {name, HONEST, STAGE_##site, lasts_min, from_hour, to_hour, "", 0, 0, zh, deeds},
#include "simulator/scenes/honest.def"
#undef SCENE
};

enum { SCRIPT_COUNT = sizeof ROWS / sizeof ROWS[0] };

static const char *const VERBS[VERB_COUNT] = {
    [VERB_OFF] = "off",
    [VERB_ON] = "on",
    [VERB_LOAD] = "load",
    [VERB_SET] = "set",
    [VERB_ADD] = "add",
    [VERB_SCALE] = "scale",
    [VERB_CAP] = "cap",
    [VERB_FREEZE] = "freeze",
    [VERB_WOBBLE] = "wobble",
    [VERB_OUTSIDE] = "outside",
    [VERB_FLAG] = "flag",
    [VERB_PAST] = "past",
    [VERB_FAKE] = "fake",
    [VERB_FALSIFY] = "falsify",
    [VERB_SILENT] = "silent",
    [VERB_HOLD] = "hold",
    [VERB_TWICE] = "twice",
    [VERB_GARBLE] = "garble",
    [VERB_BOOT] = "boot",
    [VERB_LAG] = "lag",
    [VERB_CLOCK] = "clock",
    [VERB_FILE] = "file",
    [VERB_ORDER] = "order",
};

/* --- reading --- */

static struct slice trim(struct slice words)
{
    while (words.size > 0 && words.ptr[0] == ' ') {
        words = slice_tail(words, 1);
    }
    while (words.size > 0 && words.ptr[words.size - 1] == ' ') {
        words.size -= 1;
    }
    return words;
}

static void fail(const struct row *row, struct slice words)
{
    fprintf(stderr, "hjsim: scene %s: cannot read '%.*s'\n", row->name, (int)words.size,
        (const char *)words.ptr);
    exit(2);
}

static double number_of(struct slice words)
{
    char text[40];
    snprintf(text, sizeof text, "%.*s", (int)words.size, (const char *)words.ptr);
    return strtod(text, NULL);
}

static void read_mark(struct deed *deed, struct slice word)
{
    char kind = (char)word.ptr[0];
    struct slice rest = slice_tail(word, 1);
    double first = number_of(slice_cut(&rest, kind == '@' ? '-' : '/')), second = number_of(rest);
    if (kind == '@') {
        deed->from_ms = (int64_t)(first * MINUTE_MS);
        deed->to_ms = (int64_t)(second * MINUTE_MS);
    } else {
        deed->pulse_ms = (int64_t)(first * SECOND_MS);
        deed->rest_ms = (int64_t)(second * SECOND_MS);
    }
}

static struct deed read_deed(const struct row *row, struct slice words)
{
    struct deed deed = {.verb = VERB_COUNT};
    struct slice rest = trim(words), verb = slice_cut(&rest, ' ');
    for (int i = 0; i < VERB_COUNT; i++) {
        deed.verb = slice_is(verb, VERBS[i]) ? (enum verb)i : deed.verb;
    }
    deed.object = slice_cut(&rest, ' ');
    while (rest.size > 0) {
        struct slice word = slice_cut(&rest, ' ');
        if (word.size > 1 && (word.ptr[0] == '@' || word.ptr[0] == '~')) {
            read_mark(&deed, word);
        } else {
            deed.word = word;
            deed.number = number_of(word);
        }
    }
    if (deed.verb == VERB_COUNT || deed.object.size == 0) {
        fail(row, words);
    }
    return deed;
}

const struct scene_script *scenes_scripted(size_t *count)
{
    static struct scene_script scripts[SCRIPT_COUNT];
    *count = SCRIPT_COUNT;
    for (size_t i = 0; i < SCRIPT_COUNT && scripts[i].name == NULL; i++) {
        const struct row *row = &ROWS[i];
        struct slice rest = slice_of(row->deeds);
        scripts[i] =
            (struct scene_script){row->name, row->side, row->site, row->lasts_min, row->from_hour,
                row->to_hour, row->rules, row->within_s, row->told_s, row->zh, {{0}}, 0};
        while (rest.size > 0) {
            struct slice words = slice_cut(&rest, ';');
            if (scripts[i].deed_count == DEEDS_MAX) {
                fail(row, words);
            }
            scripts[i].deeds[scripts[i].deed_count++] = read_deed(row, words);
        }
    }
    return scripts;
}

/* --- what is on --- */

bool deed_is_on(const struct deed *deed, const struct stage_run *run, int64_t at_ms)
{
    int64_t since_ms = at_ms - run->from_ms;
    int64_t to_ms = deed->to_ms > 0 ? deed->to_ms : run->to_ms - run->from_ms;
    int64_t turn_ms = deed->pulse_ms + deed->rest_ms;
    return since_ms >= deed->from_ms && since_ms < to_ms &&
           (turn_ms == 0 || (since_ms - deed->from_ms) % turn_ms < deed->pulse_ms);
}

static bool is_letter(const struct deed *deed, char letter)
{
    return deed->object.size == 1 && deed->object.ptr[0] == (uint8_t)letter;
}

bool deed_is_about(const struct deed *deed, const struct stage_signal_row *signal)
{
    struct slice quantity = deed->object, role = slice_cut(&quantity, '.');
    if (slice_is(deed->object, "*") || is_letter(deed, signal->letter)) {
        return true;
    }
    if (quantity.size == 0) {
        return signal->role[0] == '\0' && slice_is(deed->object, signal->quantity);
    }
    return slice_is(role, signal->role) && slice_is(quantity, signal->quantity);
}

bool deed_is_by(const struct deed *deed, const struct stage_device *device)
{
    return slice_is(deed->object, "*") || is_letter(deed, device->row->letter);
}

static const struct scene_script *script_of(const struct stage_run *run)
{
    size_t count;
    return &scenes_scripted(&count)[run->scene];
}

const struct deed *device_deed(
    const struct stage *stage, const struct stage_device *device, enum verb verb, int64_t at_ms)
{
    const struct stage_run *run = stage->sites[device->site].active;
    if (run == NULL) {
        return NULL;
    }
    const struct scene_script *script = script_of(run);
    for (size_t i = 0; i < script->deed_count; i++) {
        const struct deed *deed = &script->deeds[i];
        if (deed->verb == verb && deed_is_by(deed, device) && deed_is_on(deed, run, at_ms)) {
            return deed;
        }
    }
    return NULL;
}

/* --- what is shown --- */

struct site_state {
    bool production, treatment;
    double load;
};

/* Honest treatment runs from ten minutes before production to fifteen behind it. */
static struct site_state state_at(
    const struct stage *stage, uint32_t site, const struct stage_run *run, int64_t at_ms)
{
    struct site_state state = {
        .production = stage_works(stage, site, at_ms),
        .treatment = stage_works(stage, site, at_ms) ||
                     stage_works(stage, site, at_ms + 10 * MINUTE_MS) ||
                     stage_works(stage, site, at_ms - 15 * MINUTE_MS),
        .load = stage_load(stage, site, at_ms),
    };
    const struct scene_script *script = run == NULL ? NULL : script_of(run);
    for (size_t i = 0; script != NULL && i < script->deed_count; i++) {
        const struct deed *deed = &script->deeds[i];
        if (!deed_is_on(deed, run, at_ms)) {
            continue;
        }
        bool *which = slice_is(deed->object, "production") ? &state.production : &state.treatment;
        if (deed->verb == VERB_OFF || deed->verb == VERB_ON) {
            *which = deed->verb == VERB_ON;
        } else if (deed->verb == VERB_LOAD) {
            state.load = deed->number;
        }
    }
    return state;
}

static double true_value(const struct stage *stage, const struct stage_device *device,
    const struct stage_signal_row *signal, const struct stage_run *run, int64_t at_ms)
{
    struct site_state state = state_at(stage, device->site, run, at_ms);
    return stage_truth(stage, device, signal, at_ms, state.production, state.treatment, state.load);
}

static void change(const struct stage *stage, const struct stage_device *device,
    const struct stage_signal_row *signal, const struct stage_run *run, int64_t at_ms,
    const struct deed *deed, struct shown_value *shown)
{
    uint64_t salt = (uint64_t)(signal - device->signals) + 500000 + device->site * 64U;
    enum verb verb = deed->verb;
    if (verb == VERB_SET) {
        shown->value = deed->number;
    } else if (verb == VERB_ADD) {
        shown->value += deed->number;
    } else if (verb == VERB_SCALE) {
        shown->value *= deed->number;
    } else if (verb == VERB_CAP) {
        shown->value = shown->value > deed->number ? deed->number : shown->value;
    } else if (verb == VERB_FREEZE) {
        shown->value = true_value(stage, device, signal, NULL, run->from_ms);
    } else if (verb == VERB_WOBBLE) {
        double noise = 2 * stage_chance(stage, salt, (uint64_t)(at_ms / SECOND_MS)) - 1;
        shown->value *= 1 + deed->number * noise;
    } else if (verb == VERB_OUTSIDE) {
        shown->value = stage_ambient(stage, at_ms);
    } else if (verb == VERB_FLAG) {
        shown->flag = deed->word.size > 0 ? (char)deed->word.ptr[0] : 'M';
    } else if (verb == VERB_PAST) {
        int64_t then_ms = at_ms - (int64_t)(deed->number * HOUR_MS);
        shown->value = true_value(stage, device, signal, NULL, then_ms);
    }
}

struct shown_value stage_show(const struct stage *stage, const struct stage_device *device,
    const struct stage_signal_row *signal, int64_t at_ms)
{
    const struct stage_run *run = stage->sites[device->site].active;
    run = run != NULL && at_ms >= run->from_ms && at_ms < run->to_ms ? run : NULL;
    struct shown_value shown = {true_value(stage, device, signal, run, at_ms), 'N'};
    const struct scene_script *script = run == NULL ? NULL : script_of(run);
    for (size_t i = 0; script != NULL && i < script->deed_count; i++) {
        const struct deed *deed = &script->deeds[i];
        if (deed_is_on(deed, run, at_ms) && deed_is_about(deed, signal)) {
            change(stage, device, signal, run, at_ms, deed, &shown);
        }
    }
    return shown;
}

double stage_fake(const struct stage *stage, const struct stage_device *device,
    const struct stage_signal_row *signal, bool minutes, int64_t at_ms)
{
    const struct stage_run *run = stage->sites[device->site].active;
    const struct scene_script *script = run == NULL ? NULL : script_of(run);
    for (size_t i = 0; script != NULL && i < script->deed_count; i++) {
        const struct deed *deed = &script->deeds[i];
        bool fakes = deed->verb == VERB_FALSIFY || (deed->verb == VERB_FAKE && !minutes);
        if (fakes && deed_is_on(deed, run, at_ms) && deed_is_about(deed, signal)) {
            return deed->number;
        }
    }
    return 1;
}

/* --- when it happens --- */

static bool is_free(
    const struct stage *stage, uint32_t site, int64_t from_ms, int64_t to_ms, int64_t apart_ms)
{
    for (uint32_t i = 0; i < stage->run_count; i++) {
        const struct stage_run *run = &stage->runs[i];
        if (run->site == site && from_ms < run->to_ms + apart_ms &&
            run->from_ms < to_ms + apart_ms) {
            return false;
        }
    }
    return true;
}

int64_t run_since(const struct stage *stage, const struct stage_run *run)
{
    int64_t at_ms = run->from_ms;
    while (at_ms < run->to_ms && !stage_works(stage, run->site, at_ms)) {
        at_ms += MINUTE_MS;
    }
    return at_ms;
}

/* A day and an hour of it in which the site works, drawn until they are free. */
static void place_run(struct stage *stage, const struct scene_script *script, uint32_t scene,
    uint32_t turn, int64_t quiet_ms, int64_t apart_ms)
{
    enum { DRAWS = 4000 };
    int64_t days = (stage->end_ms - stage->begin_ms - quiet_ms) / DAY_MS;
    for (uint64_t draw = 0; draw < DRAWS && days > 0; draw++) {
        uint64_t salt = draw * 1000 + turn * 4 + UINT64_C(7000000) * (scene + 1);
        uint32_t site = (uint32_t)(stage_chance(stage, salt, 1) * stage->site_count);
        int64_t day = (int64_t)(stage_chance(stage, salt, 2) * (double)days);
        double hours = script->to_hour - script->from_hour;
        int64_t minute =
            script->from_hour * 60 + (int64_t)(stage_chance(stage, salt, 3) * hours * 60);
        int64_t begin_ms =
            (stage->begin_ms + quiet_ms + CST_OFFSET_MS) / DAY_MS * DAY_MS - CST_OFFSET_MS;
        int64_t from_ms = begin_ms + day * DAY_MS + minute * MINUTE_MS;
        int64_t to_ms = from_ms + script->lasts_min * (int64_t)MINUTE_MS;
        struct stage_run run = {scene, site, from_ms, to_ms};
        bool works = script->side == HONEST || run_since(stage, &run) < to_ms;
        if (stage->sites[site].kind == script->site && to_ms < stage->end_ms && works &&
            is_free(stage, site, from_ms, to_ms, apart_ms)) {
            stage->runs[stage->run_count++] = run;
            stage->sites[site].played = true;
            return;
        }
    }
    fprintf(stderr, "hjsim: no room for scene %s: more days are needed\n", script->name);
}

static int by_begin(const void *a, const void *b)
{
    const struct stage_run *left = a, *right = b;
    return (left->from_ms > right->from_ms) - (left->from_ms < right->from_ms);
}

/* Whether a name stands in a list with commas; NULL: every name does. */
static bool is_asked_for(const char *only, const char *name)
{
    struct slice rest = slice_of(only == NULL ? name : only);
    bool found = false;
    while (rest.size > 0) {
        found = slice_is(slice_cut(&rest, ','), name) || found;
    }
    return found;
}

void stage_plan(
    struct stage *stage, int64_t quiet_ms, int64_t apart_ms, uint32_t times, const char *only)
{
    size_t count;
    const struct scene_script *scripts = scenes_scripted(&count);
    stage->runs = calloc(count * times + 1, sizeof *stage->runs);
    assert(stage->runs != NULL);
    for (uint32_t turn = 0; turn < times; turn++) {
        for (uint32_t i = 0; i < count; i++) {
            if (is_asked_for(only, scripts[i].name)) {
                place_run(stage, &scripts[i], i, turn, quiet_ms, apart_ms);
            }
        }
    }
    qsort(stage->runs, stage->run_count, sizeof *stage->runs, by_begin);
}
