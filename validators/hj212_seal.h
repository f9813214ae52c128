/* hj212_seal -- the frame that brings a device its new key: the key is filled in, then CP is encrypted under an older one.
 *
 *   CP=&&NewSK=****************;SKCreateTime=20260201080000123&&       what may be known of it
 *   CP=&& | three blocks of SM4-ECB under the older key | 00123&&      what leaves
 *
 * Source   HJ 212-2025 C8 as quoted (SKCreateTime, NewSK) and App. A.2 (full blocks, a rest plain). That this frame is encrypted too,
 *          and under the key that the device has, is inferred. NewSK stands first, because the rest behind the last full block is plain.
 * Shape    a data segment with the blank -> a whole frame.
 * Memory   nothing that stays; what was plain meanwhile is cleared. The caller's `frame` never holds the key in plain once this
 *          returns.
 * Errors   false: the new key is no text of a CP (one given as hexadecimal digits), so no frame can bear it. Nothing is written.
 * Threads  pure, but that encrypting allocates.
 */
#ifndef VALIDATORS_HJ212_SEAL_H
#define VALIDATORS_HJ212_SEAL_H

#include "core/text.h"
#include "schemas/message.h"
#include "validators/sm4.h"

/* CP as it stands in the segment, for a key made at this time (17 digits). */
void hj212_seal_blank(struct slice create_time, struct text *cp);

bool hj212_seal(struct slice segment, const struct sm4 *key, const struct sm4 *under,
    enum crc_kind crc, struct text *frame);

#endif
