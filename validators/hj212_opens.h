/* hj212_opens -- can a frame be read: does its CRC hold on what came, or on what a key of its device makes of it?
 *
 * Source   HJ 212-2017 App. A (CRC), HJ 212-2025 as quoted (what is encrypted: App. A.2); docs/keys.md.
 * Shape    the header and the edition are known. True: the message has its segment, *cp is plain. Else the rule that says
 *          why not is broken, and which other kind of CRC would fit.
 * Memory   what is decrypted goes to the decoder's space.
 * Errors   none.
 * Threads  one decoder, one thread.
 */
#ifndef VALIDATORS_HJ212_OPENS_H
#define VALIDATORS_HJ212_OPENS_H

#include "validators/decode.h"
#include "validators/hj212_frame.h"

bool hj212_opens(struct decoder *decoder, const struct hj212_cut *cut, struct slice *cp);

#endif
