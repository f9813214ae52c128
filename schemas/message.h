/* message -- one thing that was received and counted: a frame, a run of bytes that is none, an empty
 * payload, or a SenML pack; with what was read in it and what is wrong with it.
 *
 * Source   HJ 212-2017 ch. 6 (fields), RFC 8428 (SenML), design: "Verdicts".
 * Shape    flat: header fields as slices of the digits sent, then plain fields of CP, then readings.
 * Units    sizes in bytes; times in ms.
 * Memory   every slice borrows from the payload it was cut from, or from the decoder's own space, and
 *          dies with the payload or at the decoder's next message.
 * Errors   a message is never half a message: what could not be read has its rule in `broken`.
 * Threads  plain data.
 */
#ifndef SCHEMAS_MESSAGE_H
#define SCHEMAS_MESSAGE_H

#include "core/time.h"
#include "schemas/edition.h"
#include "schemas/verdict.h"

enum format { FORMAT_HJ212, FORMAT_SENML };

enum crc_kind { CRC_STANDARD, CRC_MODBUS, CRC_MODBUS_SWAPPED };

/* How a device counts its length, and what its text is in: what its profile may say of it. */
enum length_unit { LENGTH_BYTES, LENGTH_CHARACTERS };

enum charset { CHARSET_UTF8, CHARSET_GBK };

enum direction { DIRECTION_UNKNOWN, DIRECTION_UP, DIRECTION_DOWN }; /* up: field to host */

enum { READINGS_MAX = 1024, PLAIN_FIELDS_MAX = 64 };

struct plain_field {
    struct slice name;  /* QnRtn, SystemTime, PolId ... */
    struct slice value; /* as sent */
};

struct reading {
    struct slice factor; /* a21026, SB1, LA ... */
    struct slice field;  /* Rtd, Avg, ZsAvg, RS ... without the hyphen */
    struct slice text;   /* the digits or letters as sent; for CBOR numbers their decimal form */
    struct slice flag;   /* the factor's -Flag in the same frame; empty when there is none */
    struct slice unit;   /* SenML's, empty when none was sent; HJ 212 sends none */
    double value;        /* only if has_value */
    bool has_value;      /* a number that may be used: numeric by nature and not withheld */
    uint8_t suffix;      /* of its field: an id of suffixes.def; SUFFIX_UNKNOWN */
    uint8_t role;        /* of its factor, among those that are compared; 0: none (HJ 212) */
    bool is_text;        /* letters by nature (ST=45 -Rtd, -Info, -EFlag): no number was expected */
    bool joins;          /* its factor is that of the reading in front of it (HJ 212) */
    struct event_time time; /* of this reading; the message's data_time unless it has its own */
    struct rule_set broken;
};

struct message {
    enum format format;
    struct verdict verdict;
    enum edition edition;
    const char *edition_reason; /* in words: "flag", "mn", "profile" ... */

    struct slice payload;
    size_t offset, size; /* where in it */

    struct slice segment; /* HJ 212: the data segment; SenML: the pack */
    struct slice cp;      /* of it: what was read as CP, with its ampersands */

    /* As sent; empty when absent. For SenML mn, qn and datatime are filled, the others empty. */
    struct slice qn, st, cn, pw, mn, flag, pnum, pno, rf, datatime;
    bool has_mn;           /* the field is there, perhaps empty (2025 before activation) */
    uint32_t device;       /* of this MN, by its index in the registry; NONE: it has none */
    struct slice key_used; /* id of the key that opened it; empty: it was plain, or did not open */
    struct slice
        key_missing; /* id of a key that might open it, and of which only the name is known */
    int st_code;     /* -1: none or no number */
    int cn_code;     /* -1 */
    int flag_code;   /* -1: none or no number */
    int pnum_code, pno_code; /* -1 */
    enum crc_kind crc;       /* what its CRC was held against: its device's kind */
    bool answer_wanted;      /* Flag bit 0 of a frame that a device may send and that asks */

    bool has_data_time;
    struct event_time data_time; /* DataTime; SenML: the newest time in the pack */
    bool has_qn_time;
    struct event_time qn_time; /* QN read as a time */

    struct rule_set placed; /* of the broken rules, those whose place is known */

    uint32_t families; /* bit n: a reading's suffix is of the family n (HJ 212) */
    size_t field_count;
    struct plain_field fields[PLAIN_FIELDS_MAX];
    size_t reading_count;
    struct reading readings[READINGS_MAX];
    struct slice places[RULE_COUNT]; /* where a rule was first broken; only if in `placed` */
};

/* A rule is broken, and by these bytes of the payload (may be none: between two bytes). */
void message_break(struct message *message, enum validity_rule id, struct slice at);

/* A rule is broken by this reading of it; where it stands is known by the reading. */
static inline void message_break_by(
    struct message *message, struct reading *reading, enum validity_rule id)
{
    rule_set_add(&reading->broken, id);
    rule_set_add(&message->verdict.broken, id);
}

/* The first bytes that break this rule: as recorded, else those of the reading or of the header field
 * that it speaks of; false: none in the payload, the message as a whole or what it lacks. */
bool message_place(const struct message *message, enum validity_rule id, struct slice *at);

const char *crc_kind_name(enum crc_kind kind); /* standard, modbus, modbus-swapped */
bool crc_kind_from(struct slice name, enum crc_kind *kind);
bool length_unit_from(struct slice name, enum length_unit *unit); /* bytes, characters */
bool charset_from(struct slice name, enum charset *charset);      /* utf-8, gbk */
const char *format_name(enum format format);                      /* hj212, senml */
bool format_from(struct slice name, enum format *format);

#endif
