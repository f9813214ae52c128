#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline_message.h"
#include "cli/check_excerpt.h"
#include "cli/check_input.h"
#include "cli/check_parts.h"
#include "cli/check_words.h"
#include "cli/findings.h"
#include "cli/source.h"
#include "schemas/topic.h"
#include "validators/decode.h"
#include "validators/registry_csv.h"

enum { JSON_SPACE_SIZE = 4 * 1024 * 1024 };

struct check {
    struct decode_context context;
    struct registry registry;
    struct keyring *keys; /* NULL without --keys */
    struct decoder decoder;
    struct past past;
    enum input_kind input;
    bool json, strict;
    unsigned inputs;      /* how many kinds of input were asked for */
    uint64_t passed_over; /* MQTT messages of other topics */
    struct check_tally tally;
    char *space;
};

static void print_json(
    struct check *check, const struct message *message, const struct input_payload *payload)
{
    struct text text = text_in(check->space, JSON_SPACE_SIZE);
    text_add_byte(&text, '{');
    if (payload->line > 0) {
        text_add_field_int(&text, "vector", (int64_t)payload->line);
    }
    if (payload->from != NULL) {
        text_add_field(&text, "from", slice_of(payload->from));
        text_add_field(&text, "to", slice_of(payload->to));
    }
    if (payload->topic.size > 0) {
        text_add_field(&text, "topic", payload->topic);
    }
    message_json_add(&text, message, MESSAGE_WHOLE);
    text_add(&text, "}\n");
    assert(!text.truncated);
    fwrite(text.at, 1, text.size, stdout);
}

static void print_words(const struct message *message, const struct input_payload *payload)
{
    if (payload->line > 0) {
        printf("line %llu: ", (unsigned long long)payload->line);
    }
    if (payload->from != NULL) {
        printf("%s to %s", payload->from, payload->to);
        fputs(payload->topic.size > 0 ? ", topic " : "", stdout);
        excerpt_bytes(payload->topic, stdout);
        fputs(": ", stdout);
    }
    check_words(message, stdout);
}

static void show_joined(void *context, const struct joined *joined)
{
    struct check *check = context;
    check_count_rules(&check->tally, &joined->message.verdict.broken);
    if (!check->json) {
        check_words_joined(joined, stdout);
        return;
    }
    struct text text = text_in(check->space, JSON_SPACE_SIZE);
    text_add_byte(&text, '{');
    joined_json_add(&text, joined, MESSAGE_WHOLE);
    text_add(&text, "}\n");
    fwrite(text.at, 1, text.size, stdout);
}

/* A log keeps no line ends, and what stands around its frames is the log's. */
static bool logged(struct message *message)
{
    rule_set_drop(&message->verdict.broken, RULE_LINE_END);
    return !rule_set_has(&message->verdict.broken, RULE_FRAME_JUNK);
}

/* True: it is neither a repeat nor late. */
static bool judge(struct check *check, struct message *message)
{
    bool fresh = past_judge(&check->past, check->context.registry, message);
    if (check->strict && !rule_set_empty(&message->verdict.broken)) {
        message->verdict.kind = VERDICT_REJECTED;
    }
    check_count(&check->tally, message);
    return fresh;
}

/* What a capture knows of a payload, unless options say otherwise; false: it is none of a device's. */
static bool context_of(
    const struct check *check, const struct input_payload *payload, struct decode_context *context)
{
    struct topic topic = topic_parse(payload->topic);
    bool up = topic.kind == TOPIC_UP_HJ212 || topic.kind == TOPIC_NEW_UP_HJ212 ||
              topic.kind == TOPIC_UP_SENML;
    bool down = topic.kind == TOPIC_DOWN_HJ212 || topic.kind == TOPIC_NEW_DOWN_HJ212;
    *context = check->context;
    if (context->direction == DIRECTION_UNKNOWN) {
        context->direction = up ? DIRECTION_UP : down ? DIRECTION_DOWN : payload->direction;
    }
    if (up || down) {
        bool unnamed = topic.kind == TOPIC_NEW_UP_HJ212 || topic.kind == TOPIC_NEW_DOWN_HJ212;
        context->format = topic.kind == TOPIC_UP_SENML ? FORMAT_SENML : FORMAT_HJ212;
        context->has_topic = true;
        context->topic_mn = unnamed ? (struct slice){0} : topic.name;
    }
    return up || down || payload->topic.size == 0 || slice_starts(payload->bytes, "##");
}

static void check_payload(void *taker, const struct input_payload *payload)
{
    struct check *check = taker;
    struct decode_context context;
    if (!context_of(check, payload, &context)) {
        check->passed_over += 1;
        return;
    }
    if (check->input == INPUT_VECTORS) {
        past_forget(&check->past); /* each line in a fresh state */
    }
    decoder_begin(&check->decoder, &context, payload->bytes);
    while (decoder_next(&check->decoder)) {
        struct message *message = &check->decoder.message;
        if (check->input == INPUT_LOG && !logged(message)) {
            continue;
        }
        bool fresh = judge(check, message);
        if (check->json) {
            print_json(check, message, payload);
        } else {
            print_words(message, payload);
        }
        if (fresh && check->input != INPUT_VECTORS) { /* those are judged alone */
            check_parts_take(&check->past, check->context.registry, message, show_joined, check);
        }
    }
}

static bool has_findings(const struct check_tally *tally)
{
    uint64_t broken = 0;
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        broken += tally->rules[id];
    }
    return broken > 0 || tally->verdicts[VERDICT_ACCEPTED] < tally->messages;
}

