/* registry_parse -- the registry's rows, table by table; private to registry_*.c.
 *
 * Memory   everything in the registry's arena.
 * Errors   findings.
 */
#ifndef VALIDATORS_REGISTRY_PARSE_H
#define VALIDATORS_REGISTRY_PARSE_H

#include "schemas/registry.h"
#include "validators/csv_table.h"

enum registry_table {
#define TABLE(id, file, needed) REGISTRY_##id,
#define COLUMN(table, id, name, required)
#define END(table)
#include "validators/registry_rows.def"
#undef TABLE
#undef COLUMN
#undef END
    REGISTRY_TABLE_COUNT
};

#define TABLE(id, file, needed)                                                                    \
    enum registry_##id                                                                             \
    {
#define COLUMN(table, id, name, required) table##_##id,
#define END(table)                                                                                 \
    table##_COLUMN_COUNT                                                                           \
    }                                                                                              \
    ;
#include "validators/registry_rows.def"
#undef TABLE
#undef COLUMN
#undef END

struct registry_reading {
    struct registry *registry;
    struct report *report;
    struct csv_table tables[REGISTRY_TABLE_COUNT];
};

/* Where a cell stands, for a finding. */
struct cell {
    struct registry_reading *reading;
    enum registry_table table;
    size_t row;
    size_t column;
};

struct cell cell_at(
    struct registry_reading *reading, enum registry_table table, size_t row, size_t column);
struct slice cell_text(struct cell cell);
void cell_say(struct cell cell, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each says what is wrong and returns what stands for nothing. */
double cell_number(struct cell cell); /* NaN: empty */
int64_t cell_int(struct cell cell, int64_t least, int64_t most, int64_t empty);
bool cell_time(struct cell cell, struct event_time *time); /* false: empty or wrong */
/* From a first to a last day, both within, as [from, to); what is open: INT64_MIN, INT64_MAX. */
void cell_days(struct cell first, struct cell last, struct event_time *from, struct event_time *to);
uint32_t cell_reference(struct cell cell, const struct table *table, const char *what); /* NONE */
struct slice cell_name(struct cell cell);    /* what may stand in a key or a topic */
struct slice cell_word(struct cell cell);    /* a word of the rule language */
struct slice cell_code(struct cell cell);    /* of a factor or a field: a name without hyphen */
struct slice cell_pattern(struct cell cell); /* a code in which # stands for digits */
struct slice cell_digits(struct cell cell);  /* any text, but not what a spreadsheet rounded */

/* An outlet given beside an enterprise belongs to it. */
void cell_check_outlet(struct cell cell, uint32_t outlet, uint32_t enterprise);

void registry_read_places(struct registry_reading *reading); /* enterprises, outlets, equipment */
void registry_read_devices(struct registry_reading *reading);
void registry_read_links(struct registry_reading *reading);   /* linkages */
void registry_read_signals(struct registry_reading *reading); /* signals, points, profiles */
void registry_read_limits(struct registry_reading *reading);
void registry_read_terms(struct registry_reading *reading); /* calendars, plans, parameters */
void registry_read_calendars(struct registry_reading *reading);

void registry_read_zones(struct registry_reading *reading);

/* A row whose key another row of its table has: the finding names that one's line. `what` says what of it. */
void cell_check_new(struct cell cell, struct table *seen, struct slice key, const char *what);

/* Of the devices with a profile: at most how many signals it tells, and the signals, but for those that
 * stand in signals.csv (`named`, by signal_key). */
size_t registry_profile_signals(struct registry_reading *reading);
void registry_read_profiles(struct registry_reading *reading, const struct table *named);

enum { SIGNAL_CN_USUAL = 2011 };

/* MN, CN, factor and field: what a signal is told from. */
struct slice signal_key(const struct signal *signal, struct text *key);

#endif
