/* findings -- a report's findings as a person or a program reads them.
 *
 *   registry/devices.csv:12:3: what, where, what to do
 *
 * Shape    one line a finding; JSON: {"file":...,"line":12,"column":3,"words":...}, one object a line.
 *          Line and column are left out where they are 0.
 */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include <stdio.h>

#include "core/report.h"

void findings_print(const struct report *report, FILE *out);
void findings_print_json(const struct report *report, FILE *out);

#endif
