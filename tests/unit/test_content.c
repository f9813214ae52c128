#include "tests/unit/check.h"

#include "schemas/content.h"
#include "schemas/hj212.h"
#include "tests/unit/hj212_make.h"
#include "validators/decode.h"

/* Every row of cp_content.def as frames: one with all that it needs is clean, and each way of breaking it is
 * seen. The frames are made from the rows, so a row that is corrected is tested as it then stands. */

static const struct content_row {
    int cn;
    enum edition edition;
    enum direction way;
    uint64_t needs, may;
    uint32_t items, also;
} ROWS[] = {
#define F(id)     (UINT64_C(1) << CP_##id)
#define I(family) (UINT32_C(1) << FAMILY_##family)
#define CONTENT(cn, edition, way, needs, may, items, also, clause, sureness)                       \
    {cn, EDITION_##edition, DIRECTION_##way, needs, may, items, also},
#include "schemas/cp_content.def"
#undef CONTENT
};

enum { ROW_COUNT = sizeof ROWS / sizeof ROWS[0] };

static const enum validity_rule CONTENT_RULES[] = {RULE_CP_NAME_UNKNOWN, RULE_CP_FIELD_MISSING,
    RULE_CP_FIELD_UNEXPECTED, RULE_CP_VALUE_FORM, RULE_CP_VALUE_RANGE, RULE_RETURN_CODE_UNKNOWN,
    RULE_ITEMS_MISSING, RULE_ITEM_UNEXPECTED, RULE_DATATIME_MISSING, RULE_CN_EDITION,
    RULE_DIRECTION};

static const char *const FAMILY_ITEMS[] = {
    [FAMILY_MOMENT] = "a21026-Rtd=1",
    [FAMILY_PERIOD] = "a21026-Avg=1",
    [FAMILY_TOTAL] = "a21026-Cou=1",
    [FAMILY_BESIDE] = "a21026-EFlag=A001",
    [FAMILY_RAW] = "a21026-SampleType=1",
    [FAMILY_CHECK] = "a21026-SampleRd=1",
    [FAMILY_STATE] = "SB1-RS=1",
    [FAMILY_HOURS] = "SB1-RT=1",
    [FAMILY_NOISE] = "LA-Data=50",
    [FAMILY_ALARM] = "a21026-UpValue=1",
    [FAMILY_INFORMATION] = "i13101-Info=1",
    [FAMILY_SERIAL] = "a21026-SN=010000A8900016F000169DC0",
};

enum { FAMILY_COUNT = sizeof FAMILY_ITEMS / sizeof FAMILY_ITEMS[0] };

static struct decoder decoder;
static char frame[FRAME_SIZE_MAX];

/* A value as its form asks. */
static const char *value_of(const struct cp_form *form)
{
    static char digits[24];
    switch (form->type) {
    case CP_INSTANT:
        return form->size == 17 ? "20260101000000000" : "20260101000000";
    case CP_CLOCK:
        return "235959";
    case CP_TEXT:
        return "w01018";
    case CP_EXACT:
        return "0123456789abcdef";
    case CP_WORD:
        return "abc123";
    case CP_CODE:
        return "1";
    case CP_NUMBER:
    case CP_DIVISOR:
        break;
    }
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)form->most);
    return digits;
}

struct broken_frame {
    const struct content_row *row;
    uint64_t fields;          /* those that it holds */
    uint32_t items;           /* the families that it holds */
    enum cp_field changed;    /* this one has another value; CP_NONE: none */
    const char *value, *more; /* that value; what is added */
    enum direction way;
};

static struct broken_frame whole(const struct content_row *row)
{
    uint32_t lowest = row->items & (~row->items + 1);
    return (struct broken_frame){row, row->needs, lowest, CP_NONE, "", "", row->way};
}

