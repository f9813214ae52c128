#include <assert.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline_message.h"
#include "cli/check_past.h"
#include "cli/check_words.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "validators/decode.h"
#include "validators/registry_csv.h"

enum { JSON_SPACE_SIZE = 4 * 1024 * 1024 };

struct check {
    struct decode_context context;
    struct registry registry;
    struct decoder decoder;
    struct past past;
    bool json, hex, vectors;
    uint64_t line; /* of --vectors and --hex; 0: none */
    bool findings;
    char *space;
};

static void print_json(struct check *check, const struct message *message)
{
    struct text text = text_in(check->space, JSON_SPACE_SIZE);
    text_add_byte(&text, '{');
    if (check->line > 0) {
        text_add_field_int(&text, "vector", (int64_t)check->line);
    }
    message_json_add(&text, message, MESSAGE_WHOLE);
    text_add(&text, "}\n");
    assert(!text.truncated);
    fwrite(text.at, 1, text.size, stdout);
}

static void check_payload(struct check *check, struct slice payload)
{
    decoder_begin(&check->decoder, &check->context, payload);
    while (decoder_next(&check->decoder)) {
        struct message *message = &check->decoder.message;
        past_judge(&check->past, check->context.registry, message);
        check->findings = check->findings || message->verdict.kind != VERDICT_ACCEPTED ||
                          !rule_set_empty(&message->verdict.broken);
        if (check->json) {
            print_json(check, message);
        } else {
            check_words(message, payload, check->line, stdout);
        }
    }
}

/* --- inputs --- */

static char *read_all(FILE *file, size_t *size)
{
    size_t capacity = 1 << 16;
    char *bytes = malloc(capacity);
    *size = 0;
    while (bytes != NULL) {
        *size += fread(bytes + *size, 1, capacity - *size, file);
        if (*size < capacity && !ferror(file)) {
            return bytes;
        }
        if (ferror(file)) {
            free(bytes);
            return NULL;
        }
        capacity *= 2;
        char *more = realloc(bytes, capacity);
        if (more == NULL) {
            free(bytes);
        }
        bytes = more;
    }
    return NULL;
}

static int hex_value(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *at = strchr(digits, digit >= 'A' && digit <= 'F' ? digit + 32 : digit);
    return at == NULL || digit == '\0' ? -1 : (int)(at - digits);
}

/* In place; false: not pairs of hexadecimal digits. */
static bool from_hex(char *line, size_t *size)
{
    size_t out = 0, at = 0;
    while (at < *size) {
        if (line[at] == ' ' || line[at] == '\r' || line[at] == '\n') {
            at += 1;
            continue;
        }
        int high = hex_value(line[at]), low = at + 1 < *size ? hex_value(line[at + 1]) : -1;
        if (high < 0 || low < 0) {
            return false;
        }
        line[out++] = (char)(high * 16 + low);
        at += 2;
    }
    *size = out;
    return true;
}

/* The characters U+0000 to U+00FF of a UTF-8 text as bytes, in place. */
static bool from_latin1(char *text, size_t *size)
{
    size_t out = 0;
    for (size_t at = 0; at < *size; at++) {
        unsigned char byte = (unsigned char)text[at];
        if (byte >= 0x80) {
            if ((byte & 0xFC) != 0xC0 || at + 1 >= *size) {
                return false;
            }
            byte = (unsigned char)((byte & 3) << 6 | (text[++at] & 0x3F));
        }
        text[out++] = (char)byte;
    }
    *size = out;
    return true;
}

static bool check_vector(struct check *check, const char *line, size_t size)
{
    json_t *object = json_loadb(line, size, JSON_ALLOW_NUL, NULL);
    const json_t *frame = json_object_get(object, "frame");
    const char *enc = json_string_value(json_object_get(object, "enc"));
    bool latin1 = enc != NULL && strcmp(enc, "latin-1") == 0;
    bool fine = json_is_string(frame) && (enc == NULL || latin1 || strcmp(enc, "utf-8") == 0);
    if (fine) {
        size_t length = json_string_length(frame);
        char *bytes = malloc(length + 1);
        fine = bytes != NULL;
        if (fine) {
            memcpy(bytes, json_string_value(frame), length);
            fine = !latin1 || from_latin1(bytes, &length);
        }
        if (fine) {
            past_forget(&check->past); /* each line in a fresh state */
            check_payload(check, slice_from(bytes, length));
        }
        free(bytes);
    }
    json_decref(object);
    return fine;
}

