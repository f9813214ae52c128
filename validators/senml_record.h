/* senml_record -- one CBOR map as one SenML record, and what is to be said of all of them together;
 * private to senml*.c.
 *
 * Source   RFC 8428 4 (fields), table 4 (labels).
 * Shape    base fields go into the pack, the others into the record.
 * Errors   as senml_pack.h.
 * Threads  pure.
 */
#ifndef VALIDATORS_SENML_RECORD_H
#define VALIDATORS_SENML_RECORD_H

#include "validators/senml_pack.h"

/* RFC 8428 table 4; SENML_FIRST is bs. */
enum senml_label {
    SENML_BS = -6,
    SENML_BV = -5,
    SENML_BU = -4,
    SENML_BT = -3,
    SENML_BN = -2,
    SENML_BVER = -1,
    SENML_N = 0,
    SENML_U = 1,
    SENML_V = 2,
    SENML_VS = 3,
    SENML_VB = 4,
    SENML_S = 5,
    SENML_T = 6,
    SENML_UT = 7,
    SENML_VD = 8,
    SENML_FIRST = SENML_BS,
    SENML_LAST = SENML_VD,
};

enum { SENML_EXTENSIONS_MAX = 8 };

struct senml_record {
    uint32_t seen;                                      /* bit (label - SENML_FIRST) */
    struct cbor_event extensions[SENML_EXTENSIONS_MAX]; /* keys that are no label of ours */
    size_t extension_count;
    struct slice name, unit, string;
    struct senml_number value, time;
};

bool senml_has(const struct senml_record *record, enum senml_label label);
bool senml_valued(const struct senml_record *record); /* v, vs or vb */

void senml_record_read(
    struct senml_pack *pack, struct senml_record *record, const struct cbor_event *map);

/* Flags find their readings; repeated ones are marked. */
void senml_judge(struct message *message);

#endif