static const struct rule_set *judged(const struct broken_frame *made)
{
    static const char *const FLAGS[] = {
        [EDITION_2005] = "0", [EDITION_2017] = "4", [EDITION_2025] = "8"};
    static char segment[2048];
    const struct content_row *row = made->row;
    size_t size = (size_t)snprintf(segment, sizeof segment,
        "QN=20260101000000001;ST=31;CN=%d;PW=123456;MN=%s;Flag=%s;CP=&&", row->cn,
        row->edition == EDITION_2005 ? "88888888888888" : "010000A8900016F000169DC0",
        FLAGS[row->edition]);
    const char *separator = "";
    for (int field = 0; field < CP_NONE; field++) {
        if ((made->fields >> field & 1) != 0) {
            const struct cp_form *form = cp_form_find((enum cp_field)field, row->edition);
            size += (size_t)snprintf(segment + size, sizeof segment - size, "%s%s=%s", separator,
                cp_field_name((enum cp_field)field),
                made->changed == (enum cp_field)field ? made->value : value_of(form));
            separator = ";";
        }
    }
    for (size_t family = 0; family < FAMILY_COUNT; family++) {
        if ((made->items >> family & 1) != 0) {
            size += (size_t)snprintf(
                segment + size, sizeof segment - size, "%s%s", separator, FAMILY_ITEMS[family]);
            separator = ";";
        }
    }
    snprintf(segment + size, sizeof segment - size, "%s%s&&",
        made->more[0] != '\0' ? separator : "", made->more);
    struct decode_context context = {.direction = made->way};
    decoder_begin(&decoder, &context, slice_from(frame, frame_append(frame, 0, segment)));
    assert_true(decoder_next(&decoder));
    assert_int_equal(VERDICT_ACCEPTED, decoder.message.verdict.kind);
    assert_int_equal(row->edition, decoder.message.edition);
    return &decoder.message.verdict.broken;
}

static void breaks(const struct broken_frame *made, enum validity_rule rule)
{
    if (!rule_set_has(judged(made), rule)) {
        fail_msg("%s does not break %s", frame, validity_rule(rule)->name);
    }
}

static void clean(const struct broken_frame *made)
{
    const struct rule_set *broken = judged(made);
    for (size_t i = 0; i < sizeof CONTENT_RULES / sizeof CONTENT_RULES[0]; i++) {
        if (rule_set_has(broken, CONTENT_RULES[i])) {
            fail_msg("%s breaks %s", frame, validity_rule(CONTENT_RULES[i])->name);
        }
    }
}

static void test_content__rows_are_sorted_and_found(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct content *found = content_find(ROWS[i].cn, ROWS[i].edition, ROWS[i].way);
        assert_non_null(found);
        assert_true(found->needs == ROWS[i].needs && found->items == ROWS[i].items);
        const struct command_row *command = command_find(ROWS[i].cn);
        assert_non_null(command);
        assert_true(command_in_edition(command, ROWS[i].edition));
        assert_true(command->direction == COMMAND_BOTH ||
                    (command->direction == COMMAND_UP) == (ROWS[i].way == DIRECTION_UP));
    }
    assert_null(content_find(2010, EDITION_2017, DIRECTION_UP));
    assert_null(content_find(2012, EDITION_2017, DIRECTION_UP));
}

/* Of each command, edition and way that commands.def has: a row. */
static void test_content__every_command_has_its_rows(void **unused)
{
    (void)unused;
    static const struct {
        int cn;
        enum command_direction direction;
    } COMMANDS[] = {
#define COMMAND_ROW(cn, zh, en, direction, editions, answer, source) {cn, COMMAND_##direction},
#include "schemas/commands.def"
#undef COMMAND_ROW
    };
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++) {
        const struct command_row *command = command_find(COMMANDS[i].cn);
        for (enum edition edition = EDITION_2005; edition < EDITION_COUNT; edition++) {
            bool up = content_find(command->cn, edition, DIRECTION_UP) != NULL;
            bool down = content_find(command->cn, edition, DIRECTION_DOWN) != NULL;
            if ((up || down) != command_in_edition(command, edition)) {
                fail_msg("%d of %s", command->cn, edition_name(edition));
            }
        }
    }
}

static void test_content__what_a_row_asks_for_is_clean(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct broken_frame made = whole(&ROWS[i]);
        clean(&made);
        made.way = DIRECTION_UNKNOWN;
        clean(&made);
        made.fields |= ROWS[i].may;
        made.items |= ROWS[i].items | ROWS[i].also;
        made.way = ROWS[i].way;
        clean(&made);
    }
}

