#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "version.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *en, *zh;
} COMMANDS[] = {
#define COMMAND(name, function, usage, en, zh) {name, function, usage, en, zh},
#include "cli/commands.def"
#undef COMMAND
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0] };

int command_fail(const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "hjhub %s: ", name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return EXIT_COULD_NOT;
}

static void print_help(FILE *out)
{
    fputs("hjhub -- message hub of an ecology bureau: HJ 212 in, explained alarms out\n\n"
          "usage: hjhub COMMAND [ARGUMENTS]\n"
          "       hjhub COMMAND --help | --help | --version\n\n",
        out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  hjhub %s %s\n      %s\n      %s\n", COMMANDS[i].name, COMMANDS[i].usage,
            COMMANDS[i].en, COMMANDS[i].zh);
    }
    fputs("\noutput: results to standard output, complaints to standard error. With --json a "
          "result is\n"
          "        one JSON object, or one a line, in UTF-8; without it, words for people. Times "
          "are\n"
          "        RFC 3339 in +08:00 with milliseconds, values the digits that were sent.\n"
          "exit status: 0 fine, 1 findings, 2 could not run\n"
          "man hjhub says more.\n",
        out);
}

static size_t find(const char *name)
{
    size_t index = 0;
    while (index < COMMAND_COUNT && strcmp(name, COMMANDS[index].name) != 0) {
        index += 1;
    }
    return index;
}

int command_misused(const char *name)
{
    size_t index = find(name);
    assert(index < COMMAND_COUNT);
    return command_fail(
        name, "usage: hjhub %s %s (hjhub %s --help)", name, COMMANDS[index].usage, name);
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            return true;
        }
    }
    return false;
}

static int run(size_t index, int argc, char **argv)
{
    char called[64];
    if (wants_help(argc, argv)) {
        printf("usage: hjhub %s %s\n%s\n%s\n", COMMANDS[index].name, COMMANDS[index].usage,
            COMMANDS[index].en, COMMANDS[index].zh);
        return EXIT_FINE;
    }
    snprintf(called, sizeof called, "hjhub %s", COMMANDS[index].name);
    argv[0] = called;
    return COMMANDS[index].run(argc, argv);
}

/* Results that could not be written were not given. */
static int finish(const char *name, int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return command_fail(name, "standard output cannot be written");
    }
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_COULD_NOT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("hjhub " HJHUB_VERSION);
        return EXIT_FINE;
    }
    size_t index = find(argv[1]);
    if (index < COMMAND_COUNT) {
        return finish(COMMANDS[index].name, run(index, argc - 1, argv + 1));
    }
    fprintf(stderr, "hjhub: no command '%s'; 'hjhub --help' lists them\n", argv[1]);
    return EXIT_COULD_NOT;
}
