#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/control.h"

enum { ANSWER_SIZE = 256 * 1024, HTTP_DONE = 200, HTTP_REFUSED = 409 };

static void print_finding(const json_t *finding)
{
    const char *file = json_string_value(json_object_get(finding, "file"));
    const char *words = json_string_value(json_object_get(finding, "words"));
    json_int_t line = json_integer_value(json_object_get(finding, "line"));
    json_int_t column = json_integer_value(json_object_get(finding, "column"));
    fprintf(stderr, "%s:", file == NULL ? "" : file);
    if (line > 0) {
        fprintf(stderr, "%lld:", (long long)line);
    }
    if (column > 0) {
        fprintf(stderr, "%lld:", (long long)column);
    }
    fprintf(stderr, " %s\n", words == NULL ? "" : words);
}

/* All or nothing: a refused reload names what is wrong, and what ran before goes on. */
static int tell(const struct text *answer, int http_status, bool json)
{
    json_t *object = json_loadb(answer->at, answer->size, 0, NULL);
    json_t *finding;
    size_t index;
    if (json) {
        printf("%.*s", (int)answer->size, answer->at);
    } else {
        json_array_foreach(json_object_get(object, "findings"), index, finding)
        {
            print_finding(finding);
        }
        puts(http_status == HTTP_DONE ? "reloaded" : "refused: what runs stays in force");
    }
    json_decref(object);
    return http_status == HTTP_DONE ? EXIT_FINE : EXIT_FINDINGS;
}

int command_reload(int argc, char **argv)
{
    static char space[ANSWER_SIZE];
    struct text answer = text_in(space, sizeof space);
    char path[CONTROL_PATH_SIZE];
    const char *config = NULL;
    bool json = false;
    int http_status = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
        } else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
            config = argv[++i];
        } else {
            return command_misused("reload");
        }
    }
    int found = control_find("reload", config, path);
    if (found != EXIT_FINE) {
        return found;
    }
    enum status status =
        control_request(path, "POST", "/control/reload", slice_of("{}"), &answer, &http_status);
    if (status != STATUS_OK || (http_status != HTTP_DONE && http_status != HTTP_REFUSED)) {
        return control_explain("reload", path, status == STATUS_OK ? STATUS_INVALID : status);
    }
    return tell(&answer, http_status, json);
}
