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

#include "schemas/message.h"

/* The header; *cp is what stands from CP= on, empty when there is none. */
void hj212_header_read(struct message *message, struct slice segment, struct slice *cp);

/* Without the spaces around it, the first of which is marked. */
static inline struct slice hj212_trim(struct slice text, struct message *message)
{
    struct slice whole = text;
    while (text.size > 0 && text.ptr[0] == ' ') {
        text = slice_tail(text, 1);
    }
    while (text.size > 0 && text.ptr[text.size - 1] == ' ') {
        text.size -= 1;
    }
    if (text.size != whole.size) {
        bool leads = whole.ptr[0] == ' ';
        message_break(
            message, RULE_STRAY_SPACE, slice_head(leads ? whole : slice_tail(whole, text.size), 1));
    }
    return text;
}

/* CP's items. The edition and ST are known by then. */
void hj212_items_read(struct message *message, struct slice cp);

#endif
