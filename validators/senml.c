#include "validators/senml.h"

#include <math.h>

#include "core/decimal.h"
#include "core/text.h"
#include "core/utf8.h"
#include "validators/cbor_events.h"

/* RFC 8428 table 4: the labels of CBOR; LABEL_FIRST is bs. */
enum {
    LABEL_BS = -6,
    LABEL_BV = -5,
    LABEL_BU = -4,
    LABEL_BT = -3,
    LABEL_BN = -2,
    LABEL_BVER = -1,
    LABEL_N = 0,
    LABEL_U = 1,
    LABEL_V = 2,
    LABEL_VS = 3,
    LABEL_VB = 4,
    LABEL_S = 5,
    LABEL_T = 6,
    LABEL_UT = 7,
    LABEL_VD = 8,
    LABEL_FIRST = LABEL_BS,
    LABEL_LAST = LABEL_VD,
    STRING_KEYS_MAX = 8,
    TAG_DECIMAL = 4,
    EXPONENT_MAX = 18,
    VERSION = 10,
};

#define RELATIVE_BELOW 268435456.0 /* 2^28 s: RFC 8428 4.5.3 */

/* A number as it was sent: its decimal text and the nearest double. */
struct number {
    bool there, usable;
    double value;
    struct slice text;
};

struct pack {
    struct decoder *decoder;
    struct message *message;
    struct cbor_events events;
    struct slice base_name;
    struct number base_time, base_value;
    struct slice flag_factor, flag;
    bool stopped; /* the pack is refused: a rule says why */
};

struct senml_record {
    uint32_t seen; /* bit (label - LABEL_FIRST) */
    struct slice keys[STRING_KEYS_MAX];
    size_t key_count;
    struct slice name, string;
    bool has_string;
    struct number value, time;
};

static void refuse(struct pack *pack, enum validity_rule why)
{
    rule_set_add(&pack->message->verdict.broken, why);
    pack->stopped = true;
}

static struct cbor_event next(struct pack *pack)
{
    struct cbor_event event = cbor_events_next(&pack->events);
    if (event.type == CBOR_BAD) {
        refuse(pack, RULE_SENML_CBOR);
    } else if (event.type == CBOR_LIMIT) {
        refuse(pack, RULE_SENML_LIMIT);
    } else if (event.type == CBOR_TEXT && !utf8_valid(event.bytes)) {
        refuse(pack, RULE_SENML_UTF8);
    } else if (event.type == CBOR_CHUNKED) {
        refuse(pack, RULE_SENML_FORM); /* nobody sends names in pieces */
    }
    return event;
}

/* Room for a short text that does not stand in the payload. */
static struct text begin_text(struct pack *pack)
{
    struct decoder *decoder = pack->decoder;
    return text_in(decoder->space + decoder->space_used, DECODER_SPACE_SIZE - decoder->space_used);
}

static struct slice end_text(struct pack *pack, const struct text *text)
{
    if (text->truncated) {
        refuse(pack, RULE_SENML_LIMIT);
    }
    pack->decoder->space_used += text->size;
    return text_slice(text);
}

static struct number number_of_text(struct slice text)
{
    struct decimal decimal = {0};
    bool fine = decimal_parse(text, &decimal);
    return (struct number){true, fine, decimal.value, text};
}

static void add_integer(struct text *text, const struct cbor_event *event)
{
    if (event->type == CBOR_UINT && event->number <= INT64_MAX) {
        text_add_int(text, (int64_t)event->number);
    } else if (event->type == CBOR_NEGINT && event->number < INT64_MAX) {
        text_add_int(text, -1 - (int64_t)event->number);
    } else {
        text_add_byte(text, '?'); /* beyond 63 bits: no measurement is */
    }
}

