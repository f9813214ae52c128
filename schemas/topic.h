/* topic -- the tree of MQTT topics, version 1, as structs.
 *
 *   ems/v1/<area>/<mn>/up/hj212 ...      (all of them: design, "The bus"; schemas/asyncapi.yaml)
 *
 * Source   design: "The bus".
 * Shape    topic -> kind, area and name (an MN or a user); and back.
 * Memory   slices borrow from the topic.
 * Errors   TOPIC_UNKNOWN.
 * Threads  pure.
 */
#ifndef SCHEMAS_TOPIC_H
#define SCHEMAS_TOPIC_H

#include "core/text.h"

enum topic_kind {
    TOPIC_UNKNOWN,
#define TOPIC(id, shape, writer) TOPIC_##id,
#include "schemas/topics.def"
#undef TOPIC
    TOPIC_COUNT
};

struct topic {
    enum topic_kind kind;
    struct slice area;
    struct slice name; /* <mn>, <user> or <alarm-id>; empty where the topic has none */
};

struct topic topic_parse(struct slice bytes);

/* The topic's text; name may be empty where the shape has none, or "+" to subscribe. */
void topic_write(struct text *text, enum topic_kind kind, struct slice area, struct slice name);

/* 6 to 12 digits of the administrative division code. */
bool area_valid(struct slice area);

/* 1 to 64 of 0-9 A-Z a-z _ - . : what may stand in a topic level, a key or a file name. */
bool name_valid(struct slice name);

#endif