static void test_content__what_is_missing_or_too_much_is_seen(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        for (int field = 0; field < CP_NONE; field++) {
            struct broken_frame made = whole(&ROWS[i]);
            uint64_t bit = UINT64_C(1) << field;
            made.fields ^= bit;
            if ((ROWS[i].needs & bit) != 0) {
                breaks(
                    &made, field == CP_DATA_TIME ? RULE_DATATIME_MISSING : RULE_CP_FIELD_MISSING);
            } else if ((ROWS[i].may & bit) == 0) {
                breaks(&made, RULE_CP_FIELD_UNEXPECTED);
            }
        }
        for (size_t family = 0; family < FAMILY_COUNT; family++) {
            struct broken_frame made = whole(&ROWS[i]);
            if (((ROWS[i].items | ROWS[i].also) >> family & 1) == 0) {
                made.items |= UINT32_C(1) << family;
                breaks(&made, RULE_ITEM_UNEXPECTED);
            }
        }
        struct broken_frame made = whole(&ROWS[i]);
        if (ROWS[i].items != 0) {
            made.items = 0;
            breaks(&made, RULE_ITEMS_MISSING);
        }
        made = whole(&ROWS[i]);
        made.more = "Foo=1";
        breaks(&made, RULE_CP_NAME_UNKNOWN);
    }
}

static void test_content__values_are_of_their_type_and_in_their_range(void **unused)
{
    (void)unused;
    char value[32];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        for (int field = 0; field < CP_NONE; field++) {
            struct broken_frame made = whole(&ROWS[i]);
            const struct cp_form *form = cp_form_find((enum cp_field)field, ROWS[i].edition);
            bool own = edition_in(form->editions, ROWS[i].edition) && field != CP_DATA_TIME;
            if (!own || (made.fields >> field & 1) == 0) {
                continue;
            }
            made.changed = (enum cp_field)field;
            made.value = "";
            breaks(&made, RULE_CP_VALUE_FORM);
            made.value = "2026013200000000000000";
            breaks(&made, RULE_CP_VALUE_FORM);
            if (form->type == CP_NUMBER && form->most + 1 < 10 * form->most / 9) {
                snprintf(value, sizeof value, "%llu", (unsigned long long)form->most + 1);
                made.value = value;
                breaks(
                    &made, strlen(value) > form->size ? RULE_CP_VALUE_FORM : RULE_CP_VALUE_RANGE);
            }
            if ((form->type == CP_NUMBER || form->type == CP_DIVISOR) && form->least > 0) {
                made.value = "0";
                breaks(&made, RULE_CP_VALUE_RANGE);
            }
            if (form->type == CP_DIVISOR) {
                made.value = "7";
                breaks(&made, RULE_CP_VALUE_RANGE);
            }
            if (form->type == CP_CLOCK) {
                made.value = "236000";
                breaks(&made, RULE_CP_VALUE_FORM);
                made.value = "235960";
                breaks(&made, RULE_CP_VALUE_FORM);
            }
            if (form->type == CP_CODE) {
                made.value = "11";
                breaks(&made, RULE_RETURN_CODE_UNKNOWN);
            }
        }
    }
}

/* The tables of the return codes grew in 2017. */
static void test_content__return_codes_are_known_by_edition(void **unused)
{
    (void)unused;
    assert_true(return_code_known(CP_QN_RTN, 3, EDITION_2005));
    assert_false(return_code_known(CP_QN_RTN, 9, EDITION_2005));
    assert_true(return_code_known(CP_QN_RTN, 9, EDITION_2017));
    assert_true(return_code_known(CP_EXE_RTN, 100, EDITION_2005));
    assert_false(return_code_known(CP_EXE_RTN, 7, EDITION_2025));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content__rows_are_sorted_and_found),
        cmocka_unit_test(test_content__every_command_has_its_rows),
        cmocka_unit_test(test_content__what_a_row_asks_for_is_clean),
        cmocka_unit_test(test_content__what_is_missing_or_too_much_is_seen),
        cmocka_unit_test(test_content__values_are_of_their_type_and_in_their_range),
        cmocka_unit_test(test_content__return_codes_are_known_by_edition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
