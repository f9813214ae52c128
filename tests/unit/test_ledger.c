#include <stdio.h>
#include <string.h>

#include "broker-bridge/ledger.h"
#include "tests/unit/check.h"

static struct slice id(char space[static ALARM_ID_SIZE + 1], unsigned number)
{
    snprintf(space, ALARM_ID_SIZE + 1, "%032x", number * 2654435761U);
    return slice_from(space, ALARM_ID_SIZE);
}

static void test_ledger__follows_each_alarm_from_raise_to_close(void **unused)
{
    (void)unused;
    static const struct {
        unsigned alarm;
        bool open;
        uint64_t said, first, last; /* of this alarm afterwards; 0: it is not there */
        uint64_t first_of_all;
    } ROWS[] = {
        {1, true, 10, 10, 10, 10},
        {2, true, 12, 12, 12, 10},
        {1, true, 15, 10, 15, 10},
        {3, false, 16, 0, 0, 10}, /* closed, and never heard of */
        {1, false, 17, 0, 0, 12},
        {1, true, 20, 20, 20, 12},
        {2, false, 21, 0, 0, 20},
        {1, false, 22, 0, 0, UINT64_MAX},
    };
    struct ledger ledger = {0};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char space[ALARM_ID_SIZE + 1];
        struct slice alarm = id(space, ROWS[i].alarm);
        ledger_note(&ledger, alarm, ROWS[i].open, ROWS[i].said);
        const struct ledger_entry *entry = ledger_find(&ledger, alarm);
        assert_int_equal(ROWS[i].first, entry == NULL ? 0 : entry->first);
        assert_int_equal(ROWS[i].last, entry == NULL ? 0 : entry->last);
        assert_int_equal(ROWS[i].first_of_all, ledger_first(&ledger));
    }
    ledger_free(&ledger);
}

static void test_ledger__comes_back_from_its_bytes(void **unused)
{
    (void)unused;
    enum { ALARMS = 500 };
    struct ledger ledger = {0}, back = {0};
    char space[ALARM_ID_SIZE + 1];
    for (unsigned i = 0; i < ALARMS; i++) {
        ledger_note(&ledger, id(space, i), true, i + 1);
    }
    for (unsigned i = 0; i < ALARMS; i += 2) {
        ledger_note(&ledger, id(space, i), false, ALARMS + i);
    }
    assert_true(ledger_restore(&back, ledger_bytes(&ledger)));
    for (unsigned i = 0; i < ALARMS; i++) {
        const struct ledger_entry *entry = ledger_find(&back, id(space, i));
        assert_int_equal(i % 2 == 0 ? 0 : i + 1, entry == NULL ? 0 : entry->last);
    }
    assert_false(ledger_restore(&back, slice_head(ledger_bytes(&ledger), 7)));
    assert_true(ledger_restore(&back, (struct slice){0}));
    assert_int_equal(0, back.count);
    ledger_free(&back);
    ledger_free(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger__follows_each_alarm_from_raise_to_close),
        cmocka_unit_test(test_ledger__comes_back_from_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
