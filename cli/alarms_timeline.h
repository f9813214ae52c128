/* alarms_timeline -- instants in the order in which they came, and how dense they are.
 *
 * Source   EEMUA 191 / ISA-18.2: a flood begins with more than 10 within 10 min and ends below 5.
 * Units    ms.
 * Memory   timeline_free frees; zeroed is empty.
 * Errors   none.
 * Threads  one thread.
 */
#ifndef CLI_ALARMS_TIMELINE_H
#define CLI_ALARMS_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timeline {
    int64_t *at_ms;
    size_t count, capacity;
};

void timeline_add(struct timeline *line, int64_t at_ms);
bool timeline_has(const struct timeline *line, size_t count, int64_t within_ms);
int64_t timeline_flood_ms(const struct timeline *line, int64_t end_ms);
void timeline_free(struct timeline *line);

#endif