static int check_lines(struct check *check, FILE *file, const char *name)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    bool fine = true;
    while (fine && (size = getline(&line, &capacity, file)) >= 0) {
        size_t length = (size_t)size;
        check->line += 1;
        if (check->vectors) {
            fine = strspn(line, " \t\r\n") == length || check_vector(check, line, length);
        } else {
            fine = from_hex(line, &length);
            if (fine) {
                check_payload(check, slice_from(line, length));
            }
        }
    }
    free(line);
    if (ferror(file)) {
        return command_fail("check", "%s: cannot be read to its end", name);
    }
    if (!fine) {
        return command_fail("check", "%s:%llu: not %s", name, (unsigned long long)check->line,
            check->vectors ? "a vector {\"frame\": \"...\", \"enc\": \"utf-8|latin-1\"}"
                           : "pairs of hexadecimal digits");
    }
    return check->findings ? EXIT_FINDINGS : EXIT_FINE;
}

static int check_file(struct check *check, const char *name)
{
    bool standard = name == NULL || strcmp(name, "-") == 0;
    FILE *file = standard ? stdin : fopen(name, "rb");
    if (file == NULL) {
        return command_fail("check", "%s: cannot be read", name);
    }
    const char *where = standard ? "standard input" : name;
    int result = EXIT_COULD_NOT;
    if (check->vectors || check->hex) {
        result = check_lines(check, file, where);
    } else {
        size_t size;
        char *bytes = read_all(file, &size);
        if (bytes == NULL) {
            command_fail("check", "%s: cannot be read to its end", where);
        } else {
            check_payload(check, slice_from(bytes, size));
            result = check->findings ? EXIT_FINDINGS : EXIT_FINE;
        }
        free(bytes);
    }
    if (!standard) {
        fclose(file);
    }
    return result;
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

static bool take_option(struct check *check, int option, const char *value)
{
    struct decode_context *context = &check->context;
    switch (option) {
    case 'r':
        return load_registry(check, value);
    case 'f':
        return format_from(slice_of(value), &context->format);
    case 'x':
        check->hex = true;
        return true;
    case 'c':
        context->crc_given = true;
        return crc_kind_from(slice_of(value), &context->crc);
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
        check->vectors = true;
        return true;
    default:
        return false;
    }
}

int command_check(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"registry", required_argument, NULL, 'r'},
        {"format", required_argument, NULL, 'f'}, {"hex", no_argument, NULL, 'x'},
        {"crc", required_argument, NULL, 'c'}, {"at", required_argument, NULL, 'a'},
        {"direction", required_argument, NULL, 'd'}, {"json", no_argument, NULL, 'j'},
        {"vectors", required_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
    const char *file = NULL;
    int option, result = EXIT_COULD_NOT;
    struct check *check = calloc(1, sizeof *check);
    if (check == NULL) {
        return command_fail("check", "no memory");
    }
    check->space = malloc(JSON_SPACE_SIZE);
    bool fine = check->space != NULL;
    while (fine && (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        file = option == 'v' ? optarg : file;
        fine = take_option(check, option, optarg);
        if (option == '?') {
            command_misused("check");
        } else if (!fine) {
            command_fail(
                "check", "'%s' is no value for this option; see hjhub check --help", optarg);
        }
    }
    if (fine && optind + (file == NULL ? 1 : 0) < argc) {
        command_misused("check");
    } else if (fine && check->vectors && check->hex) {
        command_fail("check", "give --vectors or --hex, not both");
    } else if (fine) {
        result = check_file(check, optind < argc ? argv[optind] : file);
    }
    past_forget(&check->past);
    registry_free(&check->registry);
    free(check->space);
    free(check);
    return result;
}
