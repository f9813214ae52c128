#include <string.h>

#include "schemas/data_flags.h"
#include "schemas/hj212.h"
#include "tests/unit/check.h"

static const char *const CODES[] = {
#define FACTOR(code, editions, zh, en, unit, type, digits, decimals, clause, sureness) code,
#include "schemas/factors.def"
#undef FACTOR
};

static const int COMMANDS[] = {
#define COMMAND_ROW(cn, zh, en, direction, editions, answer, source) cn,
#include "schemas/commands.def"
#undef COMMAND_ROW
};

/* Every fact with the clause it stands in and how sure it is. */
static const struct fact {
    const char *what, *clause, *sureness;
} FACTS[] = {
#define EDITION(id, letter, version, name, title, in_force, clause, sureness)                      \
    {name, clause, sureness},
#include "schemas/editions.def"
#undef EDITION
#define FACTOR(code, editions, zh, en, unit, type, digits, decimals, clause, sureness)             \
    {code, clause, sureness},
#include "schemas/factors.def"
#undef FACTOR
#define HEADER_FIELD(id, name, member, missing, form)
#define HEADER_FACT(id, edition, presence, least, most, clause, sureness) {#id, clause, sureness},
#include "schemas/header_fields.def"
#undef HEADER_FIELD
#undef HEADER_FACT
#define PERIOD(cn, kind, seconds, clause, sureness) {#cn, clause, sureness},
#define RESEND(seconds, clause, sureness)           {"RF", clause, sureness},
#include "schemas/periods.def"
#undef PERIOD
#undef RESEND
#define ROLE(id, code, old_code, clause, sureness)                     {code, clause, sureness},
#define CONVERSION(oxygen, share, least, most, clause, sureness)       {#oxygen, clause, sureness},
#define SUM(total, part, weight, rest, share, least, clause, sureness) {#total, clause, sureness},
#include "schemas/relations.def"
#undef ROLE
#undef CONVERSION
#undef SUM
#define FACTOR_UNIT(id, name, least, most, clause, sureness) {#id, clause, sureness},
#include "schemas/factor_units.def"
#undef FACTOR_UNIT
#define SUFFIX(id, name, editions, kind, family, least, most, clause, sureness)                    \
    {name, clause, sureness},
#include "schemas/suffixes.def"
#undef SUFFIX
#define CONTENT(cn, edition, way, needs, may, items, also, clause, sureness)                       \
    {#cn, clause, sureness},
#include "schemas/cp_content.def"
#undef CONTENT
#define CP_NAME(id, name)
#define CP_FIELD(id, editions, type, size, least, most, clause, sureness) {#id, clause, sureness},
#include "schemas/cp_fields.def"
#undef CP_NAME
#undef CP_FIELD
#define RETURN_CODE(field, code, editions, zh, en, clause, sureness) {zh en, clause, sureness},
#include "schemas/return_codes.def"
#undef RETURN_CODE
#define RULE(id, name, consequence, clause, zh, en, source) {name, clause, source},
#include "schemas/rules.def"
#undef RULE
#define COMMAND_ROW(cn, zh, en, direction, editions, answer, source) {zh, en, source},
#include "schemas/commands.def"
#undef COMMAND_ROW
};

/* How sure each edition's having it is; "": it has not. */
static const char *const BY_EDITION[] = {
#define DATA_FLAG(letter, zh, en, usable, sure_2005, sure_2017, sure_2025)                         \
    sure_2005, sure_2017, sure_2025,
#include "schemas/data_flags.def"
#undef DATA_FLAG
#define ST_ROW(st, zh, en, sure_2005, sure_2017, sure_2025) sure_2005, sure_2017, sure_2025,
#include "schemas/systems.def"
#undef ST_ROW
};

static bool is_sureness(const char *word)
{
    static const char *const SURE[] = {
        "standard text", "quoted", "implementations agree", "single source", "inferred", "house"};
    size_t i = 0;
    while (i < sizeof SURE / sizeof SURE[0] && strcmp(word, SURE[i]) != 0) {
        i += 1;
    }
    return i < sizeof SURE / sizeof SURE[0];
}

static void test_hj212_tables__every_fact_says_where_from_and_how_sure(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof FACTS / sizeof FACTS[0]; i++) {
        if (!is_sureness(FACTS[i].sureness) || FACTS[i].clause[0] == '\0') {
            fail_msg("%s: \"%s\", \"%s\"", FACTS[i].what, FACTS[i].clause, FACTS[i].sureness);
        }
    }
    for (size_t i = 0; i < sizeof BY_EDITION / sizeof BY_EDITION[0]; i++) {
        assert_true(BY_EDITION[i][0] == '\0' || is_sureness(BY_EDITION[i]));
    }
}

/* Old codes are of 2005; what 2025 gives other digits has a row for each. */
static void test_hj212_tables__a_row_is_found_by_edition(void **unused)
{
    (void)unused;
    assert_int_equal(5, factor_find_in(slice_of("a21002"), EDITION_2017)->digits);
    assert_int_equal(5, factor_find_in(slice_of("a21002"), EDITION_UNKNOWN)->digits);
    assert_int_equal(4, factor_find_in(slice_of("a21002"), EDITION_2025)->digits);
    assert_int_equal(UNIT_MG_PER_L, factor_find_in(slice_of("011"), EDITION_2005)->unit);
    assert_int_equal(SUFFIX_RS_2005, suffix_find(slice_of("RS"), EDITION_2005)->id);
    assert_int_equal(SUFFIX_RS, suffix_find(slice_of("RS"), EDITION_2025)->id);
    assert_int_equal(SUFFIX_RAW_AVG, suffix_find(slice_of("RawAvg"), EDITION_2005)->id);
    assert_int_equal(EDITION_2025, edition_of_version(2));
    assert_int_equal(EDITION_UNKNOWN, edition_of_version(3));
}

