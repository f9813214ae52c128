/* alarms_report -- how well a bureau is served by its alarms: the figures of EEMUA 191, from what was said.
 *
 * Source   EEMUA 191 / ISA-18.2 as anomaly-rules 6.1 and 6.2 quote them; targets: alarms_figures.def.
 * Shape    transitions in the order in which they were said -> one report, as text or one JSON object.
 *          A raise is one that became work: announced; what was held back is counted apart.
 * Memory   the report's, freed by alarms_report_print; grows with the number of raises.
 * Errors   none: what has no `data` is passed over.
 * Threads  one thread.
 */
#ifndef CLI_ALARMS_REPORT_H
#define CLI_ALARMS_REPORT_H

#include <jansson.h>
#include <stdbool.h>

struct alarms_report;

/* period: what is counted; NULL: from the first transition to the last. */
struct report_period;
struct alarms_report *alarms_report_new(int officers, const struct report_period *period);
void alarms_report_take(struct alarms_report *report, const json_t *data);

/* Prints and frees it. */
void alarms_report_print(struct alarms_report *report, bool json);

#endif
