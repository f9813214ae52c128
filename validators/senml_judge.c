#include "schemas/data_flags.h"
#include "validators/senml_record.h"

static bool is_flag(const struct reading *reading)
{
    return reading->is_text && slice_is(reading->field, "Flag");
}

static bool same_moment(const struct reading *a, const struct reading *b)
{
    return a->time.ms == b->time.ms && slice_equal(a->factor, b->factor);
}

/* A flag says of the readings of its factor at its time what they are worth, wherever it stands in
 * the pack; one that has none to speak of is noted. */
static void apply_flag(struct message *message, const struct reading *flag)
{
    bool used = false;
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        if (is_flag(reading) || !same_moment(reading, flag)) {
            continue;
        }
        used = true;
        if (reading->flag.size > 0 && !slice_equal(reading->flag, flag->text)) {
            rule_set_add(&reading->broken, RULE_ITEM_REPEATED);
            continue;
        }
        reading->flag = flag->text;
        if (!flag_known(flag->text, EDITION_UNKNOWN)) {
            rule_set_add(&reading->broken, RULE_DATA_FLAG_UNKNOWN);
        }
    }
    if (!used) {
        rule_set_add(&message->verdict.broken, RULE_FLAG_ALONE);
    }
}

static void drop_flags(struct message *message)
{
    size_t kept = 0;
    for (size_t i = 0; i < message->reading_count; i++) {
        if (!is_flag(&message->readings[i])) {
            message->readings[kept++] = message->readings[i];
        }
    }
    message->reading_count = kept;
}

static void mark_repeated(struct message *message, size_t index)
{
    struct reading *reading = &message->readings[index];
    for (size_t i = 0; i < index; i++) {
        if (same_moment(&message->readings[i], reading) &&
            slice_equal(message->readings[i].field, reading->field)) {
            rule_set_add(&reading->broken, RULE_ITEM_REPEATED);
            return;
        }
    }
}

void senml_judge(struct message *message)
{
    for (size_t i = 0; i < message->reading_count; i++) {
        if (is_flag(&message->readings[i])) {
            apply_flag(message, &message->readings[i]);
        }
    }
    drop_flags(message);
    for (size_t i = 0; i < message->reading_count; i++) {
        mark_repeated(message, i);
        rule_set_join(&message->verdict.broken, &message->readings[i].broken);
    }
}
