#include "validators/senml_record.h"

enum { VERSION = 10 }; /* RFC 8428 4.4 */

static uint32_t bit_of(enum senml_label label)
{
    return UINT32_C(1) << ((int)label - (int)SENML_FIRST);
}

bool senml_has(const struct senml_record *record, enum senml_label label)
{
    return (record->seen & bit_of(label)) != 0;
}

bool senml_valued(const struct senml_record *record)
{
    return (record->seen & (bit_of(SENML_V) | bit_of(SENML_VS) | bit_of(SENML_VB))) != 0;
}

/* A switch: 1 or 0. */
static void read_bool(struct senml_pack *pack, struct senml_record *record)
{
    struct cbor_event event = senml_next(pack);
    bool fine = event.type == CBOR_BOOL;
    record->value = (struct senml_number){.there = true,
        .usable = fine,
        .value = fine && event.truth ? 1 : 0,
        .text = slice_of(!fine         ? ""
                         : event.truth ? "1"
                                       : "0")};
    if (!pack->stopped && !fine) {
        senml_skip(pack, event);
    }
}

static void read_version(struct senml_pack *pack)
{
    struct cbor_event event = senml_next(pack);
    if (!pack->stopped && (event.type != CBOR_UINT || event.number > VERSION)) {
        senml_refuse(pack, RULE_SENML_LABEL);
    }
}

/* What is no number is noted even where no reading needs it. */
static struct senml_number usable_number(struct senml_pack *pack, enum validity_rule otherwise)
{
    struct senml_number number = senml_number(pack);
    if (!number.usable && !pack->stopped) {
        rule_set_add(&pack->message->verdict.broken, otherwise);
    }
    return number;
}

static void read_field(struct senml_pack *pack, struct senml_record *record, enum senml_label label)
{
    switch (label) {
    case SENML_BN:
        pack->base_name = senml_string(pack);
        break;
    case SENML_BT:
        pack->base_time = usable_number(pack, RULE_SENML_TIME);
        break;
    case SENML_BV:
        pack->base_value = usable_number(pack, RULE_VALUE_NOT_NUMBER);
        break;
    case SENML_BVER:
        read_version(pack);
        break;
    case SENML_N:
        record->name = senml_string(pack);
        break;
    case SENML_V:
        record->value = senml_number(pack);
        break;
    case SENML_VS:
        record->string = senml_string(pack);
        break;
    case SENML_VB:
        read_bool(pack, record);
        break;
    case SENML_T:
        record->time = usable_number(pack, RULE_SENML_TIME);
        break;
    case SENML_BU:
        pack->base_unit = senml_string(pack);
        break;
    case SENML_U:
        record->unit = senml_string(pack);
        break;
    case SENML_BS:
    case SENML_S:
    case SENML_UT:
    case SENML_VD:
        senml_skip(pack, senml_next(pack)); /* understood, not used */
        break;
    }
}

static bool same_key(const struct cbor_event *a, const struct cbor_event *b)
{
    return a->type == b->type && a->number == b->number && slice_equal(a->bytes, b->bytes);
}

/* RFC 8428 4.4: what is not known is ignored, unless its name ends in _. */
static void read_extension(
    struct senml_pack *pack, struct senml_record *record, const struct cbor_event *key)
{
    if (key->bytes.size > 0 && key->bytes.ptr[key->bytes.size - 1] == '_') {
        senml_refuse(pack, RULE_SENML_LABEL);
        return;
    }
    for (size_t i = 0; i < record->extension_count; i++) {
        if (same_key(&record->extensions[i], key)) {
            senml_refuse(pack, RULE_SENML_DUPLICATE_KEY);
            return;
        }
    }
    if (record->extension_count == SENML_EXTENSIONS_MAX) {
        senml_refuse(pack, RULE_SENML_LIMIT);
        return;
    }
    record->extensions[record->extension_count++] = *key;
    senml_skip(pack, senml_next(pack));
}

static void read_pair(
    struct senml_pack *pack, struct senml_record *record, const struct cbor_event *key)
{
    bool integer = key->type == CBOR_UINT || key->type == CBOR_NEGINT;
    if (!integer && key->type != CBOR_TEXT) {
        senml_refuse(pack, RULE_SENML_FORM);
        return;
    }
    uint64_t limit = key->type == CBOR_UINT ? SENML_LAST : -1 - SENML_FIRST;
    if (!integer || key->number > limit) {
        read_extension(pack, record, key);
        return;
    }
    int label = key->type == CBOR_UINT ? (int)key->number : -1 - (int)key->number;
    if (senml_has(record, (enum senml_label)label)) {
        senml_refuse(pack, RULE_SENML_DUPLICATE_KEY);
        return;
    }
    record->seen |= bit_of((enum senml_label)label);
    read_field(pack, record, (enum senml_label)label);
}

void senml_record_read(
    struct senml_pack *pack, struct senml_record *record, const struct cbor_event *map)
{
    for (uint64_t i = 0; !pack->stopped && (map->indefinite || i < map->number); i++) {
        struct cbor_event key = senml_next(pack);
        if (key.type == CBOR_BREAK && map->indefinite) {
            break;
        }
        if (!pack->stopped) {
            read_pair(pack, record, &key);
        }
    }
    int values = (senml_has(record, SENML_V) ? 1 : 0) + (senml_has(record, SENML_VS) ? 1 : 0) +
                 (senml_has(record, SENML_VB) ? 1 : 0) + (senml_has(record, SENML_VD) ? 1 : 0);
    if (!pack->stopped && values > 1) {
        senml_refuse(pack, RULE_SENML_FORM); /* RFC 8428 4.2: one value a record */
    }
}
