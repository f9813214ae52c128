/* encode -- a device's values as it would send them: an HJ 212 frame or a SenML pack.
 *
 * Source   HJ 212-2017 ch. 6, App. A; HJ 212-2025 App. A as quoted; RFC 8428.
 * Memory   the caller's buffers.
 * Threads  pure.
 */
#ifndef SIMULATOR_ENCODE_H
#define SIMULATOR_ENCODE_H

#include "simulator/county.h"

/* How a device frames what it tells. */
struct frame_form {
    const char *key; /* 16 characters, of a device of 2025 that encrypts; NULL: 2017, plain */
    bool resent;     /* again, with the mark that 2025 has for that */
    int st;
};

/* QN names the message: the device's answer carries it back. */
void encode_frame(struct slice mn, int64_t at_ms, struct slice qn, struct frame_form form,
    const struct county_value *values, size_t count, struct text *out);
/* A data segment, framed. */
void encode_segment(struct slice segment, struct text *out);
/* values: fume, then the power of fan and purifier, from which their states are told. */
void encode_dialect(const struct dialect *dialect, struct slice mn, int64_t at_ms, struct slice qn,
    const struct county_value *values, struct text *out);
/* As lines for replay carry bytes. */
void encode_base64(struct slice bytes, struct text *out);
void encode_pack(struct slice mn, int64_t at_ms, struct slice qn, const struct county_value *values,
    size_t count, struct text *out);

#endif
