#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/replay.h"
#include "cli/told.h"

enum change { CHANGE_NONE, CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED, CHANGE_COUNT };

static const char *const WORDS[CHANGE_COUNT] = {"same", "added", "removed", "changed"};

/* What stands before a line of text. */
static const char SIGNS[CHANGE_COUNT] = {' ', '+', '-', '~'};

struct tally {
    size_t was, now, changes[CHANGE_COUNT];
};

static void write_instant(int64_t ms, char out[static RFC3339_SIZE + 1])
{
    out[0] = '\0';
    if (ms != TOLD_OPEN) {
        event_time_write((struct event_time){ms}, out);
    }
}

/* One alarm as it is under one of the two: when, how grave, of which records, in which words. */
static json_t *facts_of(const struct told *told)
{
    char over[RFC3339_SIZE + 1];
    json_t *facts = json_object();
    write_instant(told->to_ms, over);
    json_object_set(facts, "alarm", json_object_get(told->raised, "alarm"));
    json_object_set_new(facts, "severity", json_string(told->severity));
    json_object_set(facts, "onset", json_object_get(told->raised, "onset"));
    json_object_set(facts, "raised", json_object_get(told->raised, "at"));
    json_object_set_new(facts, "over", over[0] == '\0' ? json_null() : json_string(over));
    json_object_set_new(facts, "records",
        json_pack("[I, I]", (json_int_t)told->onset_record, (json_int_t)told->raised_record));
    json_object_set(facts, "text", json_object_get(told->raised, "text"));
    return facts;
}

static void print_json(enum change change, const struct told *was, const struct told *now)
{
    const struct told *shown = now != NULL ? now : was;
    json_t *line = json_pack(
        "{s:s, s:s, s:s}", "change", WORDS[change], "rule", shown->rule, "subject", shown->subject);
    json_t *facts = facts_of(shown);
    json_object_update(line, facts);
    if (change == CHANGE_CHANGED) {
        json_object_set_new(line, "was", facts_of(was));
    }
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(facts);
    json_decref(line);
}

static void print_facts(char sign, const struct told *told)
{
    char over[RFC3339_SIZE + 1];
    const json_t *text = json_object_get(told->raised, "text");
    write_instant(told->to_ms, over);
    printf("%c %s %s %s from %s to %s, raised %s, records %llu to %llu\n    %s\n    %s\n", sign,
        told->severity, told->rule, told->subject, told_word(told->raised, "onset"),
        over[0] == '\0' ? "the end" : over, told_word(told->raised, "at"),
        (unsigned long long)told->onset_record, (unsigned long long)told->raised_record,
        told_word(text, "zh"), told_word(text, "en"));
}

static void print_change(
    bool json, enum change change, const struct told *was, const struct told *now)
{
    if (change == CHANGE_NONE) {
        return;
    }
    if (json) {
        print_json(change, was, now);
        return;
    }
    print_facts(SIGNS[change], now != NULL ? now : was);
    if (change == CHANGE_CHANGED) {
        printf("  it was:\n");
        print_facts(' ', was);
    }
}

static bool same_time(const struct told *was, const struct told *now)
{
    return was->from_ms <= now->to_ms && now->from_ms <= was->to_ms;
}

static enum change change_of(const struct told *was, const struct told *now)
{
    bool same = strcmp(was->severity, now->severity) == 0 && was->from_ms == now->from_ms &&
                was->to_ms == now->to_ms &&
                strcmp(told_word(was->raised, "at"), told_word(now->raised, "at")) == 0;
    return same ? CHANGE_NONE : CHANGE_CHANGED;
}

static void count(struct tally *tally, enum change change)
{
    tally->changes[change] += 1;
    tally->was += change != CHANGE_ADDED;
    tally->now += change != CHANGE_REMOVED;
}

