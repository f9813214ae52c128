#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "sinks/redis_sink.h"
#include "tests/unit/check.h"

/* A real redis-server on a unix socket in a folder of its own, and a journal beside it. */
struct stage {
    char folder[64], socket[96], journal_folder[96];
    pid_t redis;
    struct journal *journal;
    redisContext *client;
    struct redis_sink *sink;
    uint32_t epoch;
    int64_t at_ms;
};

static const struct slice AREA = {(const uint8_t *)"140581", 6};

enum { PATIENCE_MS = 20000, START_MS = 1767225600 };

static void pause_briefly(void)
{
    poll(NULL, 0, 5);
}

static void start_redis(struct stage *stage)
{
    stage->redis = fork();
    if (stage->redis == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", stage->socket,
            "--save", "", "--appendonly", "no", "--dir", stage->folder, (char *)NULL);
        _exit(127);
    }
    assert_true(stage->redis > 0);
    int64_t until_ms = clock_mono().ms + PATIENCE_MS;
    for (;;) {
        stage->client = redisConnectUnix(stage->socket);
        if (stage->client != NULL && stage->client->err == 0) {
            return;
        }
        redisFree(stage->client);
        assert_true(clock_mono().ms < until_ms);
        pause_briefly();
    }
}

static void kill_redis(struct stage *stage)
{
    redisFree(stage->client);
    stage->client = NULL;
    kill(stage->redis, SIGKILL);
    waitpid(stage->redis, NULL, 0);
    stage->redis = 0;
}

static void open_journal(struct stage *stage)
{
    struct journal_options options = {
        .directory = stage->journal_folder,
        .segment_size = 1024 * 1024,
        .reserve_size = 1024 * 1024,
    };
    struct journal_recovery found;
    assert_int_equal(STATUS_OK, journal_open(&options, &stage->journal, &found));
    stage->epoch = found.epoch_highest + 1;
}

static void start_sink(struct stage *stage)
{
    struct redis_sink_options options = {
        .target = {.socket = stage->socket},
        .journal = stage->journal,
        .directory = stage->journal_folder,
        .area = AREA,
        .epoch = stage->epoch,
    };
    stage->sink = redis_sink_start(&options);
}

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    log_set_level(LOG_ERROR);
    snprintf(stage->folder, sizeof stage->folder, "/tmp/hjhub-redis-XXXXXX");
    assert_non_null(mkdtemp(stage->folder));
    snprintf(stage->socket, sizeof stage->socket, "%s/redis.sock", stage->folder);
    snprintf(stage->journal_folder, sizeof stage->journal_folder, "%s/journal", stage->folder);
    stage->at_ms = START_MS * INT64_C(1000);
    start_redis(stage);
    open_journal(stage);
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    char command[160];
    if (stage->sink != NULL) {
        redis_sink_stop(stage->sink);
    }
    if (stage->redis > 0) {
        kill_redis(stage);
    }
    journal_close(stage->journal);
    snprintf(command, sizeof command, "rm -rf '%s'", stage->folder);
    int removed = system(command);
    free(stage);
    return removed;
}

static void say(struct stage *stage, enum record_kind kind, const char *payload)
{
    uint64_t sequence;
    struct record record = {
        .kind = kind,
        .epoch = stage->epoch,
        .cause = 1,
        .index = 3,
        .wall = {stage->at_ms},
        .payload = slice_of(payload),
    };
    assert_int_equal(STATUS_OK, journal_append(stage->journal, STREAM_SAID, &record, &sequence));
}

static void commit(struct stage *stage)
{
    uint64_t sequence;
    struct record tick = {.kind = RECORD_TICK, .epoch = stage->epoch, .wall = {stage->at_ms}};
    struct record record = {.kind = RECORD_COMMIT, .epoch = stage->epoch, .wall = {stage->at_ms}};
    assert_int_equal(STATUS_OK, journal_append(stage->journal, STREAM_CAME, &tick, &sequence));
    assert_int_equal(STATUS_OK, journal_commit(stage->journal, &record));
    if (stage->sink != NULL) {
        redis_sink_wake(stage->sink);
    }
}

