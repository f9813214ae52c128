#include <string.h>

#include "core/hash.h"
#include "detectors/names.h"
#include "detectors/rules_reading.h"
#include "schemas/rule_periods.h"

static void read_grades(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    static const char *const KEYS[] = {"to", "when", NULL};
    static const char *const LISTS[] = {"grades", "lower"};
    for (int list = 0; list < 2; list++) {
        yaml_node_t *grades = yaml_get(reading->tree, item, LISTS[list]);
        yaml_node_t *node;
        for (size_t i = 0; (node = yaml_item(reading->tree, grades, i)) != NULL; i++) {
            if (rule->grade_count == GRADES_MAX) {
                yaml_say(reading->tree, node, "more than %d grades", GRADES_MAX);
                return;
            }
            struct grade *grade = &rule->grades[rule->grade_count++];
            yaml_check_keys(reading->tree, node, KEYS);
            yaml_node_t *to = yaml_get(reading->tree, node, "to");
            yaml_node_t *when = yaml_get(reading->tree, node, "when");
            if (to == NULL || when == NULL) {
                yaml_say(reading->tree, node, "a grade is {to: S1, when: an expression}");
            } else if (read_severity(reading, to, &grade->to)) {
                read_expression(reading, when, &rule->names, &grade->when);
            }
        }
    }
}

static void read_scope(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    static const char *const SCOPES[] = {
#define SCOPE(id, name) #name,
#include "detectors/scopes.def"
#undef SCOPE
    };
    static const char *const KEYS[] = {"kind", "quantity", "period", NULL};
    yaml_node_t *node = yaml_get(reading->tree, item, "scope");
    yaml_node_t *of = yaml_get(reading->tree, item, "of");
    struct slice word = yaml_text(reading->tree, of, "period");
    const struct rule_period *period =
        word.size == 0 ? rule_period_of_cn(2011) : rule_period_of(word);
    bool known = false;
    for (size_t i = 0; i < sizeof SCOPES / sizeof SCOPES[0]; i++) {
        if (slice_is(yaml_scalar(node), SCOPES[i])) {
            rule->scope = (enum scope)i;
            known = true;
        }
    }
    if (!known) {
        yaml_say(reading->tree, node == NULL ? item : node,
            "scope is linkage, device, outlet, signal, pair, equipment, feeder, enterprise, town "
            "or area");
    }
    yaml_check_keys(reading->tree, of, KEYS);
    read_filter(reading, yaml_get(reading->tree, of, "kind"), &rule->kinds);
    read_filter(reading, yaml_get(reading->tree, of, "quantity"), &rule->quantities);
    if (period == NULL) {
        yaml_say(reading->tree, of,
            "period is realtime, minute, hour, day, state, check or information");
    } else {
        rule->cn = period->cn;
    }
    bool of_signals = rule->scope == SCOPE_SIGNAL || rule->scope == SCOPE_PAIR;
    if (of_signals && rule->quantities.count == 0) {
        yaml_say(reading->tree, item,
            "scope signal or pair names its quantities: of: {quantity: [...]}");
    }
}

/* It stands in alarms, file names and URLs. */
static bool name_is_fit(struct slice id)
{
    bool hyphen = true; /* none may stand first, last or twice */
    for (size_t i = 0; i < id.size; i++) {
        uint8_t byte = id.ptr[i];
        bool sign = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        if (!sign && (byte != '-' || hyphen)) {
            return false;
        }
        hyphen = byte == '-';
    }
    return !hyphen;
}

/* The rule's own bytes: its identity, as far as state may be kept over a reload. */
static uint64_t hash_item(const struct rules_reading *reading, const yaml_node_t *item)
{
    size_t from = item->start_mark.index, to = item->end_mark.index;
    to = to < reading->text.size ? to : reading->text.size;
    return from < to ? hash64(slice_from(reading->text.ptr + from, to - from)) : 0;
}

struct rule *rules_next(struct rules *rules, struct arena *arena)
{
    uint32_t count = rules->rule_count + rules->variant_count;
    if (count == rules->rule_capacity) {
        uint32_t capacity = rules->rule_capacity * 2 + 16;
        struct rule *grown = arena_take(arena, capacity, sizeof *grown);
        if (count > 0) {
            memcpy(grown, rules->rules, count * sizeof *grown);
        }
        rules->rules = grown;
        rules->rule_capacity = capacity;
    }
    return &rules->rules[count];
}

