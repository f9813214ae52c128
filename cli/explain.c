#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/replay.h"
#include "cli/source.h"

enum { EXPLANATION_SIZE = 256 * 1024 };

/* A member's name and fixed words, in Chinese. */
static const struct {
    const char *en, *zh;
} WORDS[] = {
    {"inputs", "输入"},
    {"lets", "中间值"},
    {"functions", "函数与门控"},
    {"grades", "分级"},
    {"under", "上级报警"},
    {"alarm", "报警"},
    {"late", "补传判定"},
    {"name", "名称"},
    {"is", "值"},
    {"of", "来自"},
    {"when", "触发条件"},
    {"clear_when", "恢复条件"},
    {"to", "级别"},
    {"state", "状态"},
    {"severity", "级别"},
    {"onset", "起始"},
    {"transition", "变化序号"},
    {"last_vote", "最近一次判断"},
    {"holds_since", "条件成立起"},
    {"held_ms", "已保持毫秒"},
    {"raise_after_ms", "触发所需毫秒"},
    {"clear_held_ms", "恢复已保持毫秒"},
    {"clear_after_ms", "恢复所需毫秒"},
    {"covered", "另一报警已代表"},
    {"because", "原因"},
    {"shadow_until", "影子运行至"},
    {"shelved_until", "搁置至"},
    {"out_of_service_until", "停用至"},
    {"parent_rule", "上级报警规则"},
    {"parent_subject", "上级报警对象"},
    {"local", "设备时间"},
    {"rule", "规则"},
    {"subject", "对象"},
    {"factor", "因子"},
    {"sent", "上报"},
    {"unit", "单位"},
    {"time", "时间"},
    {"age_ms", "距今毫秒"},
    {"held_for_ms", "有效毫秒"},
    {"why", "未知原因"},
    {"equipment", "设备"},
    {"told", "判定"},
    {"on_when", "开条件"},
    {"on_held_ms", "开已保持毫秒"},
    {"on_after_ms", "开所需毫秒"},
    {"off_when", "关条件"},
    {"off_held_ms", "关已保持毫秒"},
    {"off_after_ms", "关所需毫秒"},
    {"since", "自"},
    {"yes", "是"},
    {"no", "否"},
    {"unknown", "未知"},
    {"absent", "无"},
    {"on", "开"},
    {"off", "关"},
    {"none", "没有"},
    {"nothing came yet", "尚无数据"},
    {"too old", "数据过旧"},
    {"flagged or withheld", "标记为不可用或被剔除"},
    {"normal", "正常"},
    {"pending", "待确立"},
    {"active-unack", "报警未确认"},
    {"active-ack", "报警已确认"},
    {"cleared-unack", "已恢复未确认"},
    {"cleared-ack", "已恢复已确认"},
    {"closed", "已关闭"},
};

static const char *in_words(const char *word, bool zh)
{
    for (size_t i = 0; zh && i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strcmp(WORDS[i].en, word) == 0) {
            return WORDS[i].zh;
        }
    }
    return word;
}

static bool speaks_chinese(void)
{
    static const char *const NAMES[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const char *locale = getenv(NAMES[i]);
        if (locale != NULL && locale[0] != '\0') {
            return strncmp(locale, "zh", 2) == 0;
        }
    }
    return false;
}

static void print_scalar(const json_t *value, bool zh)
{
    if (json_is_string(value)) {
        printf("%s", in_words(json_string_value(value), zh));
    } else if (json_is_integer(value)) {
        printf("%lld", (long long)json_integer_value(value));
    } else {
        printf("%s", in_words(json_is_true(value) ? "yes" : "no", zh));
    }
}

/* `name: value` of what is no list or object, in one line. */
static void print_members(json_t *object, int indent, bool zh)
{
    const char *key;
    json_t *value;
    bool any = false;
    printf("%*s", indent, "");
    json_object_foreach(object, key, value)
    {
        if (!json_is_array(value) && !json_is_object(value)) {
            printf("%s%s: ", any ? ", " : "", in_words(key, zh));
            print_scalar(value, zh);
            any = true;
        }
    }
    putchar('\n');
}

static void print_items(const char *key, json_t *list, int indent, bool zh)
{
    size_t index;
    json_t *item;
    if (json_array_size(list) == 0) {
        return;
    }
    printf("%*s%s:\n", indent, "", in_words(key, zh));
    json_array_foreach(list, index, item)
    {
        if (json_is_object(item)) {
            print_members(item, indent + 2, zh);
        } else {
            printf("%*s%s\n", indent + 2, "", json_string_value(item));
        }
        json_t *of = json_object_get(item, "of");
        size_t place;
        json_t *element;
        json_array_foreach(of, place, element)
        {
            print_members(element, indent + 4, zh);
        }
    }
}