/* One transition of alarm `number`, one minute after the one before. */
static void say_transition(
    struct stage *stage, int number, const char *from, const char *to, const char *more)
{
    char payload[1200], at[RFC3339_SIZE + 1];
    event_time_write((struct event_time){stage->at_ms}, at);
    snprintf(payload, sizeof payload,
        "{\"specversion\":\"1.0\",\"id\":\"140581-1-3\",\"subject\":\"%032x\",\"data\":{"
        "\"at\":\"%s\",\"onset\":\"%s\",\"alarm\":\"%032x\",\"rule\":\"bypass-damper-open\","
        "\"subject\":\"L1\",\"from\":\"%s\",\"to\":\"%s\",\"severity\":\"S1\","
        "\"text\":{\"zh\":\"旁路\",\"en\":\"open\"},\"title\":{\"zh\":\"旁\",\"en\":\"b\"},"
        "\"enterprise\":{\"id\":\"E1\",\"name\":\"甲厂\"},\"mn\":\"M1\",\"transition\":1%s}}",
        (unsigned)number, at, at, (unsigned)number, from, to, more);
    say(stage, RECORD_TRANSITION, payload);
    stage->at_ms += MINUTE_MS;
}

static void raise_alarm(struct stage *stage, int number)
{
    say_transition(stage, number, "normal", "active-unack", "");
}

/* The reply of a command as an integer; -1 when it is none. */
static long long ask(struct stage *stage, const char *command)
{
    redisReply *reply = redisCommand(stage->client, command);
    assert_non_null(reply);
    long long value = reply->type == REDIS_REPLY_INTEGER  ? reply->integer
                      : reply->type == REDIS_REPLY_STRING ? atoll(reply->str)
                                                          : -1;
    freeReplyObject(reply);
    return value;
}

static void wait_until(struct stage *stage, const char *command, long long wanted)
{
    int64_t until_ms = clock_mono().ms + PATIENCE_MS;
    while (ask(stage, command) != wanted) {
        if (clock_mono().ms > until_ms) {
            assert_int_equal(wanted, ask(stage, command));
        }
        pause_briefly();
    }
}

static void write_file(const char *path, const char *words)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(words, file) >= 0);
    assert_int_equal(0, fclose(file));
}

static void wait_for_lag(struct stage *stage, uint64_t at_most)
{
    int64_t until_ms = clock_mono().ms + PATIENCE_MS;
    struct redis_sink_figures figures = redis_sink_figures(stage->sink);
    while (!figures.connected || figures.lag > at_most) {
        assert_true(clock_mono().ms < until_ms);
        pause_briefly();
        figures = redis_sink_figures(stage->sink);
    }
}

/* The whole hash or field as text, in a static buffer. */
static const char *text_of(struct stage *stage, const char *key, const char *field)
{
    static char space[2000];
    redisReply *reply = redisCommand(stage->client, "HGET %s %s", key, field);
    assert_non_null(reply);
    snprintf(space, sizeof space, "%s", reply->type == REDIS_REPLY_STRING ? reply->str : "(nil)");
    freeReplyObject(reply);
    return space;
}

static const char ALARM_7[] = "ems:{140581}:alarm:00000000000000000000000000000007";
static const char COUNT[] = "XLEN ems:{140581}:alarms:transitions";
#define VERIFY ",\"verify_by\":\"2026-01-01T10:01:00.000+08:00\""
static const char HELD[] = "ZCARD ems:{140581}:alarms:held";
static const char OPEN[] = "ZCARD ems:{140581}:alarms:open";