static void test_hj212_tables__systems_are_known_by_edition(void **unused)
{
    (void)unused;
    static const struct {
        int st;
        bool known, old, middle, new;
    } ROWS[] = {{31, true, true, true, true}, {44, true, false, false, true},
        {51, true, false, true, false}, {43, false, false, false, false},
        {-1, false, false, false, false}, {100, false, false, false, false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(ROWS[i].known, system_known(ROWS[i].st));
        assert_int_equal(ROWS[i].old, system_in_edition(ROWS[i].st, EDITION_2005));
        assert_int_equal(ROWS[i].middle, system_in_edition(ROWS[i].st, EDITION_2017));
        assert_int_equal(ROWS[i].middle, system_in_edition(ROWS[i].st, EDITION_UNKNOWN));
        assert_int_equal(ROWS[i].new, system_in_edition(ROWS[i].st, EDITION_2025));
    }
}

/* The look-ups search by halves. */
static void test_hj212_tables__are_sorted_and_every_row_is_found(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof CODES / sizeof CODES[0]; i++) {
        assert_true(i == 0 || strcmp(CODES[i - 1], CODES[i]) <= 0);
        assert_non_null(factor_find(slice_of(CODES[i])));
        assert_string_equal(CODES[i], factor_find(slice_of(CODES[i]))->code);
    }
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++) {
        assert_true(i == 0 || COMMANDS[i - 1] < COMMANDS[i]);
        assert_non_null(command_find(COMMANDS[i]));
        assert_int_equal(COMMANDS[i], command_find(COMMANDS[i])->cn);
    }
}

static void test_hj212_tables__do_not_know_what_does_not_stand_in_them(void **unused)
{
    (void)unused;
    static const char *const UNKNOWN[] = {"", "0", "a2102", "a210260", "a99999", "zzzzzz"};
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof UNKNOWN[0]; i++) {
        assert_null(factor_find(slice_of(UNKNOWN[i])));
    }
    assert_null(suffix_find(slice_of("rtd"), EDITION_2017));
    assert_null(command_find(-1));
    assert_null(command_find(2010));
    assert_null(command_find(9999));
    assert_null(command_find(10000));
}

static void test_hj212_tables__commands_know_their_edition_and_answer(void **unused)
{
    (void)unused;
    static const struct {
        int cn, answer;
        bool old, middle, new;
    } ROWS[] = {
        {2011, 9014, true, true, true},
        {2081, 9014, false, true, true},
        {2072, 9014, true, false, false},
        {1013, 9013, false, true, true},
        {9015, 9013, false, false, true},
        {3022, 0, false, false, true},
        {9014, 0, true, true, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct command_row *row = command_find(ROWS[i].cn);
        assert_int_equal(ROWS[i].answer, row->answer);
        assert_int_equal(ROWS[i].answer, command_answer(ROWS[i].cn));
        assert_int_equal(ROWS[i].old, command_in_edition(row, EDITION_2005));
        assert_int_equal(ROWS[i].middle, command_in_edition(row, EDITION_2017));
        assert_int_equal(ROWS[i].new, command_in_edition(row, EDITION_2025));
    }
}

/* Makers' own commands, by their range. */
static void test_hj212_tables__what_is_not_known_is_answered_too(void **unused)
{
    (void)unused;
    static const struct {
        int cn, answer;
    } ROWS[] = {{-1, 0}, {999, 0}, {1099, 9013}, {2063, 9014}, {3032, 9014}, {9021, 9013}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(ROWS[i].answer, command_answer(ROWS[i].cn));
    }
}

static void test_hj212_tables__rules_of_validity_have_names_of_their_own(void **unused)
{
    (void)unused;
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        const struct validity_rule_row *row = validity_rule((enum validity_rule)id);
        assert_int_equal(
            strlen(row->name), strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789-"));
        assert_true(row->clause[0] != '\0' && row->zh[0] != '\0' && row->en[0] != '\0');
        for (unsigned other = 0; other < id; other++) {
            assert_string_not_equal(validity_rule((enum validity_rule)other)->name, row->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hj212_tables__every_fact_says_where_from_and_how_sure),
        cmocka_unit_test(test_hj212_tables__a_row_is_found_by_edition),
        cmocka_unit_test(test_hj212_tables__systems_are_known_by_edition),
        cmocka_unit_test(test_hj212_tables__are_sorted_and_every_row_is_found),
        cmocka_unit_test(test_hj212_tables__do_not_know_what_does_not_stand_in_them),
        cmocka_unit_test(test_hj212_tables__commands_know_their_edition_and_answer),
        cmocka_unit_test(test_hj212_tables__what_is_not_known_is_answered_too),
        cmocka_unit_test(test_hj212_tables__rules_of_validity_have_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