/* In one sentence, of what came in time and of what came late. */
static void print_because(const json_t *explanation, bool zh)
{
    static const char *const TABLES[] = {"alarm", "late"};
    for (size_t i = 0; i < sizeof TABLES / sizeof TABLES[0]; i++) {
        const json_t *because = json_object_get(json_object_get(explanation, TABLES[i]), "because");
        if (because != NULL) {
            printf("%s%s%s: %s\n", i == 0 ? "" : in_words(TABLES[i], zh), i == 0 ? "" : ", ",
                in_words("because", zh),
                json_string_value(json_object_get(because, zh ? "zh" : "en")));
        }
    }
}

static void print_text(json_t *explanation, bool zh)
{
    const char *key;
    json_t *value;
    print_members(explanation, 0, zh);
    print_because(explanation, zh);
    json_object_foreach(explanation, key, value)
    {
        if (json_is_array(value)) {
            print_items(key, value, 0, zh);
        } else if (json_is_object(value)) {
            printf("%s:\n", in_words(key, zh));
            print_members(value, 2, zh);
        }
    }
}

static void say_nothing(void *context, const struct effect *effect)
{
    (void)context;
    (void)effect;
}

static int print_explanation(
    const struct replay *replay, const char *rule, const char *subject, bool as_json)
{
    char *space = malloc(EXPLANATION_SIZE);
    if (space == NULL) {
        return command_fail("explain", "no memory");
    }
    struct text text = text_in(space, EXPLANATION_SIZE);
    int result = EXIT_FINE;
    if (!pipeline_explain(replay->pipeline, slice_of(rule), slice_of(subject), &text)) {
        result = command_fail("explain",
            "rule %s watches no subject %s: hjhub rules list names the rules; a subject is a "
            "linkage, an MN, "
            "an outlet, or of a signal MN:factor-field",
            rule, subject);
    } else if (as_json) {
        printf("%.*s\n", (int)text.size, text.at);
    } else {
        json_t *explanation = json_loadb(text.at, text.size, 0, NULL);
        print_text(explanation, speaks_chinese());
        json_decref(explanation);
    }
    free(space);
    return result;
}

/* What was not there yet cannot explain anything. */
static void note_end(const struct replay *replay, struct event_time at)
{
    char last[RFC3339_SIZE + 1];
    if (replay->read_to.ms < at.ms) {
        event_time_write(replay->read_to, last);
        fprintf(stderr,
            "hjhub explain: note: the last record is of %s: from then on to --at it is told as if "
            "nothing had come\n",
            last);
    }
}

static int explain(struct replay_options *options, const char *rule, const char *subject)
{
    struct replay replay = {.effect = say_nothing, .report = calloc(1, sizeof(struct report))};
    if (replay.report == NULL) {
        return command_fail("explain", "no memory");
    }
    int result = replay_run(&replay, options);
    if (result == EXIT_FINE) {
        result = print_explanation(&replay, rule, subject, options->json);
    }
    if (result == EXIT_FINE) {
        note_end(&replay, options->until);
    }
    replay_close(&replay);
    return result;
}

/* The hub's own journal and keys, unless others were given. */
static int explain_hub(
    struct replay_options *options, const char *config, const char *rule, const char *subject)
{
    struct source source;
    if (!source_named(&source, "explain", (struct source_names){.config = config})) {
        return EXIT_COULD_NOT;
    }
    options->input = source.journal;
    options->keys = options->keys == NULL ? source.config->keys : options->keys;
    int result = explain(options, rule, subject);
    source_close(&source);
    return result;
}

int command_explain(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
        {"registry", required_argument, NULL, 'g'}, {"rules", required_argument, NULL, 'r'},
        {"keys", required_argument, NULL, 'k'}, {"at", required_argument, NULL, 'a'},
        {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    struct replay_options options = {0};
    const char *config = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (option == 'c') {
            config = optarg;
        } else if (option == 'g') {
            options.registry = optarg;
        } else if (option == 'r') {
            options.rules = optarg;
        } else if (option == 'k') {
            options.keys = optarg;
        } else if (option == 'j') {
            options.json = true;
        } else if (option != 'a' || !event_time_from_rfc3339(slice_of(optarg), &options.until)) {
            return command_misused("explain");
        }
    }
    if (optind + (config == NULL ? 3 : 2) != argc || options.until.ms == 0) {
        return command_misused("explain");
    }
    if (config != NULL) {
        return explain_hub(&options, config, argv[optind], argv[optind + 1]);
    }
    options.input = argv[optind + 2];
    return explain(&options, argv[optind], argv[optind + 1]);
}
