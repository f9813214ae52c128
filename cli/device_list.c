#include "cli/device_list.h"

#include <stdio.h>

#include "cli/command.h"
#include "schemas/edition.h"

enum { USAGE_SIZE = 600 };

static void write_usage(
    const struct request_row *row, enum edition edition, char out[static USAGE_SIZE])
{
    struct text usage = text_in(out, USAGE_SIZE - 1);
    request_usage(row, edition, &usage);
    out[usage.size] = '\0';
}

json_t *device_usages(const struct request_row *row)
{
    char space[USAGE_SIZE];
    json_t *object = json_object();
    for (int edition = EDITION_2005; edition < EDITION_COUNT; edition++) {
        if (request_in_edition(row, (enum edition)edition)) {
            write_usage(row, (enum edition)edition, space);
            json_object_set_new(object, edition_name((enum edition)edition), json_string(space));
        }
    }
    return object;
}

void device_print_usages(const json_t *takes, FILE *out)
{
    const char *edition;
    const json_t *usage;
    json_object_foreach((json_t *)(uintptr_t)takes, edition, usage)
    {
        fprintf(out, "      %s: %s\n", edition, json_string_value(usage));
    }
}

int device_list(bool json)
{
    for (size_t i = 0; request_at(i) != NULL; i++) {
        const struct request_row *row = request_at(i);
        struct request_words words = request_words(row);
        json_t *takes = device_usages(row);
        if (json) {
            json_t *object = json_pack("{sisssssssO}", "cn", row->cn, "command", row->name, "zh",
                words.zh, "en", words.en, "takes", takes);
            json_dumpf(object, stdout, JSON_COMPACT);
            putchar('\n');
            json_decref(object);
        } else {
            printf("%d  %-22s %s  %s\n", row->cn, row->name, words.zh, words.en);
            device_print_usages(takes, stdout);
        }
        json_decref(takes);
    }
    return EXIT_FINE;
}