struct code *rule_code(struct rule *rule, size_t index)
{
    if (index < 2) {
        return index == 0 ? &rule->when : &rule->clear_when;
    }
    index -= 2;
    if (index < rule->grade_count) {
        return &rule->grades[index].when;
    }
    index -= rule->grade_count;
    return index < rule->names.let_count ? &rule->lets[index] : NULL;
}

/* An item that watches something: a rule, a report. */
struct item_form {
    const char *head;
    const char *const *keys, *const *needed; /* each ends with NULL */
};

/* What names mean in it. */
struct item_words {
    struct meaning meaning;
    struct vocabulary vocabulary;
};

static bool is_complete(
    struct rules_reading *reading, const yaml_node_t *item, const struct item_form *form)
{
    bool complete = true;
    for (size_t i = 0; form->needed[i] != NULL; i++) {
        if (yaml_get(reading->tree, item, form->needed[i]) == NULL) {
            yaml_say(reading->tree, item, "the %s has no %s:", form->head, form->needed[i]);
            complete = false;
        }
    }
    return complete;
}

static void check_name(
    struct rules_reading *reading, const yaml_node_t *name, const struct rule *rule)
{
    if (!name_is_fit(rule->id)) {
        yaml_say(
            reading->tree, name, "a rule's name: small letters and digits, with hyphens between");
    } else if (rule_named(reading->rules, rule->id) != NULL) {
        const struct place *first = &rule_named(reading->rules, rule->id)->place;
        yaml_say(reading->tree, name, "the name '%.*s' stands twice: %.*s:%u too",
            (int)rule->id.size, (const char *)rule->id.ptr, (int)first->file.size,
            (const char *)first->file.ptr, first->line);
    }
}

/* each: hour, day, month or quarter. */
static void read_each(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    yaml_node_t *node = yaml_get(reading->tree, item, "each");
    rule->each = period_from(yaml_scalar(node));
    if (node != NULL && (rule->each == PERIOD_SLIDING || rule->each == PERIOD_YEAR)) {
        yaml_say(reading->tree, node, "each is hour, day, month or quarter");
    }
}

static void read_conditions(
    struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    yaml_node_t *clear = yaml_get(reading->tree, item, "clear_when");
    read_lets(reading, item, &rule->names, &rule->lets);
    read_expression(reading, yaml_get(reading->tree, item, "when"), &rule->names, &rule->when);
    if (clear != NULL) {
        read_expression(reading, clear, &rule->names, &rule->clear_when);
    }
    read_severity(reading, yaml_get(reading->tree, item, "severity"), &rule->severity);
    read_grades(reading, item, rule);
    rule->raise_parameter =
        read_delay(reading, item, "raise_after", &rule->names, &rule->raise_after_ms);
    rule->clear_parameter =
        read_delay(reading, item, "clear_after", &rule->names, &rule->clear_after_ms);
}

/* What stands behind a comma, without quotes, is no key; half of the words would be lost. A journal's rules are as
 * they were. */
static void check_words(struct rules_reading *reading, const yaml_node_t *item)
{
    static const char *const LANGUAGES[] = {"zh", "en", NULL};
    static const char *const SOURCE[] = {"cite", "sure", NULL};
    if (!reading->report->accepted_before) {
        yaml_check_keys(reading->tree, yaml_get(reading->tree, item, "title"), LANGUAGES);
        yaml_check_keys(reading->tree, yaml_get(reading->tree, item, "text"), LANGUAGES);
        yaml_check_keys(reading->tree, yaml_get(reading->tree, item, "source"), SOURCE);
    }
}

static void read_title(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    yaml_node_t *title = yaml_get(reading->tree, item, "title");
    rule->title_zh = copied(reading, title, "zh");
    rule->title_en = copied(reading, title, "en");
    check_words(reading, item);
    yaml_node_t *source = yaml_get(reading->tree, item, "source");
    rule->source_cite = copied(reading, source, "cite");
    rule->source_sure = copied(reading, source, "sure");
    if (rule->source_cite.size == 0) {
        yaml_say(reading->tree, item, "a rule has a source: {cite: ..., sure: ...}");
    }
}

