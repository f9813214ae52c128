#include <assert.h>

#include "broker-bridge/pipeline_state.h"

static void add_named(
    struct text *json, const char *key, struct slice id, struct slice name, struct slice name_en)
{
    text_add_key(json, key);
    text_add_byte(json, '{');
    text_add_field(json, "id", id);
    text_add_field(json, "name", name);
    if (name_en.size > 0) {
        text_add_field(json, "name_en", name_en);
    }
    text_add_byte(json, '}');
}

static void add_both(struct text *json, const char *key, struct slice zh, struct slice en)
{
    text_add_key(json, key);
    text_add_byte(json, '{');
    text_add_field(json, "zh", zh);
    text_add_field(json, "en", en);
    text_add_byte(json, '}');
}

static void add_sentence(struct pipeline *pipeline, const struct transition *transition)
{
    /* The numbers of an alarm that is over are not those it was raised for: it says so. */
    static const char *const OVER[] = {[LANGUAGE_ZH] = "【已恢复】", [LANGUAGE_EN] = "[over] "};
    static const char *const LATE[] = {
        [LANGUAGE_ZH] = "【补传】", [LANGUAGE_EN] = "[retrospective] "};
    const struct revision *revision = pipeline->revision;
    const void *state = pipeline->retrospective && !pipeline->followed
                            ? revision_late_detectors(revision)
                            : revision_detectors(revision);
    const struct moment moment = time_moment(pipeline);
    struct text both[2];
    for (int language = LANGUAGE_ZH; language <= LANGUAGE_EN; language++) {
        size_t half = sizeof pipeline->text_space / 2;
        both[language] = text_in(pipeline->text_space + (size_t)language * half, half);
        text_add(&both[language], pipeline->retrospective ? LATE[language] : "");
        text_add(&both[language], transition->over ? OVER[language] : "");
        detectors_text(revision->program, state, &moment, transition->instance,
            (enum language)language, transition->lasted_ms, transition->onset, &both[language]);
    }
    add_both(
        &pipeline->json, "text", text_slice(&both[LANGUAGE_ZH]), text_slice(&both[LANGUAGE_EN]));
    text_add_key(&pipeline->json, "numbers");
    detectors_numbers(revision->program, state, &moment, transition->instance, &pipeline->json);
}

static void add_place(
    struct text *json, const struct registry *registry, const struct instance *instance)
{
    if (instance->enterprise != NONE) {
        const struct enterprise *enterprise = &registry->enterprises[instance->enterprise];
        add_named(json, "enterprise", enterprise->id, enterprise->name, enterprise->name_en);
    }
    if (instance->outlet != NONE) {
        const struct outlet *outlet = &registry->outlets[instance->outlet];
        add_named(json, "outlet", outlet->id, outlet->name, outlet->name_en);
    }
    if (instance->device != NONE) {
        text_add_field(json, "mn", registry->devices[instance->device].mn);
    }
}

static void add_words(struct text *json, const struct transition *transition)
{
    const struct {
        const char *key;
        struct slice words;
    } ROWS[] = {
        {"by", transition->by},
        {"reason", transition->reason},
        {"finding", transition->finding},
        {"assignee", transition->assignee},
        {"answer", transition->answer},
        {"order", transition->order},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (ROWS[i].words.size > 0) {
            text_add_field(json, ROWS[i].key, ROWS[i].words);
        }
    }
}

/* The laws in force at the onset. */
static void add_laws(
    struct text *json, const struct instance *instance, const struct transition *transition)
{
    bool any = false;
    for (uint32_t i = 0; i < instance->law_count; i++) {
        const struct law *law = &instance->laws[i];
        if (transition->onset.ms < law->from_ms || transition->onset.ms >= law->until_ms) {
            continue;
        }
        if (any) {
            text_add_byte(json, ',');
        } else {
            text_add_key(json, "law");
            text_add_byte(json, '[');
        }
        any = true;
        text_add_json(json, law->cite);
    }
    text_add(json, any ? "]" : "");
}

static void add_hash(struct text *json, const char *key, uint64_t hash)
{
    text_add_key(json, key);
    text_add_byte(json, '"');
    text_add_hex(json, hash, 16);
    text_add_byte(json, '"');
}

/* By what rule, on which records that came. */
static void add_grounds(
    struct pipeline *pipeline, const struct instance *instance, const struct transition *transition)
{
    struct text *json = &pipeline->json;
    add_laws(json, instance, transition);
    add_hash(json, "rule_version", instance->rule_hash);
    add_hash(json, "param_hash", instance->parameter_hash);
    text_add_key(json, "evidence");
    text_add_byte(json, '{');
    text_add_field_int(json, "first", (int64_t)transition->onset_record);
    text_add_field_int(json, "last", (int64_t)pipeline->record->sequence);
    text_add_byte(json, '}');
}

/* Recorded, and no work for anybody as long as it is. */
static bool held_back(const struct transition *transition)
{
    return transition->suppressed || transition->shadow || transition->out_of_service;
}

/* An instant of the hub's clock on the wall; 0: none. */
static int64_t due_at(const struct pipeline *pipeline, int64_t hub_ms)
{
    return hub_ms == 0 ? 0 : wall_at(pipeline, hub_ms).ms;
}