static void test_redis_sink__writes_an_alarm_from_raise_to_close(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    say_transition(stage, 7, "normal", "active-unack",
        ",\"acknowledge_by\":\"2026-01-01T08:15:00.000+08:00\"");
    commit(stage);
    wait_until(stage, COUNT, 1);
    assert_string_equal("active-unack", text_of(stage, ALARM_7, "state"));
    assert_string_equal("旁路", text_of(stage, ALARM_7, "text_zh"));
    assert_string_equal("甲厂", text_of(stage, ALARM_7, "enterprise_name"));
    assert_string_equal("2026-01-01T08:00:00.000+08:00", text_of(stage, ALARM_7, "raised_at"));
    assert_string_equal("2026-01-01T08:15:00.000+08:00", text_of(stage, ALARM_7, "deadline"));
    assert_int_equal((START_MS + 15 * 60) * 1000LL,
        ask(stage, "ZSCORE ems:{140581}:alarms:open 00000000000000000000000000000007"));
    say_transition(stage, 7, "active-unack", "active-ack", VERIFY ",\"by\":\"li\"");
    say_transition(
        stage, 7, "active-ack", "active-ack", VERIFY ",\"by\":\"li\",\"assignee\":\"wang\"");
    say_transition(stage, 7, "active-ack", "cleared-ack", VERIFY);
    commit(stage);
    wait_until(stage, COUNT, 4);
    assert_string_equal("cleared-ack", text_of(stage, ALARM_7, "state"));
    assert_string_equal("li", text_of(stage, ALARM_7, "acknowledged_by"));
    assert_string_equal("wang", text_of(stage, ALARM_7, "assignee"));
    assert_string_equal("2026-01-01T10:01:00.000+08:00", text_of(stage, ALARM_7, "deadline"));
    assert_string_equal("2026-01-01T08:03:00.000+08:00", text_of(stage, ALARM_7, "cleared_at"));
    say_transition(stage, 7, "cleared-ack", "closed", ",\"by\":\"li\",\"finding\":\"bypass\"");
    commit(stage);
    wait_until(stage, COUNT, 5);
    assert_string_equal("closed", text_of(stage, ALARM_7, "state"));
    assert_string_equal("bypass", text_of(stage, ALARM_7, "finding"));
    assert_int_equal(0, ask(stage, OPEN));
    char command[120];
    snprintf(command, sizeof command, "PEXPIRETIME %s", ALARM_7);
    assert_int_equal((START_MS + 4 * 60) * 1000LL + 400LL * DAY_MS, ask(stage, command));
}

static void test_redis_sink__what_is_held_back_is_no_work(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    raise_alarm(stage, 7);
    say_transition(stage, 7, "active-unack", "active-unack",
        ",\"held_back\":true,\"suppressed_by\":\"00000000000000000000000000000008\"");
    commit(stage);
    wait_until(stage, COUNT, 2);
    assert_int_equal(0, ask(stage, OPEN));
    assert_int_equal(1, ask(stage, HELD));
    assert_string_equal(
        "00000000000000000000000000000008", text_of(stage, ALARM_7, "suppressed_by"));
    say_transition(stage, 7, "active-unack", "active-unack", "");
    commit(stage);
    wait_until(stage, COUNT, 3);
    assert_int_equal(1, ask(stage, OPEN));
    assert_int_equal(0, ask(stage, HELD));
    assert_string_equal("", text_of(stage, ALARM_7, "suppressed_by"));
}

static void test_redis_sink__writes_nothing_before_its_commit(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    raise_alarm(stage, 1);
    commit(stage);
    wait_until(stage, COUNT, 1);
    raise_alarm(stage, 2);
    uint64_t batches = redis_sink_figures(stage->sink).batches;
    redis_sink_wake(stage->sink);
    while (redis_sink_figures(stage->sink).batches < batches + 2) {
        pause_briefly(); /* two probes went by */
    }
    assert_int_equal(1, ask(stage, COUNT));
    commit(stage);
    wait_until(stage, COUNT, 2);
}

static void test_redis_sink__fills_redis_again_after_flushall_without_traffic(void **state)
{
    struct stage *stage = *state;
    for (int i = 0; i < 1000; i++) {
        raise_alarm(stage, i);
    }
    commit(stage);
    start_sink(stage);
    wait_until(stage, COUNT, 1000);
    wait_for_lag(stage, 0);
    struct redis_sink_figures before = redis_sink_figures(stage->sink);
    redis_sink_health(stage->sink, slice_of("{\"received\":12,\"state\":\"well\",\"a\":[1]}"));
    wait_until(stage, "HGET ems:{140581}:hub received", 12);
    freeReplyObject(redisCommand(stage->client, "FLUSHALL"));
    wait_until(stage, COUNT, 1000);
    wait_until(stage, OPEN, 1000);
    wait_until(stage, "HGET ems:{140581}:hub received", 12);
    assert_string_equal("[1]", text_of(stage, "ems:{140581}:hub", "a"));
    assert_true(ask(stage, "TTL ems:{140581}:hub") > 30);
    assert_int_equal(before.rebuilds + 1, redis_sink_figures(stage->sink).rebuilds);
}

static void test_redis_sink__notices_a_flush_even_before_anything_was_said(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    redis_sink_health(stage->sink, slice_of("{\"received\":1}"));
    wait_until(stage, "HGET ems:{140581}:hub received", 1);
    freeReplyObject(redisCommand(stage->client, "FLUSHALL"));
    wait_until(stage, "HGET ems:{140581}:hub received", 1);
}

