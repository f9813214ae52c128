#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/control.h"

struct options {
    bool json;
    const char *config, *socket, *url;
};

struct words {
    const char *well, *warn, *fail, *dead, *then, *reason_key, *do_key;
};

static const struct words ENGLISH = {
    "The hub is well.",
    "The hub does its work, but somebody should look:",
    "The hub does not do its work:",
    "The hub hangs:",
    "  do: ",
    "reason_en",
    "do_en",
};

static const struct words CHINESE = {
    "系统运行正常。",
    "系统在工作，但需要关注：",
    "系统未能正常工作：",
    "系统停滞：",
    "  处理：",
    "reason_zh",
    "do_zh",
};

/* The language of the terminal, by POSIX' order of variables. */
static const struct words *words_of_locale(void)
{
    static const char *const NAMES[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *locale = getenv(NAMES[i]);
        if (locale != NULL && locale[0] != '\0') {
            return strncmp(locale, "zh", 2) == 0 ? &CHINESE : &ENGLISH;
        }
    }
    return &ENGLISH;
}

static bool parse(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        const char **slot = NULL;
        if (strcmp(argv[i], "--json") == 0) {
            options->json = true;
            continue;
        }
        slot = strcmp(argv[i], "--config") == 0 ? &options->config : slot;
        slot = strcmp(argv[i], "--socket") == 0 ? &options->socket : slot;
        slot = strcmp(argv[i], "--url") == 0 ? &options->url : slot;
        if (slot == NULL || i + 1 == argc) {
            return false;
        }
        *slot = argv[++i];
    }
    int ways = (options->config != NULL) + (options->socket != NULL) + (options->url != NULL);
    return ways <= 1;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static const char *headline(const json_t *health, const struct words *words)
{
    const char *status = text_of(health, "status");
    if (strcmp(status, "ok") == 0) {
        return words->well;
    }
    if (!json_is_true(json_object_get(health, "live"))) {
        return words->dead;
    }
    return json_is_true(json_object_get(health, "ready")) ? words->warn : words->fail;
}

static void print_words(const json_t *health)
{
    const struct words *words = words_of_locale();
    const json_t *check;
    size_t index;
    puts(headline(health, words));
    json_array_foreach(json_object_get(health, "checks"), index, check)
    {
        const char *status = text_of(check, "status");
        if (strcmp(status, "warn") == 0 || strcmp(status, "fail") == 0) {
            printf("- %s: %s\n%s%s\n", text_of(check, "name"), text_of(check, words->reason_key),
                words->then, text_of(check, words->do_key));
        }
    }
}

static int tell(const char *where, const struct text *answer, bool json)
{
    json_t *health = json_loadb(answer->at, answer->size, 0, NULL);
    if (!json_is_object(health) || text_of(health, "status")[0] == '\0') {
        json_decref(health);
        return control_explain("health", where, STATUS_INVALID);
    }
    if (json) {
        printf("%.*s", (int)answer->size, answer->at);
    } else {
        print_words(health);
    }
    int result = strcmp(text_of(health, "status"), "ok") == 0 ? EXIT_FINE : EXIT_FINDINGS;
    json_decref(health);
    return result;
}

int command_health(int argc, char **argv)
{
    char space[64 * 1024];
    struct options options = {0};
    struct text answer = text_in(space, sizeof space);
    char path[CONTROL_PATH_SIZE];
    int http_status = 0;
    if (!parse(argc, argv, &options)) {
        return command_misused("health");
    }
    const char *where = options.url != NULL ? options.url : options.socket;
    if (where == NULL) {
        int found = control_find("health", options.config, path);
        if (found != EXIT_FINE) {
            return found;
        }
        where = path;
    }
    enum status status =
        options.url != NULL
            ? control_request_url(where, "GET", "/health", (struct slice){0}, &answer, &http_status)
            : control_request(where, "GET", "/health", (struct slice){0}, &answer, &http_status);
    if (status != STATUS_OK || http_status != 200) {
        return control_explain("health", where, status == STATUS_OK ? STATUS_INVALID : status);
    }
    return tell(where, &answer, options.json);
}