static int check_file(struct check *check, const char *name)
{
    bool standard = name == NULL || strcmp(name, "-") == 0;
    FILE *file = standard ? stdin : fopen(name, "rb");
    if (file == NULL) {
        return command_fail("check", "%s: cannot be read", name);
    }
    int status =
        input_read(check->input, file, standard ? "standard input" : name, check_payload, check);
    if (!standard) {
        fclose(file);
    }
    check_parts_end(&check->past, check->context.registry, show_joined, check);
    if (check->passed_over > 0) {
        fprintf(stderr, "hjhub check: %llu MQTT messages of other topics were passed over\n",
            (unsigned long long)check->passed_over);
    }
    if (status == EXIT_FINE && !check->json) {
        check_summary(&check->tally, check->strict, stdout);
    }
    return status != EXIT_FINE ? status : has_findings(&check->tally) ? EXIT_FINDINGS : EXIT_FINE;
}

/* --- options --- */

static bool load_registry(struct check *check, const char *directory)
{
    struct arena arena = {0};
    struct slice bundle;
    struct report *report = calloc(1, sizeof *report);
    enum status status = STATUS_IO;
    if (report != NULL) {
        status = registry_dir_read(directory, &arena, &bundle, report);
        if (status == STATUS_OK) {
            status = registry_parse(bundle, &check->registry, report);
        }
        findings_print(report, stderr);
        report_free(report);
    }
    free(report);
    arena_free(&arena);
    check->context.registry = &check->registry;
    return status == STATUS_OK;
}

static bool take_input(struct check *check, enum input_kind kind)
{
    check->inputs += check->input == kind ? 0 : 1;
    check->input = kind;
    return true;
}

static bool take_option(struct check *check, int option, const char *value)
{
    struct decode_context *context = &check->context;
    switch (option) {
    case 'r':
        return load_registry(check, value);
    case 'k':
        if (!source_keys(value, &check->keys)) {
            return false;
        }
        context->keys = check->keys;
        return true;
    case 'f':
        return format_from(slice_of(value), &context->format);
    case 'x':
        return take_input(check, INPUT_HEX);
    case 'l':
        return take_input(check, INPUT_LOG);
    case 's':
        check->strict = true;
        return true;
    case 'c':
        context->crc_given = true;
        return crc_kind_from(slice_of(value), &context->crc);
    case 'u':
        return length_unit_from(slice_of(value), &context->length);
    case 't':
        return charset_from(slice_of(value), &context->charset);
    case 'a':
        context->has_arrival = true;
        return event_time_from_rfc3339(slice_of(value), &context->arrival);
    case 'd':
        context->direction = strcmp(value, "up") == 0 ? DIRECTION_UP : DIRECTION_DOWN;
        return strcmp(value, "up") == 0 || strcmp(value, "down") == 0;
    case 'j':
        check->json = true;
        return true;
    case 'v':
        return take_input(check, INPUT_VECTORS);
    default:
        return false;
    }
}

/* What an option takes, in words. */
static const char *option_takes(int option)
{
    static const struct {
        int option;
        const char *takes;
    } ROWS[] = {
        {'r', "a registry's folder that is in order"},
        {'k', "a keyring that is in order"},
        {'f', "hj212 or senml"},
        {'c', "standard, modbus or modbus-swapped"},
        {'u', "bytes or characters"},
        {'t', "utf-8 or gbk"},
        {'a', "a time as RFC 3339 has it, such as 2026-09-01T08:00:00+08:00"},
        {'d', "up or down"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (ROWS[i].option == option) {
            return ROWS[i].takes;
        }
    }
    return "another value";
}

int command_check(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"registry", required_argument, NULL, 'r'},
        {"keys", required_argument, NULL, 'k'}, {"format", required_argument, NULL, 'f'},
        {"hex", no_argument, NULL, 'x'}, {"crc", required_argument, NULL, 'c'},
        {"length", required_argument, NULL, 'u'}, {"charset", required_argument, NULL, 't'},
        {"at", required_argument, NULL, 'a'}, {"direction", required_argument, NULL, 'd'},
        {"json", no_argument, NULL, 'j'}, {"vectors", required_argument, NULL, 'v'},
        {"log", no_argument, NULL, 'l'}, {"strict", no_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
    const char *file = NULL;
    int option, which = 0, result = EXIT_COULD_NOT;
    struct check *check = calloc(1, sizeof *check);
    if (check == NULL) {
        return command_fail("check", "no memory");
    }
    check->space = malloc(JSON_SPACE_SIZE);
    bool fine = check->space != NULL;
    while (fine && (option = getopt_long(argc, argv, "", OPTIONS, &which)) != -1) {
        file = option == 'v' ? optarg : file;
        fine = take_option(check, option, optarg);
        if (option == '?') {
            command_misused("check");
        } else if (!fine) {
            command_fail(
                "check", "--%s %s: give %s", OPTIONS[which].name, optarg, option_takes(option));
        }
    }
    if (fine && optind + (file == NULL ? 1 : 0) < argc) {
        command_misused("check");
    } else if (fine && check->inputs > 1) {
        command_fail("check", "give one of --hex, --log and --vectors");
    } else if (fine) {
        result = check_file(check, optind < argc ? argv[optind] : file);
    }
    past_forget(&check->past);
    registry_free(&check->registry);
    keyring_free(check->keys);
    free(check->space);
    free(check);
    return result;
}