static void test_redis_sink__outlives_a_redis_that_is_killed_and_comes_back_empty(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    raise_alarm(stage, 1);
    commit(stage);
    wait_until(stage, COUNT, 1);
    kill_redis(stage);
    raise_alarm(stage, 2);
    commit(stage);
    while (redis_sink_figures(stage->sink).connected) {
        pause_briefly();
    }
    assert_true(redis_sink_figures(stage->sink).error[0] != '\0');
    assert_true(redis_sink_figures(stage->sink).lag > 0);
    start_redis(stage);
    wait_until(stage, COUNT, 2);
    wait_for_lag(stage, 0);
    assert_string_equal("", redis_sink_figures(stage->sink).error);
}

static void test_redis_sink__loads_its_script_again_where_it_was_flushed(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    raise_alarm(stage, 1);
    commit(stage);
    wait_until(stage, COUNT, 1);
    freeReplyObject(redisCommand(stage->client, "SCRIPT FLUSH"));
    raise_alarm(stage, 2);
    commit(stage);
    wait_until(stage, COUNT, 2);
    assert_int_equal(0, redis_sink_figures(stage->sink).failures);
}

static void test_redis_sink__a_repeat_is_success_and_changes_nothing(void **state)
{
    struct stage *stage = *state;
    for (int i = 0; i < 300; i++) {
        raise_alarm(stage, i);
    }
    commit(stage);
    start_sink(stage);
    wait_until(stage, COUNT, 300);
    wait_for_lag(stage, 0);
    /* As after a fail-over to a replica that has the entries and not yet the position. */
    freeReplyObject(redisCommand(stage->client, "HSET ems:{140581}:sink position 10"));
    uint64_t rebuilds = redis_sink_figures(stage->sink).rebuilds;
    while (redis_sink_figures(stage->sink).rebuilds == rebuilds) {
        pause_briefly();
    }
    raise_alarm(stage, 999);
    commit(stage);
    wait_until(stage, COUNT, 301);
    wait_until(stage, "HGET ems:{140581}:sink position",
        (long long)journal_committed(stage->journal, STREAM_SAID));
    assert_int_equal(0, redis_sink_figures(stage->sink).failures);
}

static void test_redis_sink__stops_where_a_higher_epoch_writes(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    raise_alarm(stage, 1);
    commit(stage);
    wait_until(stage, COUNT, 1);
    freeReplyObject(redisCommand(stage->client, "HSET ems:{140581}:sink epoch 99"));
    raise_alarm(stage, 2);
    commit(stage);
    while (!redis_sink_figures(stage->sink).taken_over) {
        pause_briefly();
    }
    assert_int_equal(1, ask(stage, COUNT));
    uint32_t epoch = 0;
    uint64_t position = 0;
    struct redis_target target = {.socket = stage->socket};
    assert_int_equal(STATUS_OK, redis_sink_peek(&target, AREA, &epoch, &position));
    assert_int_equal(99, epoch);
    assert_true(position > 0);
}

/* A hub that finds a retained birth raises its epoch while it runs. */
static void test_redis_sink__follows_the_epoch_of_the_records(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    raise_alarm(stage, 1);
    commit(stage);
    wait_until(stage, "HGET ems:{140581}:sink epoch", 1);
    stage->epoch = 4;
    raise_alarm(stage, 2);
    commit(stage);
    wait_until(stage, "HGET ems:{140581}:sink epoch", 4);
    wait_until(stage, COUNT, 2);
}

static void test_redis_sink__a_lost_journal_mixes_nothing(void **state)
{
    struct stage *stage = *state;
    char command[200];
    start_sink(stage);
    for (int i = 0; i < 5; i++) {
        raise_alarm(stage, i);
    }
    commit(stage);
    wait_until(stage, COUNT, 5);
    redis_sink_stop(stage->sink);
    stage->sink = NULL;
    journal_close(stage->journal);
    snprintf(command, sizeof command, "rm -rf '%s'", stage->journal_folder);
    assert_int_equal(0, system(command));
    open_journal(stage);
    uint64_t position;
    struct redis_target target = {.socket = stage->socket};
    assert_int_equal(STATUS_OK, redis_sink_peek(&target, AREA, &stage->epoch, &position));
    stage->epoch += 1;
    for (int i = 10; i < 30; i++) { /* further than the old one was: only the epoch tells */
        raise_alarm(stage, i);
    }
    commit(stage);
    start_sink(stage);
    wait_until(stage, COUNT, 20);
    wait_until(stage, OPEN, 20);
    assert_int_equal(5, ask(stage, "XLEN ems:{140581}:alarms:transitions:of-epoch-1"));
}

