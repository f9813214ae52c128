/* rules_dir -- the rules that a sub-command works on.
 *
 * Shape    a folder given, or the installation's, or the source tree's: found from where this program
 *          stands: ../share/hjhub/rules, or the rules/ of a folder above it that also has detectors/.
 * Errors   NULL: none found.
 */
#ifndef CLI_RULES_DIR_H
#define CLI_RULES_DIR_H

#include <stddef.h>

const char *rules_dir_default(char *buffer, size_t size);

#endif
