/* device_wishes -- what loggers of 2025 wish from the host and only a person can give: an MN (1001), a key (1014).
 *
 *   1001  new/logger-7  3 times, last 2026-11-27T08:00:00+08:00  i23005-Info=6970000000001ABCDEFG1234 ...
 *
 * Source   the journal's messages, as they came; commands.def. Nothing is kept of them elsewhere.
 * Shape    one row for each command and place (MN, or new/<user>), in the order of their first; JSON: an object a row.
 * Errors   EXIT_COULD_NOT: no journal there.
 */
#ifndef CLI_DEVICE_WISHES_H
#define CLI_DEVICE_WISHES_H

#include <stdbool.h>

int device_wishes(const char *journal, bool json); /* exit status */

#endif