static void test_redis_sink__a_foreign_bookmark_without_transitions_is_no_obstacle(void **state)
{
    struct stage *stage = *state;
    freeReplyObject(redisCommand(stage->client, "HSET ems:{140581}:sink epoch 5 position 1000000"));
    stage->epoch = 6;
    raise_alarm(stage, 1);
    commit(stage);
    start_sink(stage);
    wait_until(stage, COUNT, 1);
    assert_int_equal(0, redis_sink_figures(stage->sink).failures);
}

static void test_redis_sink__a_refusal_is_said_and_tried_again(void **state)
{
    struct stage *stage = *state;
    freeReplyObject(redisCommand(stage->client, "SET ems:{140581}:alarms:transitions x"));
    start_sink(stage);
    raise_alarm(stage, 1);
    commit(stage);
    while (redis_sink_figures(stage->sink).failures == 0) {
        pause_briefly();
    }
    assert_non_null(strstr(redis_sink_figures(stage->sink).error, "WRONGTYPE"));
    freeReplyObject(redisCommand(stage->client, "DEL ems:{140581}:alarms:transitions"));
    wait_until(stage, COUNT, 1);
}

static void test_redis_sink__quarantine_is_bounded(void **state)
{
    struct stage *stage = *state;
    for (int i = 0; i < 12000; i++) {
        say(stage, RECORD_QUARANTINE,
            "{\"sequence\":5,\"rules\":[\"mn-unknown\"],\"excerpt\":\"##\\u0000\"}");
        if (i % 1000 == 0) {
            commit(stage);
        }
    }
    raise_alarm(stage, 1); /* the newest of all: when it is there, all before it was */
    commit(stage);
    start_sink(stage);
    wait_until(stage, COUNT, 1);
    long long kept = ask(stage, "XLEN ems:{140581}:quarantine");
    assert_true(kept >= 10000 && kept < 10200);
    assert_int_equal(0, redis_sink_figures(stage->sink).unreadable);
}

/* The rights that docs/redis.md gives the hub are enough, and it waits for the right password. */
static void test_redis_sink__logs_in_with_the_documented_rights(void **state)
{
    struct stage *stage = *state;
    char path[120];
    freeReplyObject(redisCommand(stage->client,
        "ACL SETUSER hub on >secret ~ems:{140581}:* +auth +evalsha +script|load +hmget +hset +zadd "
        "+zrem +xadd +expire +pexpireat +rename +del"));
    snprintf(path, sizeof path, "%s/password", stage->folder);
    write_file(path, "wrong\n");
    struct redis_sink_options options = {
        .target = {.socket = stage->socket, .user = "hub", .password_file = path},
        .journal = stage->journal,
        .directory = stage->journal_folder,
        .area = AREA,
        .epoch = stage->epoch,
    };
    stage->sink = redis_sink_start(&options);
    while (redis_sink_figures(stage->sink).failures == 0) {
        pause_briefly();
    }
    assert_non_null(strstr(redis_sink_figures(stage->sink).error, "WRONGPASS"));
    write_file(path, "secret\n");
    raise_alarm(stage, 1);
    say_transition(stage, 1, "cleared-ack", "closed", ",\"by\":\"li\"");
    say(stage, RECORD_QUARANTINE, "{\"sequence\":5}");
    commit(stage);
    redis_sink_health(stage->sink, slice_of("{\"received\":1}"));
    wait_until(stage, COUNT, 2);
    wait_until(stage, "XLEN ems:{140581}:quarantine", 1);
    wait_until(stage, "EXISTS ems:{140581}:hub", 1);
    redis_sink_stop(stage->sink); /* before its path goes */
    stage->sink = NULL;
}

static struct message *message_of(const char *value, int64_t at_ms)
{
    struct message *message = calloc(1, sizeof *message);
    assert_non_null(message);
    message->mn = slice_of("M1");
    message->cn = slice_of("2011");
    message->has_data_time = true;
    message->data_time.ms = at_ms;
    message->reading_count = 2;
    message->readings[0] = (struct reading){
        .factor = slice_of("a21026"),
        .field = slice_of("Rtd"),
        .text = slice_of(value),
        .flag = slice_of("N"),
        .has_value = true,
    };
    message->readings[1] = (struct reading){
        .factor = slice_of("a21002"), .field = slice_of("Rtd"), .text = slice_of("x")};
    return message;
}

