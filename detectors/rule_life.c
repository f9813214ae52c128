#include "core/hash.h"
#include "core/nearest.h"
#include "detectors/rules_reading.h"

enum { CITE_SIZE_MAX = 300 }; /* it stands in every transition */

/* The first instant of a day of China Standard Time. */
static bool day_begins(struct slice date, int64_t *ms)
{
    char space[RFC3339_SIZE + 1];
    struct text text = text_in(space, sizeof space);
    struct event_time begins;
    text_add_slice(&text, date);
    text_add(&text, "T00:00:00+08:00");
    if (text.truncated || !event_time_from_rfc3339(text_slice(&text), &begins)) {
        return false;
    }
    *ms = begins.ms;
    return true;
}

/* A day under a key, such as 2026-08-15; left alone where there is none. */
static void read_day(struct rules_reading *reading, yaml_node_t *item, const char *key, int64_t *ms)
{
    yaml_node_t *node = yaml_get(reading->tree, item, key);
    if (node != NULL && !day_begins(yaml_scalar(node), ms)) {
        yaml_say(reading->tree, node, "%s is a day, such as 2026-08-15", key);
    }
}

static void read_laws(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    static const char *const KEYS[] = {"from", "until", "cite", NULL};
    yaml_node_t *node;
    yaml_node_t *laws = yaml_get(reading->tree, item, "law");
    for (size_t i = 0; (node = yaml_item(reading->tree, laws, i)) != NULL; i++) {
        if (rule->law_count == CITES_MAX) {
            yaml_say(reading->tree, node, "more than %d cites", CITES_MAX);
            return;
        }
        struct law *law = &rule->laws[rule->law_count++];
        *law = (struct law){INT64_MIN, INT64_MAX - DAY_MS, copied(reading, node, "cite")};
        yaml_check_keys(reading->tree, node, KEYS);
        read_day(reading, node, "from", &law->from_ms);
        read_day(reading, node, "until", &law->until_ms);
        law->until_ms += DAY_MS; /* that day too */
        if (law->cite.size == 0 || law->cite.size > CITE_SIZE_MAX ||
            law->until_ms <= law->from_ms) {
            yaml_say(reading->tree, node, "a law is {from: a day, until: a later day, cite: ...}");
        }
    }
}

static bool read_yes(struct rules_reading *reading, const yaml_node_t *item, const char *key)
{
    yaml_node_t *node = yaml_get(reading->tree, item, key);
    if (node != NULL && !slice_is(yaml_scalar(node), "yes") && !slice_is(yaml_scalar(node), "no")) {
        yaml_say(reading->tree, node, "%s is yes or no", key);
    }
    return slice_is(yaml_scalar(node), "yes");
}

/* `shadow: yes`, or the last day of it. */
static int64_t read_shadow(struct rules_reading *reading, const yaml_node_t *item)
{
    int64_t until_ms = 0;
    yaml_node_t *node = yaml_get(reading->tree, item, "shadow");
    if (slice_is(yaml_scalar(node), "yes")) {
        return INT64_MAX;
    }
    if (node != NULL && !slice_is(yaml_scalar(node), "no")) {
        if (!day_begins(yaml_scalar(node), &until_ms)) {
            yaml_say(reading->tree, node, "shadow is yes, no or its last day");
        }
        until_ms += DAY_MS;
    }
    return until_ms;
}

/* evidence: of what kind; one that asks of alarms would be evidence of evidence. */
static enum evidence_kind read_evidence(
    struct rules_reading *reading, const yaml_node_t *item, const struct rule *rule)
{
    static const char *const KINDS[EVIDENCE_KIND_COUNT] = {
#define EVIDENCE(id, name, zh, en) [EVIDENCE_##id] = #name,
#include "schemas/evidence_kinds.def"
#undef EVIDENCE
    };
    yaml_node_t *node = yaml_get(reading->tree, item, "evidence");
    if (node == NULL) {
        return EVIDENCE_NONE;
    }
    if (rule->names.asks_alarms) {
        yaml_say(reading->tree, node, "a rule that asks of alarms is no evidence");
    }
    for (int i = EVIDENCE_NONE + 1; i < EVIDENCE_KIND_COUNT; i++) {
        if (slice_is(yaml_scalar(node), KINDS[i])) {
            return (enum evidence_kind)i;
        }
    }
    yaml_say(reading->tree, node, "evidence is gas, power, process, video or survey");
    return EVIDENCE_NONE;
}

uint64_t rule_hash_parameters(const struct expression_scope *names)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < names->parameter_count; i++) {
        hash = hash64_seeded(names->parameters[i].name, hash);
        hash = hash64_seeded(names->parameters[i].text, hash);
    }
    return hash;
}

void read_life(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    yaml_node_t *under = yaml_get(reading->tree, item, "under");
    read_filter(reading, under, &rule->under);
    rule->under_place = under == NULL ? rule->place : yaml_place(reading->tree, under);
    read_laws(reading, item, rule);
    rule->evidence = read_evidence(reading, item, rule);
    rule->latched = read_yes(reading, item, "latched");
    rule->shadow_until_ms = read_shadow(reading, item);
    rule->written_hash = rule->text_hash;
    rule->parameter_hash = rule_hash_parameters(&rule->names);
}

const struct rule *rule_named(const struct rules *rules, struct slice id)
{
    for (uint32_t i = 0; i < rules->rule_count; i++) {
        if (slice_equal(rules->rules[i].id, id)) {
            return &rules->rules[i];
        }
    }
    return NULL;
}

void rule_say_unknown(const struct rules *rules, struct slice id, struct text *words)
{
    struct nearest nearest = nearest_begin(id);
    for (uint32_t i = 0; i < rules->rule_count; i++) {
        nearest_offer(&nearest, rules->rules[i].id);
    }
    text_add(words, "there is no rule '");
    text_add_slice(words, slice_head(id, 60));
    text_add(words, "'");
    if (nearest.word.size > 0) {
        text_add(words, ": did you mean '");
        text_add_slice(words, nearest.word);
        text_add(words, "'?");
    }
}

void rule_show(const struct rule *rule, struct instance *shown)
{
    shown->rule = rule->id;
    shown->title_zh = rule->title_zh;
    shown->title_en = rule->title_en;
    shown->raise_after_ms = rule->raise_after_ms;
    shown->clear_after_ms = rule->clear_after_ms;
    shown->severity = rule->severity;
    shown->evidence = rule->evidence;
    shown->asks_alarms = rule->names.asks_alarms;
    shown->latched = rule->latched;
    shown->shadow_until_ms = rule->shadow_until_ms;
    shown->laws = rule->laws;
    shown->law_count = rule->law_count;
    shown->rule_hash = rule->written_hash;
    shown->parameter_hash = rule->parameter_hash;
}
