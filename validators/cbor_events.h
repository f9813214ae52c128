/* cbor_events -- CBOR, one head at a time, counted.
 *
 * Source   RFC 8949; libcbor's stream decoder (cbor_load would allocate what five bytes ask for).
 * Shape    bytes -> events; nesting is the caller's to follow.
 * Memory   none; strings borrow.
 * Errors   CBOR_BAD: no well-formed head here. CBOR_LIMIT: more items than allowed.
 * Threads  pure.
 */
#ifndef VALIDATORS_CBOR_EVENTS_H
#define VALIDATORS_CBOR_EVENTS_H

#include "core/slice.h"

enum cbor_event_type {
    CBOR_BAD,
    CBOR_LIMIT,
    CBOR_UINT,   /* number */
    CBOR_NEGINT, /* -1 - number */
    CBOR_FLOAT,
    CBOR_TEXT,
    CBOR_BYTES,
    CBOR_ARRAY, /* number items, or indefinite */
    CBOR_MAP,
    CBOR_TAG,
    CBOR_BOOL,
    CBOR_NOTHING, /* null, undefined */
    CBOR_BREAK,
    CBOR_CHUNKED, /* the beginning of a string of indefinite length */
};

struct cbor_event {
    enum cbor_event_type type;
    uint64_t number;
    double real;
    bool truth;
    bool indefinite;
    struct slice bytes;
};

struct cbor_events {
    struct slice in;
    size_t at;
    size_t count, count_max;
};

struct cbor_event cbor_events_next(struct cbor_events *events);

#endif
