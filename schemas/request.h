/* request -- what the host may send to a device.
 *
 * Source   requests.def; direction and editions of each CN are rows of commands.def, its parameters of
 *          cp_content.def and cp_fields.def.
 * Shape    number or word -> row, or NULL.
 * Errors   NULL: not in the table.
 * Threads  pure.
 */
#ifndef SCHEMAS_REQUEST_H
#define SCHEMAS_REQUEST_H

#include "core/text.h"
#include "schemas/content.h"

enum request_end { REQUEST_RESULT, REQUEST_NOTICE, REQUEST_DATA };

struct request_row {
    int cn;
    const char *name;
    enum request_end ends;
    int32_t within_s;
    int history_st;
    const char *except; /* editions */
};

const struct request_row *request_of(int cn);
const struct request_row *request_find(struct slice word); /* "1012" or "set-time" */
const struct request_row *request_at(size_t index);        /* in turn from 0; NULL: no more */
bool request_in_edition(const struct request_row *row, enum edition edition);

struct request_words {
    const char *zh, *en;
};
struct request_words request_words(const struct request_row *row);

/* What it names instead of parameters; NULL: it has parameters. */
const char *request_names(const struct request_row *row);

/* The device has no MN yet: it hears of this, and answers, on new/<user>. */
bool request_before_mn(const struct request_row *row);

/* What it takes, for people: `RtdInterval=30..3600 [PolId=..6 characters]`; "no parameters". */
void request_usage(const struct request_row *row, enum edition edition, struct text *text);

#endif
