/* check_capture -- a pcap or pcapng capture -> the payloads in its TCP connections, and who sent them.
 *
 * Source   hjhub(1), `check`; files are read by libpcap.
 * Shape    each direction of a connection is put together by its sequence numbers and is one payload, or one for each
 *          message published where it is MQTT. A gap in it is said, and begins another payload. The side that opened the
 *          connection is the device: up is what it sends. In MQTT the topic says so.
 * Memory   holds a copy of all data of the capture.
 * Errors   EXIT_COULD_NOT with its complaint written.
 * Threads  one caller at a time.
 * Limits   connections are searched one after the other. Inside TLS nothing can be read.
 */
#ifndef CLI_CHECK_CAPTURE_H
#define CLI_CHECK_CAPTURE_H

#include "cli/check_input.h"

/* By its first four bytes. */
bool capture_is(struct slice file);

int capture_read(struct slice file, const char *name, input_taker *take, void *taker);

#endif
