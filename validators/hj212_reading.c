#include "validators/hj212_reading.h"

#include "validators/hj212_relations.h"

enum { ST_WORKING_CONDITION = 45, NO_TYPE = -1 };

static const struct range ANY_VALUE = {NO_LEAST, NO_MOST};

/* Below 999 a full scale is too near to real values to be taken for "no value", unless the quantity cannot reach it:
 * 99.99 % of oxygen. */
static double sentinel_above(const struct factor_row *row)
{
    enum { SENTINEL_DIGITS = 3 };
    return row->digits >= SENTINEL_DIGITS ? NO_LEAST : factor_unit_range(row->unit).most;
}

/* What its field allows; of a value that is measured in it, what the factor's unit allows. A time has no largest. */
static struct range range_of(const struct factor_row *row, const struct suffix_row *suffix)
{
    if (suffix == NULL || suffix->kind == KIND_INSTANT) {
        return ANY_VALUE;
    }
    bool measured = suffix->family == FAMILY_MOMENT || suffix->family == FAMILY_PERIOD;
    return measured && row != NULL ? factor_unit_range(row->unit) : suffix->range;
}

static enum value_kind kind_of(const struct suffix_row *suffix)
{
    if (suffix == NULL) {
        return VALUE_ANY;
    }
    switch (suffix->kind) {
    case KIND_NUMBER:
        return VALUE_NUMBER;
    case KIND_TEXT:
        return VALUE_TEXT;
    case KIND_INSTANT:
        return VALUE_INSTANT;
    }
    assert(!"a suffix is of one of three kinds");
    return VALUE_ANY;
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

/* A total grows beyond the type of its factor's momentary value. */
struct reading_form hj212_reading_form(
    struct slice factor, const struct factor_row *row, const struct suffix_row *suffix)
{
    bool typed = row != NULL && row->type == TYPE_DIGITS;
    struct reading_form form = {.suffix = (uint8_t)(suffix == NULL ? SUFFIX_UNKNOWN : suffix->id),
        .family = suffix == NULL ? 0 : UINT32_C(1) << suffix->family,
        .role = (uint8_t)hj212_role(factor),
        .kind = kind_of(suffix),
        .digits = typed ? row->digits : NO_TYPE,
        .decimals = typed ? row->decimals : NO_TYPE,
        .sentinel_above = typed ? sentinel_above(row) : NO_MOST,
        .range = range_of(row, suffix)};
    form.width_bound = typed && form.suffix != SUFFIX_COU;
    if (suffix == NULL) {
        rule_set_add(&form.broken, RULE_SUFFIX_UNKNOWN);
    }
    if (row == NULL && !known_by_shape(factor)) {
        rule_set_add(&form.broken, RULE_FACTOR_UNKNOWN);
    }
    return form;
}

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
 * any factor. */
static bool is_sentinel(
    const struct reading_form *form, const struct decimal *number, struct slice digits)
{
    if (!all_nines(digits)) {
        return false;
    }
    bool largest = number->integer_digits == form->digits && number->decimals == form->decimals;
    return (largest && number->value > form->sentinel_above) || slice_is(digits, "9999.99");
}

static void judge_number(
    const struct reading_form *form, const struct decimal *number, struct reading *reading)
{
    if (is_sentinel(form, number, reading->text)) {
        rule_set_add(&reading->broken, RULE_VALUE_SENTINEL);
        return;
    }
    if (form->width_bound &&
        (number->integer_digits > form->digits || number->decimals > form->decimals)) {
        rule_set_add(&reading->broken, RULE_VALUE_WIDTH);
    }
    if (!(number->value >= form->range.least && number->value <= form->range.most)) {
        rule_set_add(&reading->broken, RULE_VALUE_RANGE);
    }
    reading->value = number->value;
    reading->has_value = true;
}

static void judge_instant(const struct decimal *number, struct reading *reading)
{
    struct event_time time;
    if (reading->text.size != 14 || !event_time_from_cst(reading->text, &time)) {
        rule_set_add(&reading->broken, RULE_CP_VALUE_FORM);
    }
    reading->value = number->value;
    reading->has_value = true;
}

/* Marks such as St, N, Sr are no numbers by nature. */
static bool is_mark(const struct message *message, const struct reading *reading)
{
    return message->st_code == ST_WORKING_CONDITION && reading->suffix == SUFFIX_RTD;
}

/* Where a number was expected, and there is none. */
static void judge_letters(const struct message *message, struct reading *reading)
{
    if (reading->text.size == 0) {
        rule_set_add(&reading->broken, RULE_VALUE_EMPTY);
    } else if (is_mark(message, reading)) {
        reading->is_text = true;
    } else {
        rule_set_add(&reading->broken, RULE_VALUE_NOT_NUMBER);
    }
}

static void begin(const struct reading_form *form, struct reading *reading)
{
    reading->suffix = form->suffix;
    reading->role = form->role;
    reading->broken = form->broken;
}

void hj212_number_judge(
    const struct reading_form *form, const struct decimal *number, struct reading *reading)
{
    begin(form, reading);
    judge_number(form, number, reading);
}

void hj212_reading_judge(
    const struct reading_form *form, const struct message *message, struct reading *reading)
{
    struct decimal number;
    begin(form, reading);
    if (form->kind == VALUE_TEXT) {
        reading->is_text = true;
    } else if (!decimal_parse(reading->text, &number)) {
        if (form->kind == VALUE_ANY) {
            reading->is_text = true;
        } else {
            judge_letters(message, reading);
        }
    } else if (form->kind == VALUE_INSTANT) {
        judge_instant(&number, reading);
    } else {
        judge_number(form, &number, reading);
    }
}
