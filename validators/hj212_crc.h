/* hj212_crc -- the checksum of a frame's data segment, in the three kinds met in the field.
 *
 * Source   HJ 212-2017 App. A (standard: only the high byte of the register survives each step); the
 *          two others: devices that took CRC-16/MODBUS for it (implementations agree).
 * Shape    bytes -> 16 bits, printed high byte first.
 * Errors   none.
 * Threads  pure.
 * Limits   the standard kind finds every changed byte, but not two bytes eight places apart that are
 *          swapped: it is no proof against tampering.
 */
#ifndef VALIDATORS_HJ212_CRC_H
#define VALIDATORS_HJ212_CRC_H

#include "schemas/message.h"

uint16_t hj212_crc(enum crc_kind kind, struct slice segment);

#endif