static struct number read_float(struct pack *pack, double real)
{
    struct text text = begin_text(pack);
    if (isfinite(real)) {
        text_add_shortest(&text, real);
    } else {
        text_add(&text, isnan(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity");
    }
    return (struct number){true, isfinite(real) != 0, real, end_text(pack, &text)};
}

/* [exponent, mantissa]: the mantissa's digits with the point moved. */
static struct number read_decimal(struct pack *pack)
{
    struct number broken = {.there = true};
    char space[64];
    struct text digits = text_in(space, sizeof space);
    struct cbor_event array = next(pack);
    if (pack->stopped || array.type != CBOR_ARRAY || array.indefinite || array.number != 2) {
        refuse(pack, RULE_SENML_FORM);
        return broken;
    }
    struct cbor_event exponent = next(pack);
    struct cbor_event mantissa = next(pack);
    bool integers = (exponent.type == CBOR_UINT || exponent.type == CBOR_NEGINT) &&
                    (mantissa.type == CBOR_UINT || mantissa.type == CBOR_NEGINT);
    if (pack->stopped || !integers) {
        refuse(pack, RULE_SENML_FORM);
        return broken;
    }
    add_integer(&digits, &mantissa);
    struct slice whole = text_slice(&digits);
    struct text text = begin_text(pack);
    if (exponent.number >= EXPONENT_MAX) {
        text_add(&text, "?");
    } else if (exponent.type == CBOR_UINT) {
        text_add_slice(&text, whole);
        for (uint64_t i = 0; i < exponent.number; i++) {
            text_add_byte(&text, '0');
        }
    } else {
        size_t decimals = (size_t)exponent.number + 1;
        bool negative = whole.ptr[0] == '-';
        whole = slice_tail(whole, negative ? 1 : 0);
        text_add(&text, negative ? "-" : "");
        if (whole.size > decimals) {
            text_add_slice(&text, slice_head(whole, whole.size - decimals));
        } else {
            text_add_byte(&text, '0');
        }
        text_add_byte(&text, '.');
        for (size_t i = whole.size; i < decimals; i++) {
            text_add_byte(&text, '0');
        }
        text_add_slice(&text, slice_tail(whole, whole.size > decimals ? whole.size - decimals : 0));
    }
    return number_of_text(end_text(pack, &text));
}

static struct number read_number(struct pack *pack)
{
    struct cbor_event event = next(pack);
    if (pack->stopped) {
        return (struct number){0};
    }
    if (event.type == CBOR_UINT || event.type == CBOR_NEGINT) {
        struct text text = begin_text(pack);
        add_integer(&text, &event);
        return number_of_text(end_text(pack, &text));
    }
    if (event.type == CBOR_FLOAT) {
        return read_float(pack, event.real);
    }
    if (event.type == CBOR_TAG && event.number == TAG_DECIMAL) {
        return read_decimal(pack);
    }
    refuse(pack, RULE_SENML_FORM);
    return (struct number){0};
}

static struct slice read_string(struct pack *pack)
{
    struct cbor_event event = next(pack);
    if (!pack->stopped && event.type != CBOR_TEXT) {
        refuse(pack, RULE_SENML_FORM);
    }
    return event.bytes;
}

/* Step over a value of any shape: a stack of how many items are still to come, a map's twice. */
static void skip_value(struct pack *pack)
{
    uint64_t left[SENML_DEPTH_MAX];
    size_t depth = 0;
    left[0] = 1;
    for (;;) {
        struct cbor_event event = next(pack);
        if (pack->stopped) {
            return;
        }
        bool nests = event.type == CBOR_ARRAY || event.type == CBOR_MAP;
        if (event.type == CBOR_BREAK) {
            if (depth == 0 || left[depth] != UINT64_MAX) {
                refuse(pack, RULE_SENML_CBOR);
                return;
            }
            left[depth] = 1; /* closed: it counts down like any other below */
        }
        if (nests && depth + 1 == SENML_DEPTH_MAX) {
            refuse(pack, RULE_SENML_LIMIT);
            return;
        }
        if (nests && (event.indefinite || event.number > 0)) {
            uint64_t factor = event.type == CBOR_MAP ? 2 : 1;
            left[++depth] = event.indefinite                 ? UINT64_MAX
                            : event.number > SENML_ITEMS_MAX ? UINT64_MAX - 1
                                                             : event.number * factor;
            continue;
        }
        if (event.type == CBOR_TAG) {
            continue; /* it speaks of the item that follows */
        }
        while (left[depth] != UINT64_MAX && --left[depth] == 0) {
            if (depth == 0) {
                return;
            }
            depth -= 1;
        }
    }
}

static void take_flag(struct pack *pack, struct slice factor, struct slice flag)
{
    struct message *message = pack->message;
    pack->flag_factor = factor;
    pack->flag = flag;
    for (size_t i = message->reading_count; i > 0; i--) {
        struct reading *reading = &message->readings[i - 1];
        if (!slice_equal(reading->factor, factor) || reading->flag.size > 0) {
            break;
        }
        reading->flag = flag;
    }
}

static struct event_time resolve_time(struct pack *pack, const struct senml_record *record)
{
    const struct decode_context *context = &pack->decoder->context;
    double seconds = (pack->base_time.there ? pack->base_time.value : 0) +
                     (record->time.there ? record->time.value : 0);
    bool usable = (!pack->base_time.there || pack->base_time.usable) &&
                  (!record->time.there || record->time.usable);
    if (usable && seconds < RELATIVE_BELOW && context->has_arrival) {
        seconds += (double)context->arrival.ms / SECOND_MS;
    }
    if (!usable || !(seconds >= 0 && seconds < 7258118400.0)) { /* to the year 2200 */
        rule_set_add(&pack->message->verdict.broken, RULE_SENML_TIME);
        return (struct event_time){0};
    }
    return (struct event_time){(int64_t)(seconds * SECOND_MS + 0.5)};
}

static void add_reading(
    struct pack *pack, struct slice factor, struct slice field, const struct senml_record *record)
{
    struct message *message = pack->message;
    if (message->reading_count == READINGS_MAX) {
        refuse(pack, RULE_SENML_LIMIT);
        return;
    }
    struct reading *reading = &message->readings[message->reading_count++];
    *reading = (struct reading){.factor = factor, .field = field};
    reading->time = resolve_time(pack, record);
    if (slice_equal(pack->flag_factor, factor)) {
        reading->flag = pack->flag;
    }
    if (record->has_string) {
        reading->text = record->string;
        reading->is_text = true;
    } else {
        struct number value = record->value;
        if (pack->base_value.there && value.there) {
            value = read_float(pack, pack->base_value.value + value.value);
        }
        reading->text = value.text;
        reading->value = value.value;
        reading->has_value = value.there && value.usable;
        if (!reading->has_value) {
            rule_set_add(&reading->broken, value.there ? RULE_VALUE_NOT_NUMBER : RULE_VALUE_EMPTY);
        }
    }
    rule_set_join(&message->verdict.broken, &reading->broken);
    if (reading->time.ms > message->data_time.ms || !message->has_data_time) {
        message->has_data_time = reading->time.ms > 0;
        message->data_time = reading->time;
    }
}

/* `<mn>/<factor>-<field>`; the name may stand in bn, in n, or be cut anywhere between them. */
static struct slice full_name(struct pack *pack, const struct senml_record *record)
{
    if (pack->base_name.size == 0) {
        return record->name;
    }
    if (record->name.size == 0) {
        return pack->base_name;
    }
    struct text text = begin_text(pack);
    text_add_slice(&text, pack->base_name);
    text_add_slice(&text, record->name);
    return end_text(pack, &text);
}

static void take_record(struct pack *pack, const struct senml_record *record)
{
    struct message *message = pack->message;
    struct slice rest = full_name(pack, record);
    bool valued = record->has_string || record->value.there;
    if (slice_find(rest, 0, '/') == rest.size) {
        refuse(pack, RULE_SENML_NO_BASE);
        return;
    }
    struct slice mn = slice_cut(&rest, '/');
    if (!message->has_mn) {
        message->mn = mn;
        message->has_mn = true;
    }
    if (!slice_equal(message->mn, mn)) {
        refuse(pack, RULE_SENML_NO_BASE);
        return;
    }
    if (!valued) {
        return; /* a record of base fields alone */
    }
    if (slice_is(rest, "QN")) {
        message->qn = record->has_string ? record->string : record->value.text;
        message->has_qn_time =
            message->qn.size == 17 && event_time_from_cst(message->qn, &message->qn_time);
        return;
    }
    struct slice field = rest;
    struct slice factor = slice_cut(&field, '-');
    if (factor.size == 0 || field.size == 0) {
        rule_set_add(&message->verdict.broken, RULE_SENML_NAME);
    } else if (slice_is(field, "Flag") && record->has_string) {
        take_flag(pack, factor, record->string);
    } else {
        add_reading(pack, factor, field, record);
    }
}

static void read_field(struct pack *pack, struct senml_record *record, int label)
{
    struct cbor_event event;
    struct number number;
    switch (label) {
    case LABEL_BN:
        pack->base_name = read_string(pack);
        break;
    case LABEL_N:
        record->name = read_string(pack);
        break;
    case LABEL_VS:
        record->string = read_string(pack);
        record->has_string = true;
        break;
    case LABEL_BT:
        pack->base_time = read_number(pack);
        break;
    case LABEL_BV:
        pack->base_value = read_number(pack);
        break;
    case LABEL_T:
        record->time = read_number(pack);
        break;
    case LABEL_V:
        record->value = read_number(pack);
        break;
    case LABEL_VB: /* a switch: 1 or 0 */
        event = next(pack);
        if (!pack->stopped && event.type != CBOR_BOOL) {
            refuse(pack, RULE_SENML_FORM);
        }
        record->value = number_of_text(slice_of(event.truth ? "1" : "0"));
        break;
    case LABEL_BVER:
        number = read_number(pack);
        if (!pack->stopped && (!number.usable || number.value > VERSION)) {
            refuse(pack, RULE_SENML_LABEL);
        }
        break;
    default: /* units, sums, update times, data: understood, not used */
        skip_value(pack);
    }
}

/* A label that is no number is an extension; one that ends in _ must be understood, and is not. */
static void read_extension(struct pack *pack, struct senml_record *record, struct slice key)
{
    if (key.size > 0 && key.ptr[key.size - 1] == '_') {
        refuse(pack, RULE_SENML_LABEL);
        return;
    }
    for (size_t i = 0; i < record->key_count; i++) {
        if (slice_equal(record->keys[i], key)) {
            refuse(pack, RULE_SENML_DUPLICATE_KEY);
            return;
        }
    }
    if (record->key_count == STRING_KEYS_MAX) {
        refuse(pack, RULE_SENML_LIMIT);
        return;
    }
    record->keys[record->key_count++] = key;
    skip_value(pack);
}

static void read_pair(struct pack *pack, struct senml_record *record, const struct cbor_event *key)
{
    if (key->type == CBOR_TEXT) {
        read_extension(pack, record, key->bytes);
        return;
    }
    bool integer = key->type == CBOR_UINT || key->type == CBOR_NEGINT;
    uint64_t limit = key->type == CBOR_UINT ? LABEL_LAST : -LABEL_FIRST - 1;
    if (!integer || key->number > limit) {
        refuse(pack, integer ? RULE_SENML_LABEL : RULE_SENML_FORM);
        return;
    }
    int label = key->type == CBOR_UINT ? (int)key->number : -1 - (int)key->number;
    uint32_t bit = UINT32_C(1) << (label - LABEL_FIRST);
    if ((record->seen & bit) != 0) {
        refuse(pack, RULE_SENML_DUPLICATE_KEY);
        return;
    }
    record->seen |= bit;
    read_field(pack, record, label);
}

static void read_record(struct pack *pack, const struct cbor_event *map)
{
    struct senml_record record = {0};
    uint64_t pairs = map->indefinite ? UINT64_MAX : map->number;
    for (uint64_t i = 0; i < pairs && !pack->stopped; i++) {
        struct cbor_event key = next(pack);
        if (key.type == CBOR_BREAK && map->indefinite) {
            break;
        }
        if (!pack->stopped) {
            read_pair(pack, &record, &key);
        }
    }
    if (!pack->stopped) {
        take_record(pack, &record);
    }
}

static void read_records(struct pack *pack)
{
    struct cbor_event array = next(pack);
    if (!pack->stopped && array.type != CBOR_ARRAY) {
        refuse(pack, RULE_SENML_FORM);
    }
    uint64_t count = array.indefinite ? UINT64_MAX : array.number;
    for (uint64_t i = 0; i < count && !pack->stopped; i++) {
        struct cbor_event map = next(pack);
        if (map.type == CBOR_BREAK && array.indefinite) {
            break;
        }
        if (!pack->stopped && map.type != CBOR_MAP) {
            refuse(pack, RULE_SENML_FORM);
        }
        if (!pack->stopped) {
            read_record(pack, &map);
        }
    }
}

void senml_decode(struct decoder *decoder)
{
    struct pack pack = {
        .decoder = decoder,
        .message = &decoder->message,
        .events = {.in = decoder->payload, .count_max = SENML_ITEMS_MAX},
    };
    char digits[15];
    read_records(&pack);
    if (!pack.stopped && pack.events.at != decoder->payload.size) {
        refuse(&pack, RULE_SENML_CBOR);
    }
    if (!pack.stopped && !pack.message->has_mn) {
        refuse(&pack, RULE_SENML_NO_BASE);
    }
    if (pack.message->has_data_time) {
        event_time_write_cst(pack.message->data_time, digits);
        struct text text = begin_text(&pack);
        text_add(&text, digits);
        pack.message->datatime = end_text(&pack, &text);
    }
}
