#include "validators/senml.h"

#include "schemas/topic.h"
#include "validators/senml_pack.h"
#include "validators/senml_record.h"

#define RELATIVE_BELOW_S 268435456.0  /* 2^28: RFC 8428 4.5.3 */
#define YEAR_2200_S      7258118400.0 /* where event_time ends */

static bool is_name_byte(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '-' || byte == ':' || byte == '.' ||
           byte == '/' || byte == '_';
}

/* RFC 8428 4.5.1 */
static bool name_fits(struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (!is_name_byte(name.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* Without an arrival a relative time has nothing to be relative to: the reading has no time. */
static struct event_time resolve_time(struct senml_pack *pack, const struct senml_record *record)
{
    const struct decode_context *context = &pack->decoder->context;
    const struct senml_number *base = &pack->base_time, *own = &record->time;
    struct rule_set *broken = &pack->message->verdict.broken;
    double seconds = (base->there ? base->value : 0) + (own->there ? own->value : 0);
    bool usable = (!base->there || base->usable) && (!own->there || own->usable);
    if (usable && seconds < RELATIVE_BELOW_S && !context->has_arrival) {
        return (struct event_time){0};
    }
    if (usable && seconds < RELATIVE_BELOW_S) {
        seconds += (double)context->arrival.ms / SECOND_MS;
    }
    if (!usable || !(seconds >= 0 && seconds < YEAR_2200_S)) {
        rule_set_add(broken, RULE_SENML_TIME);
        return (struct event_time){0};
    }
    return (struct event_time){(int64_t)(seconds * SECOND_MS + 0.5)};
}

static void note_time(struct message *message, struct event_time time)
{
    if (time.ms > 0 && (!message->has_data_time || time.ms > message->data_time.ms)) {
        message->has_data_time = true;
        message->data_time = time;
    }
}

static void take_value(
    struct senml_pack *pack, const struct senml_record *record, struct reading *reading)
{
    struct senml_number value = record->value;
    if (senml_has(record, SENML_VS)) {
        reading->text = record->string;
        reading->is_text = true;
        return;
    }
    if (!senml_has(record, SENML_VB)) {
        value = senml_sum(pack, pack->base_value, value);
    }
    reading->text = value.text;
    reading->has_value = value.usable;
    if (value.usable) {
        reading->value = value.value;
    } else {
        rule_set_add(&reading->broken, value.there ? RULE_VALUE_NOT_NUMBER : RULE_VALUE_EMPTY);
    }
}

static void add_reading(struct senml_pack *pack, struct slice factor, struct slice field,
    const struct senml_record *record)
{
    struct message *message = pack->message;
    if (message->reading_count == READINGS_MAX) {
        senml_refuse(pack, RULE_SENML_LIMIT);
        return;
    }
    struct reading *reading = &message->readings[message->reading_count++];
    *reading = (struct reading){.factor = factor,
        .field = field,
        .unit = record->unit.size > 0 ? record->unit : pack->base_unit};
    reading->time = resolve_time(pack, record);
    take_value(pack, record, reading);
    note_time(message, reading->time);
}

static void take_qn(struct senml_pack *pack, const struct senml_record *record)
{
    struct message *message = pack->message;
    struct slice qn = senml_has(record, SENML_VS) ? record->string : record->value.text;
    if (qn.size > SENML_QN_SIZE_MAX) {
        senml_refuse(pack, RULE_SENML_LIMIT);
    } else if (qn.size == 0) {
        rule_set_add(&message->verdict.broken, RULE_SENML_NAME); /* it names nothing */
    } else if (message->qn.size > 0 && !slice_equal(message->qn, qn)) {
        rule_set_add(&message->verdict.broken, RULE_ITEM_REPEATED);
    } else {
        message->qn = qn;
        message->has_qn_time = qn.size == 17 && event_time_from_cst(qn, &message->qn_time);
    }
}

/* The name behind `<mn>/`, which may be cut anywhere between bn and n. */
static struct slice name_of(
    struct senml_pack *pack, const struct senml_record *record, struct slice *mn)
{
    struct slice base = pack->base_name, name = record->name;
    bool in_base = slice_find(base, 0, '/') < base.size;
    if (in_base) {
        *mn = slice_cut(&base, '/');
    }
    if (base.size > 0 && name.size > 0) {
        struct text text = senml_text_begin(pack);
        text_add_slice(&text, base);
        text_add_slice(&text, name);
        name = senml_text_end(pack, &text);
    } else if (base.size > 0) {
        name = base;
    }
    if (!in_base) {
        bool in_name = slice_find(name, 0, '/') < name.size;
        *mn = in_name ? slice_cut(&name, '/') : slice_of("");
    }
    return name;
}

/* One pack speaks for one MN. */
static bool mn_fits(struct senml_pack *pack, struct slice mn)
{
    struct message *message = pack->message;
    if (!name_valid(mn) || (message->has_mn && !slice_equal(message->mn, mn))) {
        senml_refuse(pack, RULE_SENML_NO_BASE);
        return false;
    }
    message->mn = mn;
    message->has_mn = true;
    return true;
}

static void take_record(struct senml_pack *pack, const struct senml_record *record)
{
    struct slice mn = {0};
    struct slice field = name_of(pack, record, &mn);
    if (pack->stopped || !mn_fits(pack, mn)) {
        return;
    }
    bool only_base = field.size == 0 && !senml_valued(record);
    bool only_sum = !senml_valued(record) && !pack->base_value.there &&
                    (senml_has(record, SENML_S) || senml_has(record, SENML_VD));
    if (only_base || only_sum) {
        return; /* neither is a reading of ours */
    }
    if (slice_is(field, "QN")) {
        take_qn(pack, record);
        return;
    }
    bool fits = name_fits(field);
    struct slice factor = slice_cut(&field, '-');
    if (fits && factor.size > 0 && field.size > 0) {
        add_reading(pack, factor, field, record);
    } else {
        rule_set_add(&pack->message->verdict.broken, RULE_SENML_NAME);
    }
}

static void read_records(struct senml_pack *pack)
{
    struct cbor_event array = senml_next(pack);
    if (!pack->stopped && array.type != CBOR_ARRAY) {
        senml_refuse(pack, RULE_SENML_FORM);
    }
    for (uint64_t i = 0; !pack->stopped && (array.indefinite || i < array.number); i++) {
        struct senml_record record = {0};
        struct cbor_event map = senml_next(pack);
        if (map.type == CBOR_BREAK && array.indefinite) {
            break;
        }
        if (!pack->stopped && map.type != CBOR_MAP) {
            senml_refuse(pack, RULE_SENML_FORM);
        }
        if (!pack->stopped) {
            senml_record_read(pack, &record, &map);
        }
        if (!pack->stopped) {
            take_record(pack, &record);
        }
    }
}

static void write_datatime(struct senml_pack *pack)
{
    char digits[15];
    event_time_write_cst(pack->message->data_time, digits);
    struct text text = senml_text_begin(pack);
    text_add(&text, digits);
    pack->message->datatime = senml_text_end(pack, &text);
}

void senml_decode(struct decoder *decoder)
{
    struct message *message = &decoder->message;
    struct senml_pack pack = {
        .decoder = decoder,
        .message = message,
        .events = {.in = decoder->payload, .count_max = SENML_ITEMS_MAX},
    };
    if (decoder->payload.size > SENML_SIZE_MAX) {
        senml_refuse(&pack, RULE_SENML_LIMIT);
    } else {
        read_records(&pack);
    }
    if (!pack.stopped && pack.events.at != decoder->payload.size) {
        senml_refuse(&pack, RULE_SENML_CBOR);
    }
    if (!pack.stopped && !message->has_mn) {
        senml_refuse(&pack, RULE_SENML_NO_BASE);
    }
    if (!pack.stopped && message->has_data_time) {
        write_datatime(&pack);
    }
    if (pack.stopped) {
        message->reading_count = 0;
        message->has_data_time = false;
        message->data_time = (struct event_time){0};
        return;
    }
    senml_judge(message);
}
