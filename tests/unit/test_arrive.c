#include <MQTTAsync.h>
#include <sys/eventfd.h>

#include "broker-bridge/hub_state.h"
#include "broker-bridge/session_state.h"
#include "tests/unit/journal_make.h"
#include "tests/unit/no_malloc.h"

static void *paho_copy(const void *bytes, size_t size)
{
    void *copy = MQTTAsync_malloc(size);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    return copy;
}

/* A message as Paho hands it over; the callback frees it and the topic. */
static void hand_over(struct session *session, const char *topic, const void *payload, size_t size)
{
    MQTTAsync_message made = MQTTAsync_message_initializer;
    MQTTProperty correlation = {.identifier = MQTTPROPERTY_CODE_CORRELATION_DATA};
    correlation.value.data.data = (char *)(uintptr_t) "c-1";
    correlation.value.data.len = 3;
    made.payload = paho_copy(payload, size);
    made.payloadlen = (int)size;
    made.qos = 1;
    assert_int_equal(0, MQTTProperties_add(&made.properties, &correlation));
    MQTTAsync_message *message = paho_copy(&made, sizeof made);
    char *name = paho_copy(topic, strlen(topic) + 1);
    forbidden = true;
    int taken = session_arrived(session, name, 0, message);
    forbidden = false;
    assert_int_equal(1, taken);
}

/* From Paho's callback to the record that is complete in the mapped segment, over many segments. */
static void test_arrive__the_message_callback_allocates_nothing(void **unused)
{
    (void)unused;
    enum { MESSAGES = 100, SIZE = 1000 };
    static const char TOPIC[] = "ems/v1/140581/010000A8900016F000169DC1/up/hj212";
    struct journal_recovery found;
    struct hub *hub = calloc(1, sizeof *hub);
    struct session *session = calloc(1, sizeof *session);
    uint8_t payload[SIZE];
    assert_non_null(hub);
    assert_non_null(session);
    hub->journal = open_at(folder, &found);
    hub->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    session->handlers = (struct session_handlers){hub, hub_arrived, hub_published, hub->wake_fd};
    snprintf(session->open_prefix, sizeof session->open_prefix, "ems/v1/140581/alarm/open/");
    memset(payload, 'p', sizeof payload);
    assert_int_equal(MQTTASYNC_SUCCESS, /* only with a client does Paho's own heap give back */
        MQTTAsync_create(
            &session->client, "tcp://127.0.0.1:1", "test", MQTTCLIENT_PERSISTENCE_NONE, NULL));
    allocations = 0;
    for (int i = 0; i < MESSAGES; i++) {
        hand_over(session, TOPIC, payload, sizeof payload);
        commit(hub->journal); /* makes the next segments ready, on another thread than this one */
    }
    assert_int_equal(0, allocations);

    struct journal_reader *reader;
    struct record record;
    assert_int_equal(STATUS_OK, journal_reader_open(folder, STREAM_CAME, 1, &reader));
    for (int i = 0; i < MESSAGES; i++) {
        assert_int_equal(STATUS_OK, journal_reader_next(reader, &record));
        assert_int_equal(SIZE, record.payload.size);
        assert_true(slice_is(record.topic, TOPIC) && slice_is(record.correlation, "c-1"));
    }
    assert_true(journal_reader_segment(reader) > 5);
    journal_reader_close(reader);
    journal_close(hub->journal);
    MQTTAsync_destroy(&session->client);
    close(hub->wake_fd);
    free(session);
    free(hub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_arrive__the_message_callback_allocates_nothing, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