static void read_text(struct rules_reading *reading, const yaml_node_t *item, struct rule *rule)
{
    yaml_node_t *text = yaml_get(reading->tree, item, "text");
    read_sentence(reading, text, "zh", &rule->names, &rule->text_zh);
    read_sentence(reading, text, "en", &rule->names, &rule->text_en);
}

/* What rules and reports begin with; *words stands as long as the caller reads on. NULL: not even that. */
static struct rule *begin_item(struct rules_reading *reading, yaml_node_t *item,
    const struct item_form *form, struct item_words *words)
{
    struct yaml_tree *tree = reading->tree;
    if (reading->rules->rule_count == RULES_MAX) {
        yaml_say(tree, item, "more than %d rules", RULES_MAX);
        return NULL;
    }
    struct rule *rule = rules_next(reading->rules, reading->arena);
    *rule = (struct rule){.place = yaml_place(tree, item),
        .severity = SEVERITY_S4,
        .index = reading->rules->rule_count};
    rule->id = copied(reading, item, form->head);
    rule->text_hash = hash_item(reading, item);
    yaml_check_keys(tree, item, form->keys);
    check_name(reading, yaml_get(tree, item, form->head), rule);
    if (!is_complete(reading, item, form)) {
        return NULL;
    }
    read_scope(reading, item, rule);
    read_each(reading, item, rule);
    words->meaning = (struct meaning){reading->registry, reading->rules, rule->scope,
        rule->quantities.count > 0 ? rule->quantities.words[0] : (struct slice){0}};
    words->vocabulary = (struct vocabulary){&words->meaning, name_describe, name_is_of};
    rule->names.vocabulary = &words->vocabulary;
    read_parameters(reading, item, &rule->names);
    return rule;
}

static void end_item(struct rules_reading *reading, struct rule *rule)
{
    note_fed_lets(rule);
    rule->names.vocabulary = NULL; /* it stood on the caller's stack */
    reading->rules->rule_count += 1;
}

void read_rule(struct rules_reading *reading, yaml_node_t *item)
{
    static const char *const KEYS[] = {"rule", "title", "scope", "of", "each", "let", "when",
        "raise_after", "clear_when", "clear_after", "severity", "grades", "lower", "under",
        "parameters", "text", "law", "latched", "shadow", "evidence", "source", "tests", NULL};
    static const char *const NEEDED[] = {
        "title", "scope", "when", "severity", "text", "source", NULL};
    static const struct item_form FORM = {"rule", KEYS, NEEDED};
    struct item_words words;
    struct rule *rule = begin_item(reading, item, &FORM, &words);
    if (rule == NULL) {
        return;
    }
    size_t findings = reading->report->count;
    read_conditions(reading, item, rule);
    if (reading->report->count == findings) { /* else its names would be complained of twice */
        read_title(reading, item, rule);
        read_text(reading, item, rule);
        check_lets(reading, item, &rule->names);
    }
    read_life(reading, item, rule);
    end_item(reading, rule);
}

void read_report(struct rules_reading *reading, yaml_node_t *item)
{
    static const char *const KEYS[] = {"report", "title", "scope", "of", "each", "let", "tells",
        "rates", "excuses", "parameters", "source", "tests", NULL};
    static const char *const NEEDED[] = {"title", "scope", "each", "let", "tells", "source", NULL};
    static const struct item_form FORM = {"report", KEYS, NEEDED};
    struct item_words words;
    struct rule *rule = begin_item(reading, item, &FORM, &words);
    if (rule == NULL) {
        return;
    }
    size_t findings = reading->report->count;
    read_lets(reading, item, &rule->names, &rule->lets);
    if (reading->report->count == findings) {
        read_told(reading, item, rule);
        rule->written_hash = rule->text_hash;
        rule->parameter_hash = rule_hash_parameters(&rule->names);
        read_title(reading, item, rule);
        check_lets(reading, item, &rule->names);
    }
    end_item(reading, rule);
}
