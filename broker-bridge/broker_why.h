/* broker_why -- why the broker cannot be reached, in the words of the system and of OpenSSL.
 *
 * Source   house: Paho says "TCP/TLS connect failure" for a closed port, an expired certificate and a
 *          wrong host name alike; who is called at night needs to know which.
 * Shape    asks again by itself: name, connection, handshake; the first that fails gives the words, "" if
 *          none does. What it finds out is told, never used: Paho alone decides whom to believe.
 * Units    each of the three waits at most BROKER_WHY_MS.
 * Memory   the words are the caller's.
 * Errors   none.
 * Threads  blocks: Paho's, while nothing is connected.
 */
#ifndef BROKER_BRIDGE_BROKER_WHY_H
#define BROKER_BRIDGE_BROKER_WHY_H

#include "broker-bridge/config.h"

enum { BROKER_WHY_MS = 3000 };

void broker_why(const struct config_broker *broker, char *words, size_t size);

#endif
