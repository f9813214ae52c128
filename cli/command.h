/* command -- one sub-command of hjhub: its arguments in, its exit status out.
 *
 * Source   house: the contract is `hjhub --help` and the manual pages; a change to it is a change of
 *          version.
 * Shape    argv[0] is "hjhub NAME", as getopt's complaints begin. Results go to standard output,
 *          complaints to standard error, each saying what, where and what to do.
 * Errors   EXIT_FINE, EXIT_FINDINGS (it ran and found something wrong), EXIT_COULD_NOT (it could not
 *          run: wrong usage, file not there, server away).
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

enum exit_status { EXIT_FINE = 0, EXIT_FINDINGS = 1, EXIT_COULD_NOT = 2 };

#define COMMAND(name, function, usage, en, zh) int function(int argc, char **argv);
#include "cli/commands.def"
#undef COMMAND

/* "hjhub NAME: " and the sentence to standard error; returns EXIT_COULD_NOT. */
int command_fail(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Wrong usage: the usage of the row in commands.def; returns EXIT_COULD_NOT. */
int command_misused(const char *name);

#endif
