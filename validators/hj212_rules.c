#include "validators/hj212_rules.h"

#include <stddef.h>

#include "schemas/data_flags.h"
#include "schemas/hj212.h"
#include "validators/hj212_command.h"
#include "validators/hj212_fields.h"
#include "validators/hj212_relations.h"

/* 24 hexadecimal digits: an MN of 2017 and later. */
static bool is_epc(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.ptr[i];
        if (!((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F'))) {
            return false;
        }
    }
    return text.size == 24;
}

static void settle(struct message *message, enum edition edition, const char *reason)
{
    message->edition = edition;
    message->edition_reason = reason;
}

/* The profile where there is one; else Flag's version bits and the MN's shape. Version 2 alone proves
 * nothing: surface water has used Flag 8 and 9 since before 2025. */
void hj212_edition(const struct decode_context *context, struct message *message)
{
    enum edition profile = message->device == NONE
                               ? EDITION_UNKNOWN
                               : context->registry->devices[message->device].edition;
    int version = message->flag_code < 0 ? -1 : message->flag_code >> 2;
    enum edition flag = edition_of_version(version);
    if (profile != EDITION_UNKNOWN) {
        settle(message, profile, "profile");
    } else if (version < 0 && is_epc(message->mn)) {
        settle(message, EDITION_2017, "MN, no Flag");
    } else if (version < 0) {
        settle(message, EDITION_2005, "no Flag");
    } else if (flag == EDITION_UNKNOWN) {
        settle(message, flag, "Flag of no known edition");
    } else if (flag < EDITION_2025) {
        settle(message, flag, "Flag");
    } else if (message->mn.size == 0 || is_epc(message->mn)) {
        settle(message, flag, "Flag and MN");
    } else {
        settle(message, EDITION_2017, "Flag of 2025, but no MN of it");
    }
}

static void add_if(bool broken, struct message *message, enum validity_rule id)
{
    if (broken) {
        rule_set_add(&message->verdict.broken, id);
    }
}

/* 1001, 1002 and their answers, before a logger has been given its MN. */
static bool empty_mn_allowed(const struct message *message)
{
    return message->cn_code == 1001 || message->cn_code == 1002 ||
           (message->cn_code >= 9011 && message->cn_code <= 9013);
}

static const struct {
    size_t offset;
    enum validity_rule missing, form; /* RULE_COUNT: none */
} HEADER[HEADER_COUNT] = {
#define HEADER_FIELD(id, name, member, missing, form)                                              \
    [HEADER_##id] = {offsetof(struct message, member), missing, form},
#define HEADER_FACT(id, edition, presence, least, most, clause, sureness)
#include "schemas/header_fields.def"
#undef HEADER_FIELD
#undef HEADER_FACT
};

enum presence { ABSENT, OPTIONAL, REQUIRED };

static const struct header_fact {
    enum presence presence;
    uint8_t least, most;
} FACTS[EDITION_COUNT][HEADER_COUNT] = {
#define HEADER_FIELD(id, name, member, missing, form)
#define HEADER_FACT(id, edition, presence, least, most, clause, sureness)                          \
    [EDITION_##edition][HEADER_##id] = {presence, least, most},
#include "schemas/header_fields.def"
#undef HEADER_FIELD
#undef HEADER_FACT
};

static void judge_lengths(struct message *message)
{
    enum edition edition = message->edition == EDITION_UNKNOWN ? EDITION_2017 : message->edition;
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        const struct header_fact *fact = &FACTS[edition][i];
        const struct slice *value =
            (const struct slice *)(const void *)((const uint8_t *)message + HEADER[i].offset);
        bool there = value->size > 0 || (i == HEADER_MN && message->has_mn);
        if (!there) {
            add_if(fact->presence == REQUIRED, message, HEADER[i].missing);
        } else if (value->size > 0 && (fact->presence == ABSENT || value->size < fact->least ||
                                          value->size > fact->most)) {
            message_break(message, HEADER[i].form, *value);
        }
    }
}

static void judge_header(struct message *message, bool has_cp)
{
    judge_lengths(message);
    add_if(!has_cp, message, RULE_CP_MISSING);
    add_if(message->has_mn && message->mn.size == 0 && !empty_mn_allowed(message), message,
        RULE_MN_EMPTY);
    add_if(message->qn.size > 0 && !message->has_qn_time, message, RULE_QN_FORM);
    add_if(message->cn.size > 0 && message->cn_code < 0, message, RULE_CN_FORM);
    add_if(message->flag.size > 0 && message->flag_code < 0, message, RULE_FLAG_FORM);
    add_if(message->rf.size > 0 && !slice_is(message->rf, "1"), message, RULE_RF_FORM);
    if (message->st.size == 2 && message->st_code >= 0 &&
        !system_in_edition(message->st_code, message->edition)) {
        message_break(message, system_known(message->st_code) ? RULE_ST_EDITION : RULE_ST_UNKNOWN,
            message->st);
    }
}

static void judge_packets(struct message *message)
{
    bool has = message->pnum.size > 0 || message->pno.size > 0;
    bool says = message->flag_code >= 0 && (message->flag_code & 2) != 0;
    bool old = message->edition == EDITION_2005; /* its examples set the bit without them */
    add_if(has != says && !(old && says), message, RULE_PNUM_FLAG);
    add_if(has && (message->pnum_code < 1 || message->pno_code < 1 ||
                      message->pno_code > message->pnum_code),
        message, RULE_PNUM_FLAG);
}

static void judge_command(const struct decode_context *context, struct message *message)
{
    const struct command_row *command = command_find(message->cn_code);
    if (command == NULL) {
        add_if(message->cn_code >= 0, message, RULE_CN_UNKNOWN);
        return;
    }
    add_if(!command_in_edition(command, message->edition), message, RULE_CN_EDITION);
    add_if((context->direction == DIRECTION_UP && command->direction == COMMAND_DOWN) ||
               (context->direction == DIRECTION_DOWN && command->direction == COMMAND_UP),
        message, RULE_DIRECTION);
}

static const struct device *device_of(
    const struct decode_context *context, const struct message *message)
{
    return message->device == NONE ? NULL : &context->registry->devices[message->device];
}

/* How long the period is whose start DataTime names; 0: it names a moment. */
static int64_t period_ms(const struct decode_context *context, const struct message *message)
{
    const struct device *device = device_of(context, message);
    const struct period_row *period = period_find(message->cn_code);
    if (period == NULL) {
        return 0;
    }
    bool registered = period->in_minutes && device != NULL && device->has_minute_interval;
    return registered ? (int64_t)device->minute_interval * MINUTE_MS : period->length_ms;
}

static bool carries_data(const struct message *message)
{
    return message->cn_code >= 2000 && message->cn_code < 3000 && message->reading_count > 0;
}

/* RF=1 of data whose first sending cannot have failed yet. Both times are of the device's own clock. */
static bool resent_fresh(const struct message *message, int64_t period)
{
    return message->edition == EDITION_2025 && slice_is(message->rf, "1") && message->has_qn_time &&
           message->qn_time.ms < message->data_time.ms + period + resend_least_ms();
}

static void judge_time(const struct decode_context *context, struct message *message)
{
    if (message->datatime.size == 0) {
        return;
    }
    add_if(!message->has_data_time, message, RULE_DATATIME_IMPOSSIBLE);
    add_if(message->datatime.size == 17, message, RULE_DATATIME_DIGITS);
    if (message->has_data_time) {
        int64_t period = period_ms(context, message);
        int64_t local_ms = message->data_time.ms + CST_OFFSET_MS;
        add_if(period > 0 && local_ms % period != 0, message, RULE_PERIOD_ALIGNMENT);
        add_if(resent_fresh(message, period), message, RULE_RESEND_FRESH);
    }
}

/* Noise, facilities and alarms have no -Flag. */
static bool is_flagged(const struct reading *reading)
{
    bool alarm = reading->suffix != SUFFIX_UNKNOWN &&
                 suffix_row((enum suffix_id)reading->suffix)->family == FAMILY_ALARM;
    return !alarm && !slice_starts(reading->factor, "SB") && !slice_starts(reading->factor, "L");
}

/* known: the last letter that was, or -1; most are that one again. */
static void judge_flag(struct message *message, struct reading *reading, int *known)
{
    if (reading->flag.size > 0) {
        if (reading->flag.size == 1 && reading->flag.ptr[0] == *known) {
            return;
        }
        if (flag_known(reading->flag, message->edition)) {
            *known = reading->flag.ptr[0];
        } else {
            message_break_by(message, reading, RULE_DATA_FLAG_UNKNOWN);
        }
    } else if (!reading->is_text && carries_data(message) && is_flagged(reading)) {
        message_break_by(message, reading, RULE_DATA_FLAG_MISSING);
    }
}

static double o2_reference(const struct decode_context *context, const struct message *message)
{
    const struct device *device = device_of(context, message);
    return device == NULL || device->outlet == NONE
               ? (double)NAN
               : context->registry->outlets[device->outlet].o2_reference;
}

static void judge_readings(const struct decode_context *context, struct message *message)
{
    int known = -1;
    hj212_relations_judge(o2_reference(context, message), message);
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        reading->time = message->data_time;
        judge_flag(message, reading, &known);
    }
}

void hj212_judge(const struct decode_context *context, struct message *message, bool has_cp)
{
    message->has_data_time = event_time_from_cst(message->datatime, &message->data_time);
    message->has_qn_time =
        message->qn.size == 17 && event_time_from_cst(message->qn, &message->qn_time);
    judge_header(message, has_cp);
    judge_packets(message);
    judge_command(context, message);
    judge_time(context, message);
    judge_readings(context, message);
    if (has_cp) {
        hj212_command_judge(context->direction, message);
    }
}

bool hj212_wants_answer(const struct message *message)
{
    return message->flag_code >= 0 && (message->flag_code & 1) != 0 && message->qn.size > 0 &&
           command_answer(message->cn_code) != 0 &&
           !rule_set_has(&message->verdict.broken, RULE_KEY_FITS_NOT);
}
