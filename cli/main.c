#include <stdarg.h>
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
    fputs("\nexit status: 0 fine, 1 findings, 2 could not run\n", out);
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
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], COMMANDS[i].name) != 0) {
            continue;
        }
        if (argc == 3 && strcmp(argv[2], "--help") == 0) {
            printf("usage: hjhub %s %s\n%s\n%s\n", COMMANDS[i].name, COMMANDS[i].usage,
                COMMANDS[i].en, COMMANDS[i].zh);
            return EXIT_FINE;
        }
        return COMMANDS[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "hjhub: no command '%s'; 'hjhub --help' lists them\n", argv[1]);
    return EXIT_COULD_NOT;
}
