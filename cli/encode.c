#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/encode_frame.h"
#include "validators/decode.h"
#include "validators/hj212_frame.h"

enum { FRAME_SIZE_MAX = ENCODE_SEGMENT_SIZE_MAX + 16 };

struct encode {
    enum crc_kind crc;
    const char *pw;
    bool hex;
    struct decoder decoder;
    char segment[ENCODE_SEGMENT_SIZE_MAX + 1];
    char frame[FRAME_SIZE_MAX];
};

static void print_frame(const struct encode *encode, struct slice frame)
{
    if (!encode->hex) {
        fwrite(frame.ptr, 1, frame.size, stdout);
        return;
    }
    for (size_t i = 0; i < frame.size; i++) {
        printf("%02x", frame.ptr[i]);
    }
    putchar('\n');
}

/* Each rule that the frame breaks, to standard error. */
static int tell_broken(const struct message *message, unsigned number)
{
    int status = EXIT_FINE;
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        enum validity_rule rule = (enum validity_rule)id;
        if (rule_set_has(&message->verdict.broken, rule)) {
            fprintf(stderr, "hjhub encode: object %u: %s %s: %s\n", number,
                consequence_name(validity_rule(rule)->consequence), validity_rule(rule)->name,
                validity_rule(rule)->en);
            status = EXIT_FINDINGS;
        }
    }
    return status;
}

/* A frame leaves only if it says what the object says; what a `;` in a value would do is found so. */
static int encode_object(struct encode *encode, const json_t *object, unsigned number)
{
    char why[ENCODE_WHY_SIZE];
    struct text segment = text_in(encode->segment, sizeof encode->segment);
    struct text frame = text_in(encode->frame, sizeof encode->frame);
    if (!json_is_object(object)) {
        return command_fail("encode", "object %u: not an object", number);
    }
    if (json_object_get(object, "joined") != NULL) {
        return EXIT_FINE; /* of parts that are frames of their own, and have objects of their own */
    }
    if (!encode_segment(object, encode->pw, &segment, why)) {
        return command_fail("encode", "object %u: %s", number, why);
    }
    hj212_frame_write(&frame, text_slice(&segment), encode->crc);
    struct decode_context context = {.crc_given = true, .crc = encode->crc};
    decoder_begin(&encode->decoder, &context, text_slice(&frame));
    decoder_next(&encode->decoder);
    if (!encode_reads_back(object, &encode->decoder.message, why)) {
        return command_fail("encode",
            "object %u: %s would not be read as it stands here: a separator in it, or what is "
            "withheld from a frame",
            number, why);
    }
    print_frame(encode, text_slice(&frame));
    return tell_broken(&encode->decoder.message, number);
}

/* One object behind the other, each on its line or not. */
static int encode_file(struct encode *encode, FILE *file, const char *name)
{
    json_error_t error;
    int worst = EXIT_FINE;
    unsigned number = 0;
    for (;;) {
        int next;
        do {
            next = getc(file);
        } while (next == ' ' || next == '\t' || next == '\r' || next == '\n');
        if (next == EOF) {
            break;
        }
        ungetc(next, file);
        json_t *object = json_loadf(file, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
        if (object == NULL) {
            return command_fail("encode", "%s: object %u is no JSON: %s (its line %d, column %d)",
                name, number + 1, error.text, error.line, error.column);
        }
        int status = encode_object(encode, object, ++number);
        json_decref(object);
        if (status == EXIT_COULD_NOT) {
            return status;
        }
        worst = status > worst ? status : worst;
    }
    if (number == 0 || ferror(file)) {
        return command_fail("encode", "%s: no object that could be read", name);
    }
    return worst;
}

static int encode_name(struct encode *encode, const char *name)
{
    bool standard = name == NULL || strcmp(name, "-") == 0;
    FILE *file = standard ? stdin : fopen(name, "rb");
    if (file == NULL) {
        return command_fail("encode", "%s: cannot be read", name);
    }
    int status = encode_file(encode, file, standard ? "standard input" : name);
    if (!standard) {
        fclose(file);
    }
    return status;
}

static bool take_option(struct encode *encode, int option)
{
    switch (option) {
    case 'c':
        return crc_kind_from(slice_of(optarg), &encode->crc);
    case 'p':
        encode->pw = optarg;
        return true;
    case 'x':
        encode->hex = true;
        return true;
    default:
        return false;
    }
}

int command_encode(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"hex", no_argument, NULL, 'x'},
        {"crc", required_argument, NULL, 'c'}, {"pw", required_argument, NULL, 'p'},
        {NULL, 0, NULL, 0}};
    int option, result = EXIT_COULD_NOT;
    struct encode *encode = calloc(1, sizeof *encode);
    bool fine = encode != NULL;
    while (fine && (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        fine = take_option(encode, option);
        if (option == 'c' && !fine) {
            command_fail("encode", "--crc: not one of standard, modbus, modbus-swapped");
        }
    }
    if (encode == NULL) {
        command_fail("encode", "no memory");
    } else if (fine && optind + 1 >= argc) {
        result = encode_name(encode, optind < argc ? argv[optind] : NULL);
    } else {
        command_misused("encode");
    }
    free(encode);
    return result;
}
