#include <math.h>
#include <stdlib.h>

#include "core/decimal.h"
#include "validators/senml_pack.h"

enum {
    TAG_DECIMAL = 4,    /* RFC 8949 3.4.4: [exponent, mantissa] */
    EXPONENT_MAX = 40,  /* either way: up to here in plain digits */
    EXACT_EXPONENT = 9, /* up to here a sum is made in whole numbers */
};

static bool is_integer(const struct cbor_event *event)
{
    return event->type == CBOR_UINT || event->type == CBOR_NEGINT;
}

/* CBOR's integers reach from -2^64 to 2^64 - 1. */
static void add_integer(struct text *text, const struct cbor_event *event)
{
    char digits[20];
    size_t count = 0;
    uint64_t rest = event->number;
    if (event->type == CBOR_NEGINT) {
        if (rest == UINT64_MAX) {
            text_add(text, "-18446744073709551616");
            return;
        }
        rest += 1;
        text_add_byte(text, '-');
    }
    do {
        digits[sizeof digits - ++count] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    text_add_slice(text, slice_from(digits + sizeof digits - count, count));
}

static bool fits_int64(const struct cbor_event *event)
{
    return event->number <= INT64_MAX;
}

static int64_t as_int64(const struct cbor_event *event)
{
    return event->type == CBOR_UINT ? (int64_t)event->number : -1 - (int64_t)event->number;
}

/* The digits of a mantissa with the point where the exponent wants it. */
static void place_point(struct text *text, struct slice digits, int exponent)
{
    size_t decimals = exponent < 0 ? (size_t)-exponent : 0;
    if (slice_starts(digits, "-")) {
        text_add_byte(text, '-');
        digits = slice_tail(digits, 1);
    }
    size_t whole = digits.size > decimals ? digits.size - decimals : 0;
    text_add_slice(text, slice_head(digits, whole));
    for (int i = 0; i < exponent && !slice_is(digits, "0"); i++) {
        text_add_byte(text, '0');
    }
    if (decimals == 0) {
        return;
    }
    text_add(text, whole == 0 ? "0." : ".");
    for (size_t i = digits.size; i < decimals; i++) {
        text_add_byte(text, '0');
    }
    text_add_slice(text, slice_tail(digits, whole));
}

static struct senml_number finish(struct senml_pack *pack, const struct text *text)
{
    struct senml_number number = {.there = true, .text = senml_text_end(pack, text)};
    struct decimal decimal;
    number.usable = decimal_parse(number.text, &decimal);
    if (number.usable) {
        number.value = decimal.value;
    }
    return number;
}

static struct senml_number exact(struct senml_number number, int64_t mantissa, int exponent)
{
    number.exact = exponent >= -EXACT_EXPONENT && exponent <= EXACT_EXPONENT;
    number.mantissa = mantissa;
    number.exponent = exponent;
    return number;
}

static struct senml_number of_integer(struct senml_pack *pack, const struct cbor_event *event)
{
    struct text text = senml_text_begin(pack);
    add_integer(&text, event);
    struct senml_number number = finish(pack, &text);
    return fits_int64(event) ? exact(number, as_int64(event), 0) : number;
}

static struct senml_number of_float(struct senml_pack *pack, double real)
{
    struct text text = senml_text_begin(pack);
    if (isfinite(real)) {
        text_add_shortest(&text, real);
    } else {
        text_add(&text, isnan(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity");
    }
    return (struct senml_number){.there = true,
        .usable = isfinite(real) != 0,
        .value = real,
        .text = senml_text_end(pack, &text)};
}

/* mantissa * 10^exponent where that is far from one: in digits it would be long, so it keeps its e. */
static struct senml_number of_far_parts(
    struct senml_pack *pack, struct slice digits, const struct cbor_event *exponent)
{
    char space[48];
    struct text far = text_in(space, sizeof space - 1);
    text_add_slice(&far, digits);
    text_add_byte(&far, 'e');
    add_integer(&far, exponent);
    space[far.size] =
        '\0'; /* two integers of at most 20 digits, which strtod rounds to the nearest */
    struct text text = senml_text_begin(pack);
    text_add_slice(&text, text_slice(&far));
    double value = strtod(space, NULL);
    return (struct senml_number){.there = true,
        .usable = isfinite(value) != 0,
        .value = value,
        .text = senml_text_end(pack, &text)};
}

static struct senml_number of_parts(
    struct senml_pack *pack, const struct cbor_event *exponent, const struct cbor_event *mantissa)
{
    char space[24];
    struct text digits = text_in(space, sizeof space);
    add_integer(&digits, mantissa);
    if (exponent->number >= EXPONENT_MAX) {
        return of_far_parts(pack, text_slice(&digits), exponent);
    }
    struct text text = senml_text_begin(pack);
    int power = (int)as_int64(exponent);
    place_point(&text, text_slice(&digits), power);
    struct senml_number number = finish(pack, &text);
    return fits_int64(mantissa) ? exact(number, as_int64(mantissa), power) : number;
}

/* One of the two; what is no integer is stepped over. */
static bool read_part(struct senml_pack *pack, struct cbor_event *part)
{
    *part = senml_next(pack);
    if (!pack->stopped && !is_integer(part)) {
        senml_skip(pack, *part);
        return false;
    }
    return !pack->stopped;
}

/* RFC 8949 3.4.4: an array of two integers, of either length form. */
static struct senml_number of_decimal(struct senml_pack *pack)
{
    const struct senml_number nothing = {.there = true};
    struct cbor_event array = senml_next(pack), exponent, mantissa;
    if (pack->stopped || array.type != CBOR_ARRAY || (!array.indefinite && array.number != 2)) {
        senml_skip(pack, array);
        return nothing;
    }
    bool fine = read_part(pack, &exponent);
    fine = read_part(pack, &mantissa) && fine;
    if (array.indefinite && !pack->stopped && senml_next(pack).type != CBOR_BREAK) {
        senml_refuse(pack, RULE_SENML_FORM);
    }
    return fine && !pack->stopped ? of_parts(pack, &exponent, &mantissa) : nothing;
}

struct senml_number senml_number(struct senml_pack *pack)
{
    struct senml_number nothing = {.there = true};
    struct cbor_event event = senml_next(pack);
    if (pack->stopped) {
        return nothing;
    }
    if (is_integer(&event)) {
        return of_integer(pack, &event);
    }
    if (event.type == CBOR_FLOAT) {
        return of_float(pack, event.real);
    }
    if (event.type == CBOR_TAG && event.number == TAG_DECIMAL) {
        return of_decimal(pack);
    }
    if (event.type == CBOR_TEXT) {
        nothing.text = event.bytes;
    }
    senml_skip(pack, event);
    return nothing;
}

/* Both with the smaller exponent; false: more digits than 63 bits hold. */
static bool sum_exactly(
    const struct senml_number *a, const struct senml_number *b, int64_t *mantissa, int *exponent)
{
    int64_t left = a->mantissa, right = b->mantissa;
    *exponent = a->exponent < b->exponent ? a->exponent : b->exponent;
    for (int i = *exponent; i < a->exponent; i++) {
        if (__builtin_mul_overflow(left, 10, &left)) {
            return false;
        }
    }
    for (int i = *exponent; i < b->exponent; i++) {
        if (__builtin_mul_overflow(right, 10, &right)) {
            return false;
        }
    }
    return a->exact && b->exact && !__builtin_add_overflow(left, right, mantissa);
}

/* RFC 8428 4.1: a base value is added; what is missing counts as zero. */
struct senml_number senml_sum(
    struct senml_pack *pack, struct senml_number base, struct senml_number value)
{
    int64_t mantissa;
    int exponent;
    if (!base.there || !value.there) {
        return base.there ? base : value;
    }
    if (!base.usable || !value.usable) {
        value.usable = false;
        return value;
    }
    if (!sum_exactly(&base, &value, &mantissa, &exponent)) {
        return of_float(pack, base.value + value.value);
    }
    char space[24];
    struct text digits = text_in(space, sizeof space);
    struct text text = senml_text_begin(pack);
    text_add_int(&digits, mantissa);
    place_point(&text, text_slice(&digits), exponent);
    return exact(finish(pack, &text), mantissa, exponent);
}
