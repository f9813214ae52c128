/* hj212_fields -- a data segment -> header fields, plain fields of CP, readings; and what is odd in it.
 *
 *   QN=..;ST=..;CN=..;PW=..;MN=..;Flag=..;[PNUM=..;PNO=..;][RF=1;]CP=&& group;group &&
 *   group = item,item   item = name=value   name = plain | factor-suffix
 *
 * Source   HJ 212-2017 ch. 6 and App. C, whose own examples break several of its rules: such things are
 *          read and marked (reference rows in schemas/rules.def).
 * Shape    fills the message; adds broken rules. One pass over the bytes, no look-back.
 * Memory   slices borrow from the segment.
 * Errors   none.
 * Threads  pure.
 */
#ifndef VALIDATORS_HJ212_FIELDS_H
#define VALIDATORS_HJ212_FIELDS_H

#include "validators/hj212_names.h"

/* The fields of the data segment before CP, in the order of the standard. */
enum header_field {
#define HEADER_FIELD(id, name, member, missing, form) HEADER_##id,
#define HEADER_FACT(id, edition, presence, least, most, clause, sureness)
#include "schemas/header_fields.def"
#undef HEADER_FIELD
#undef HEADER_FACT
    HEADER_COUNT
};

/* A factor's code, and its row: where there is one, it tells it from others. */
struct code {
    struct slice text;
    const struct factor_row *row; /* NULL: unknown */
};

struct factor_flag {
    struct code factor;
    struct slice flag;
};

enum { APART_FLAGS_MAX = 32 };

/* What items are read with that is too large for a stack, which is zeroed at each call. Zero: nothing was read yet. */
struct hj212_reader {
    struct hj212_names names; /* of all CPs */
    struct factor_flag
        apart[APART_FLAGS_MAX]; /* of one: those that stand away from their readings */
};

/* The header; *cp is what stands from CP= on, empty when there is none. */
void hj212_header_read(struct message *message, struct slice segment, struct slice *cp);

struct slice hj212_trim_spaces(struct slice text, struct message *message);

/* Without the spaces around it, the first of which is marked. */
static inline struct slice hj212_trim(struct slice text, struct message *message)
{
    bool spaced = text.size > 0 && (text.ptr[0] == ' ' || text.ptr[text.size - 1] == ' ');
    return spaced ? hj212_trim_spaces(text, message) : text;
}

/* What stands between CP's ampersands. */
struct slice hj212_unwrap(struct slice cp, struct message *message);

/* CP's items. The edition and ST are known by then. */
void hj212_items_read(struct message *message, struct hj212_reader *reader, struct slice cp);

#endif
