#include "validators/hj212_reading.h"

#include "core/decimal.h"

enum { ST_WORKING_CONDITION = 45 };

static bool all_nines(struct slice digits)
{
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.ptr[i] != '9' && digits.ptr[i] != '.') {
            return false;
        }
    }
    return true;
}

/* The largest value of the factor's type stands for "no value" (2025, 8.1.1); 9999.99, its example, for
 * any factor. Below 999 a full scale is too near to real values to be taken for that, unless the quantity
 * cannot reach it: 99.99 % of oxygen. */
static bool is_sentinel(
    struct slice digits, const struct decimal *number, const struct factor_row *factor)
{
    enum { SENTINEL_DIGITS = 3 };
    if (!all_nines(digits)) {
        return false;
    }
    bool largest = factor != NULL && factor->type == TYPE_DIGITS &&
                   number->integer_digits == factor->digits && number->decimals == factor->decimals;
    return (largest && (factor->digits >= SENTINEL_DIGITS ||
                           number->value > factor_unit_range(factor->unit).most)) ||
           slice_is(digits, "9999.99");
}

/* A total grows beyond the type of its factor's momentary value. */
static bool too_wide(
    enum suffix_id suffix, const struct decimal *number, const struct factor_row *factor)
{
    return factor != NULL && factor->type == TYPE_DIGITS && suffix != SUFFIX_COU &&
           (number->integer_digits > factor->digits || number->decimals > factor->decimals);
}

/* What its field allows; of a value that is measured in it, what the factor's unit allows. */
static bool in_range(double value, const struct suffix_row *suffix, const struct factor_row *factor)
{
    bool measured = suffix->family == FAMILY_MOMENT || suffix->family == FAMILY_PERIOD;
    struct range range =
        measured && factor != NULL ? factor_unit_range(factor->unit) : suffix->range;
    return value >= range.least && value <= range.most;
}

/* A time has no largest value and no width of its factor's. */
static void judge_number(struct reading *reading, const struct decimal *number,
    const struct suffix_row *suffix, const struct factor_row *factor)
{
    bool instant = suffix != NULL && suffix->kind == KIND_INSTANT;
    struct event_time time;
    if (instant && (reading->text.size != 14 || !event_time_from_cst(reading->text, &time))) {
        rule_set_add(&reading->broken, RULE_CP_VALUE_FORM);
    }
    if (!instant && is_sentinel(reading->text, number, factor)) {
        rule_set_add(&reading->broken, RULE_VALUE_SENTINEL);
        return;
    }
    if (!instant && too_wide(reading->suffix, number, factor)) {
        rule_set_add(&reading->broken, RULE_VALUE_WIDTH);
    }
    if (!instant && suffix != NULL && !in_range(number->value, suffix, factor)) {
        rule_set_add(&reading->broken, RULE_VALUE_RANGE);
    }
    reading->value = number->value;
    reading->has_value = true;
}

/* Marks such as St, N, Sr are no numbers by nature. */
static bool is_mark(const struct message *message, const struct reading *reading)
{
    return message->st_code == ST_WORKING_CONDITION && reading->suffix == SUFFIX_RTD;
}

/* Facilities (SBn), process codes (e or g, process, parameter, device: HJ 212-2017 6.4.1) and electricity (d, 2
 * production or 3 treatment, parameter, device: 2025 by its examples) are numbered by the plant: their shape is all there is
 * to know. */
static bool known_by_shape(struct slice factor)
{
    return slice_starts(factor, "SB") ||
           (factor.size == 6 && (factor.ptr[0] == 'e' || factor.ptr[0] == 'g' ||
                                    slice_starts(factor, "d2") || slice_starts(factor, "d3")));
}

void hj212_reading_judge(const struct message *message, const struct factor_row *factor,
    const struct suffix_row *suffix, struct reading *reading)
{
    struct decimal number;
    bool is_number = decimal_parse(reading->text, &number);
    bool is_text = suffix == NULL ? !is_number : suffix->kind == KIND_TEXT;
    reading->suffix = (uint8_t)(suffix == NULL ? SUFFIX_UNKNOWN : suffix->id);
    if (suffix == NULL) {
        rule_set_add(&reading->broken, RULE_SUFFIX_UNKNOWN);
    }
    if (factor == NULL && !known_by_shape(reading->factor)) {
        rule_set_add(&reading->broken, RULE_FACTOR_UNKNOWN);
    }
    if (is_text) {
        reading->is_text = true;
    } else if (is_number) {
        judge_number(reading, &number, suffix, factor);
    } else if (reading->text.size == 0) {
        rule_set_add(&reading->broken, RULE_VALUE_EMPTY);
    } else if (is_mark(message, reading)) {
        reading->is_text = true;
    } else {
        rule_set_add(&reading->broken, RULE_VALUE_NOT_NUMBER);
    }
}
