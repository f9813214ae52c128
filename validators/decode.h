/* decode -- one payload in, every message in it out, each judged alone.
 *
 *   payload --cut--> frame --fields--> header, CP --readings--> rules of validity --> verdict
 *
 * Source   HJ/T 212-2005, HJ 212-2017, HJ 212-2025 as reference rows in schemas/ state them; RFC 8428.
 * Shape    in: the bytes of one MQTT payload, or a stretch of a byte stream. out: messages in order,
 *          which together cover every byte of the payload (line ends between frames belong to the
 *          frame before them). An empty payload is one message. A SenML payload is one message.
 * Units    bytes.
 * Memory   no allocation; the message and its slices live until the next call.
 * Errors   none: what is wrong is a broken rule of the message.
 * Threads  pure; one decoder, one thread.
 * Limits   a duplicate cannot be seen here: validators/duplicates.h, which needs the past.
 */
#ifndef VALIDATORS_DECODE_H
#define VALIDATORS_DECODE_H

#include "schemas/registry.h"
#include "validators/hj212_fields.h"
#include "validators/keyring.h"

/* What is known about the payload besides its bytes. The zero context judges the bytes alone. */
struct decode_context {
    enum format format;
    const struct registry *registry; /* NULL: MN, PW and origin are not judged */
    const struct keyring *keys;      /* NULL: nothing can be decrypted */
    bool has_topic;        /* it came by MQTT: topic_mn is judged against the frame's MN */
    struct slice topic_mn; /* empty for new/<user>, where only an empty MN is right */
    enum direction direction;
    bool has_arrival;
    struct event_time arrival;
    bool crc_given; /* crc overrides the device's profile (hjhub check --crc) */
    enum crc_kind crc;
    enum length_unit length; /* as its profile might say */
    enum charset charset;
};

/* The device of this MN; NONE: there is none. */
static inline uint32_t decode_device(const struct decode_context *context, struct slice mn)
{
    return context->registry == NULL ? NONE : registry_device(context->registry, mn);
}

enum { DECODER_SPACE_SIZE = 64 * 1024 };

struct decoder {
    struct decode_context context;
    struct slice payload;
    size_t at;      /* how far it has come */
    bool started;   /* an empty payload has been counted */
    unsigned looks; /* into frames that were broken off: a few for the payload, one more a frame */
    struct hj212_reader reader; /* of all payloads */
    struct message message;
    char space[DECODER_SPACE_SIZE]; /* text that does not stand in the payload as such */
    size_t space_used;
};

void decoder_begin(
    struct decoder *decoder, const struct decode_context *context, struct slice payload);

/* true: decoder->message is the next one, with verdict.kind accepted, quarantined or rejected. */
bool decoder_next(struct decoder *decoder);

#endif