static void print_tally(bool json, const char *rule, const struct tally *tally)
{
    const size_t *changes = tally->changes;
    if (json) {
        json_t *line = json_pack("{s:s, s:I, s:I}", "rule", rule, "was", (json_int_t)tally->was,
            "now", (json_int_t)tally->now);
        for (int change = 0; change < CHANGE_COUNT; change++) {
            json_object_set_new(line, WORDS[change], json_integer((json_int_t)changes[change]));
        }
        if (rule[0] == '\0') {
            json_object_del(line, "rule");
        }
        json_dumpf(line, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(line);
    } else {
        printf("%s: %zu alarms before, %zu now: %zu added, %zu taken away, %zu changed, %zu the "
               "same\n",
            rule[0] == '\0' ? "in all" : rule, tally->was, tally->now, changes[CHANGE_ADDED],
            changes[CHANGE_REMOVED], changes[CHANGE_CHANGED], changes[CHANGE_NONE]);
    }
}

/* The next of both lists, in their order: of one subject what overlaps in time is one alarm. */
struct pair {
    const struct told *was, *now;
};

static struct pair next_pair(
    const struct told_list *was, const struct told_list *now, size_t *i, size_t *k)
{
    const struct told *left = *i < was->count ? &was->alarms[*i] : NULL;
    const struct told *right = *k < now->count ? &now->alarms[*k] : NULL;
    int order = left == NULL ? 1 : right == NULL ? -1 : told_compare_subject(left, right);
    if (order == 0 && !same_time(left, right)) {
        order = left->from_ms < right->from_ms ? -1 : 1;
    }
    *i += order <= 0;
    *k += order >= 0;
    return (struct pair){order <= 0 ? left : NULL, order >= 0 ? right : NULL};
}

/* True: anything is otherwise. */
static bool compare(const struct told_list *was, const struct told_list *now, bool json)
{
    struct tally all = {0}, tally = {0};
    const char *rule = NULL;
    for (size_t i = 0, k = 0; i < was->count || k < now->count;) {
        struct pair pair = next_pair(was, now, &i, &k);
        const char *name = pair.now != NULL ? pair.now->rule : pair.was->rule;
        if (rule != NULL && strcmp(rule, name) != 0) {
            print_tally(json, rule, &tally);
            tally = (struct tally){0};
        }
        rule = name;
        enum change change = pair.was == NULL   ? CHANGE_ADDED
                             : pair.now == NULL ? CHANGE_REMOVED
                                                : change_of(pair.was, pair.now);
        print_change(json, change, pair.was, pair.now);
        count(&tally, change);
        count(&all, change);
    }
    if (rule != NULL) {
        print_tally(json, rule, &tally);
    }
    print_tally(json, "", &all);
    return all.changes[CHANGE_NONE] != all.was || all.was != all.now;
}

struct listening {
    struct replay replay;
    struct told_list told;
};

static void listen(void *context, const struct effect *effect)
{
    struct listening *listening = context;
    told_take(&listening->told, effect, listening->replay.sequence);
}

static int hear(
    struct listening *listening, const struct replay_options *options, const char *rules)
{
    struct replay_options given = *options;
    given.rules = rules;
    listening->replay = (struct replay){
        .effect = listen, .context = listening, .report = calloc(1, sizeof(struct report))};
    if (listening->replay.report == NULL) {
        return command_fail("replay", "no memory");
    }
    int result = replay_run(&listening->replay, &given);
    told_sort(&listening->told);
    replay_close(&listening->replay);
    return result;
}

int replay_against(const struct replay_options *options)
{
    struct listening was = {0}, now = {0};
    if (strcmp(options->input, "-") == 0) {
        return command_fail("replay", "--against reads its input twice: give a file or a journal");
    }
    int result = hear(&was, options, options->against[0] == '\0' ? NULL : options->against);
    if (result == EXIT_FINE) {
        result = hear(&now, options, options->rules);
    }
    if (result == EXIT_FINE && compare(&was.told, &now.told, options->json)) {
        result = EXIT_FINDINGS;
    }
    told_free(&was.told);
    told_free(&now.told);
    return result;
}