/* How it stands: for what it is set aside, and what is due when. */
static void add_standing(struct pipeline *pipeline, const struct transition *transition)
{
    struct text *json = &pipeline->json;
    const struct {
        const char *key;
        bool holds;
        const char *value;
    } FLAGS[] = {
        {"latched", pipeline->revision->instances[transition->instance]->latched, "true"},
        {"shadow", transition->shadow, "true"},
        {"out_of_service", transition->out_of_service, "true"},
        {"chattering", transition->chattering, "true"},
        {"held_back", held_back(transition), "true"},
        {"announced", !transition->announced, "false"},
    };
    const struct {
        const char *key;
        int64_t ms;
    } TIMES[] = {
        {"shelved_until", transition->shelved_until.ms},
        {"out_until", transition->out_until.ms},
        {"acknowledge_by", due_at(pipeline, transition->acknowledge_due_ms)},
        {"verify_by", due_at(pipeline, transition->verify_due_ms)},
    };
    if (transition->graded != transition->severity) {
        text_add_field(json, "graded", slice_of(severity_name(transition->graded)));
    }
    if (transition->parent[0] != '\0') {
        text_add_field(json, "parent", slice_of(transition->parent));
    }
    if (transition->suppressed) {
        text_add_field(json, "suppressed_by", slice_of(transition->parent));
    }
    for (size_t i = 0; i < sizeof FLAGS / sizeof FLAGS[0]; i++) {
        if (FLAGS[i].holds) {
            text_add_key(json, FLAGS[i].key);
            text_add(json, FLAGS[i].value);
        }
    }
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        if (TIMES[i].ms != 0) {
            text_add_field_time(json, TIMES[i].key, (struct event_time){TIMES[i].ms});
        }
    }
}

/* Of data that came late, and of which stretch it is. */
static void add_gap(struct pipeline *pipeline, uint32_t instance)
{
    struct text *json = &pipeline->json;
    const struct gap *gap = revision_late_gap(pipeline->revision, instance);
    text_add_key(json, "retrospective");
    text_add(json, "true");
    text_add_key(json, "gap");
    text_add_byte(json, '{');
    text_add_field_time(json, "from", (struct event_time){gap->from_ms});
    text_add_field_time(json, "to", (struct event_time){gap->to_ms});
    text_add_field_int(json, "first", (int64_t)gap->first_record);
    text_add_field_int(json, "last", (int64_t)gap->last_record);
    text_add_field_int(json, "count", gap->count);
    text_add_byte(json, '}');
}

/* The `data` of the event: the fields of the `replay` contract first. */
static void add_data(struct pipeline *pipeline, const struct transition *transition)
{
    const struct revision *revision = pipeline->revision;
    const struct instance *instance = revision->instances[transition->instance];
    struct text *json = &pipeline->json;
    bool first_raise = transition->from == ALARM_PENDING;
    text_add_byte(json, '{');
    text_add_field_time(json, "at", wall_at(pipeline, transition->hub_ms));
    text_add_field_time(json, "onset", transition->onset);
    text_add_field(json, "alarm", slice_of(transition->alarm));
    text_add_field(json, "rule", instance->rule);
    text_add_field(json, "subject", instance->subject);
    text_add_field(
        json, "from", slice_of(alarm_state_name(first_raise ? ALARM_NORMAL : transition->from)));
    text_add_field(json, "to", slice_of(alarm_state_name(transition->to)));
    text_add_field(json, "severity", slice_of(severity_name(transition->severity)));
    add_sentence(pipeline, transition);
    add_both(json, "title", instance->title_zh, instance->title_en);
    text_add_field_int(json, "transition", transition->number);
    text_add_field_int(json, "lasted_ms", transition->lasted_ms);
    add_place(json, &revision->registry, instance);
    add_grounds(pipeline, instance, transition);
    if (pipeline->retrospective) {
        add_gap(pipeline, transition->instance);
    }
    add_standing(pipeline, transition);
    add_words(json, transition);
    text_add_byte(json, '}');
}

/* Pending is never published: only what has an alarm id leaves. */
void effect_transition(struct pipeline *pipeline, const struct transition *transition)
{
    if (transition->alarm[0] == '\0') {
        return;
    }
    struct text *json = effect_json(pipeline);
    text_add(json, "\"specversion\":\"1.0\"");
    text_add_key(json, "id");
    text_add_byte(json, '"');
    text_add_slice(json, pipeline->area);
    text_add_byte(json, '-');
    text_add_int(json, (int64_t)pipeline->record->sequence);
    text_add_byte(json, '-');
    text_add_int(json, pipeline->index);
    text_add_byte(json, '"');
    text_add_key(json, "source");
    text_add(json, "\"/ems/v1/");
    text_add_slice(json, pipeline->area);
    text_add(json, "/hub\"");
    text_add_field(json, "type", slice_of("cn.hjhub.alarm.transition"));
    text_add_field(json, "subject", slice_of(transition->alarm));
    text_add_field_time(json, "time", wall_at(pipeline, transition->hub_ms));
    text_add_field(json, "datacontenttype", slice_of("application/json"));
    text_add_key(json, "data");
    add_data(pipeline, transition);
    text_add_byte(json, '}');
    assert(!json->truncated);
    effect_send(pipeline, (struct effect){.kind = EFFECT_TRANSITION,
                              .alarm = slice_of(transition->alarm),
                              .onset_record = transition->onset_record,
                              .open = alarm_state_open(transition->to) && !held_back(transition),
                              .payload = text_slice(json)});
}
