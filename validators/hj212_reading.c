#include "validators/hj212_reading.h"

#include "core/decimal.h"

enum { ST_WORKING_CONDITION = 45 };

/* "N5.2" -> 5 digits before the point and 2 behind it; has is false where no such type is known. */
struct number_type {
    bool has;
    int integers, decimals;
};

static struct number_type number_type(const struct factor_row *factor)
{
    struct number_type type = {0};
    if (factor == NULL || factor->format[0] != 'N') {
        return type;
    }
    int *digits = &type.integers;
    for (const char *at = factor->format + 1; *at != '\0'; at++) {
        if (*at == '.') {
            digits = &type.decimals;
        } else if (*at >= '0' && *at <= '9') {
            *digits = *digits * 10 + (*at - '0');
        } else {
            return (struct number_type){0}; /* a date, perhaps */
        }
    }
    type.has = type.integers > 0;
    return type;
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
 * any factor. Below 999 a full scale is too near to real values to be taken for that. */
static bool is_sentinel(struct slice digits, const struct decimal *number, struct number_type type)
{
    if (!all_nines(digits)) {
        return false;
    }
    bool largest = type.has && type.integers >= 3 && number->integer_digits == type.integers &&
                   number->decimals == type.decimals;
    return largest || slice_is(digits, "9999.99");
}

/* A total grows beyond the type of its factor's momentary value. */
static bool too_wide(
    const struct reading *reading, const struct decimal *number, struct number_type type)
{
    return type.has && !slice_is(reading->field, "Cou") &&
           (number->integer_digits > type.integers || number->decimals > type.decimals);
}

/* 14 digits of N14; it has no largest value and no width of its factor's. */
static void judge_time(struct reading *reading)
{
    struct decimal number;
    if (reading->text.size == 0) {
        rule_set_add(&reading->broken, RULE_VALUE_EMPTY);
    } else if (!decimal_parse(reading->text, &number)) {
        rule_set_add(&reading->broken, RULE_VALUE_NOT_NUMBER);
    } else {
        reading->value = number.value;
        reading->has_value = true;
    }
}

static void judge_number(int st_code, struct reading *reading, const struct factor_row *factor)
{
    struct decimal number;
    if (reading->text.size == 0) {
        rule_set_add(&reading->broken, RULE_VALUE_EMPTY);
        return;
    }
    if (!decimal_parse(reading->text, &number)) {
        if (st_code == ST_WORKING_CONDITION && slice_is(reading->field, "Rtd")) {
            reading->is_text = true; /* marks such as St, N, Sr are no numbers by nature */
        } else {
            rule_set_add(&reading->broken, RULE_VALUE_NOT_NUMBER);
        }
        return;
    }
    struct number_type type = number_type(factor);
    if (is_sentinel(reading->text, &number, type)) {
        rule_set_add(&reading->broken, RULE_VALUE_SENTINEL);
        return;
    }
    if (too_wide(reading, &number, type)) {
        rule_set_add(&reading->broken, RULE_VALUE_WIDTH);
    }
    reading->value = number.value;
    reading->has_value = true;
}

/* Facilities (SBn) and process codes (e or g, process, parameter, device: HJ 212-2017 6.4.1) are
 * numbered by the plant: their shape is all there is to know. */
static bool known_by_shape(struct slice factor)
{
    return slice_starts(factor, "SB") ||
           (factor.size == 6 && (factor.ptr[0] == 'e' || factor.ptr[0] == 'g'));
}

void hj212_reading_judge(int st_code, const struct factor_row *factor, struct reading *reading)
{
    struct decimal number;
    const struct suffix_row *suffix = suffix_find(reading->field);
    bool is_number =
        suffix == NULL ? decimal_parse(reading->text, &number) : suffix->kind == SUFFIX_NUMBER;
    if (suffix == NULL) {
        rule_set_add(&reading->broken, RULE_SUFFIX_UNKNOWN);
    }
    if (factor == NULL && !known_by_shape(reading->factor)) {
        rule_set_add(&reading->broken, RULE_FACTOR_UNKNOWN);
    }
    if (is_number) {
        judge_number(st_code, reading, factor);
    } else if (suffix != NULL && suffix->kind == SUFFIX_TIME) {
        judge_time(reading);
    } else {
        reading->is_text = true;
    }
}
