/* capture_mqtt -- a TCP stream of MQTT -> the messages published in it.
 *
 * Source   MQTT 3.1.1 and 5.0, 2.1 (fixed header), 3.1 (CONNECT), 3.3 (PUBLISH).
 * Shape    one message a call; other packets are stepped over.
 * Memory   topic and payload borrow from the stream.
 * Errors   false: no whole packet is left.
 * Threads  pure.
 * Limits   nothing inside TLS or WebSocket. A topic that is only an alias (5.0) is empty.
 */
#ifndef CLI_CAPTURE_MQTT_H
#define CLI_CAPTURE_MQTT_H

#include "core/slice.h"

struct mqtt_message {
    struct slice topic, payload;
};

/* The protocol level of the CONNECT that the stream begins with (4, 5 ...); 0: it begins with none. */
int mqtt_level(struct slice stream);

bool mqtt_next(struct slice *stream, int level, struct mqtt_message *message);

#endif