static void offer(struct stage *stage, uint64_t said, const char *value, int64_t at_ms)
{
    struct message *message = message_of(value, at_ms);
    redis_sink_message(stage->sink, said, message, (struct event_time){at_ms + 500});
    free(message);
}

static void test_redis_sink__latest_values_wait_for_their_commit_and_never_go_back(void **state)
{
    static const char KEY[] = "ems:{140581}:device:M1";
    static const char VALUE[] = "HGET ems:{140581}:device:M1 a21026-Rtd";
    struct stage *stage = *state;
    start_sink(stage);
    commit(stage);
    wait_until(stage, "EXISTS ems:{140581}:sink", 1);
    offer(stage, journal_appended(stage->journal, STREAM_SAID) + 1, "35", stage->at_ms);
    uint64_t batches = redis_sink_figures(stage->sink).batches;
    while (redis_sink_figures(stage->sink).batches < batches + 2) {
        pause_briefly();
    }
    assert_int_equal(-1, ask(stage, VALUE));
    say(stage, RECORD_VERDICT, "0123");
    commit(stage);
    wait_until(stage, VALUE, 35);
    assert_string_equal("N", text_of(stage, KEY, "a21026-Rtd-Flag"));
    assert_string_equal("2026-01-01T08:00:00.000+08:00", text_of(stage, KEY, "time-2011"));
    assert_string_equal("2026-01-01T08:00:00.500+08:00", text_of(stage, KEY, "arrived"));
    assert_string_equal("(nil)", text_of(stage, KEY, "a21002-Rtd")); /* withheld */
    offer(stage, 1, "34", stage->at_ms - MINUTE_MS);                 /* late */
    offer(stage, 1, "36", stage->at_ms + MINUTE_MS);
    offer(stage, 1, "33", stage->at_ms);
    wait_until(stage, VALUE, 36);
    freeReplyObject(redisCommand(stage->client, "FLUSHALL"));
    wait_until(stage, VALUE, 36);
}

static void test_redis_sink__sends_all_devices_again_after_flushall(void **state)
{
    enum { DEVICES = 500 }; /* several batches of them */
    struct stage *stage = *state;
    start_sink(stage);
    struct message *message = message_of("1", stage->at_ms);
    for (int i = 0; i < DEVICES; i++) {
        char mn[16];
        snprintf(mn, sizeof mn, "M%d", i);
        message->mn = slice_of(mn);
        redis_sink_message(stage->sink, 0, message, (struct event_time){stage->at_ms});
    }
    free(message);
    wait_until(stage, "DBSIZE", DEVICES + 1); /* and the sink's own */
    freeReplyObject(redisCommand(stage->client, "FLUSHALL"));
    wait_until(stage, "DBSIZE", DEVICES + 1);
}

static void test_redis_sink__stop_writes_what_is_committed(void **state)
{
    struct stage *stage = *state;
    start_sink(stage);
    wait_until(stage, "EXISTS ems:{140581}:sink", 1);
    enum { ALARMS = 300 }; /* several batches; well within the two seconds that stop may take */
    for (int i = 0; i < ALARMS; i++) {
        raise_alarm(stage, i);
    }
    commit(stage);
    redis_sink_stop(stage->sink);
    stage->sink = NULL;
    assert_int_equal(ALARMS, ask(stage, COUNT));
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test_setup_teardown(
            test_redis_sink__writes_an_alarm_from_raise_to_close, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__what_is_held_back_is_no_work, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__writes_nothing_before_its_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__fills_redis_again_after_flushall_without_traffic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__notices_a_flush_even_before_anything_was_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__outlives_a_redis_that_is_killed_and_comes_back_empty, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__loads_its_script_again_where_it_was_flushed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__a_repeat_is_success_and_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__stops_where_a_higher_epoch_writes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__follows_the_epoch_of_the_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__a_lost_journal_mixes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__a_foreign_bookmark_without_transitions_is_no_obstacle, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__a_refusal_is_said_and_tried_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__logs_in_with_the_documented_rights, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_redis_sink__quarantine_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__latest_values_wait_for_their_commit_and_never_go_back, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__sends_all_devices_again_after_flushall, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_redis_sink__stop_writes_what_is_committed, set_up, tear_down),
    };
    alarm(300); /* whatever never comes is a failure */
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
