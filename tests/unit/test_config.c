#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker-bridge/config_rows.h"

struct loaded {
    char folder[64], path[96];
    struct config *config;
    struct report report;
    enum status status;
};

static void load(struct loaded *loaded, const char *yaml)
{
    memset(loaded, 0, sizeof *loaded);
    strcpy(loaded->folder, "/tmp/hjhub-config-XXXXXX");
    assert_non_null(mkdtemp(loaded->folder));
    snprintf(loaded->path, sizeof loaded->path, "%s/hub.yaml", loaded->folder);
    FILE *file = fopen(loaded->path, "w");
    assert_non_null(file);
    fputs(yaml, file);
    fclose(file);
    loaded->status = config_load(loaded->path, &loaded->config, &loaded->report);
}

static void unload(struct loaded *loaded)
{
    config_free(loaded->config);
    report_free(&loaded->report);
    unlink(loaded->path);
    rmdir(loaded->folder);
}

/* Exactly one finding, on that line, with those words in it. */
static void refuses(const char *yaml, uint32_t line, const char *words)
{
    struct loaded loaded;
    load(&loaded, yaml);
    char said[600] = "";
    if (loaded.report.count > 0) {
        struct slice sentence = loaded.report.findings[0].words;
        snprintf(said, sizeof said, "%.*s", (int)sentence.size, (const char *)sentence.ptr);
    }
    if (loaded.report.count != 1 || strstr(said, words) == NULL) {
        fail_msg("%zu findings for:\n%s\nthe first: %s", loaded.report.count, yaml, said);
    }
    assert_int_equal(loaded.status, STATUS_INVALID);
    assert_int_equal(loaded.report.findings[0].line, line);
    assert_true(slice_is(loaded.report.findings[0].file, loaded.path));
    unload(&loaded);
}

static void test_config__fills_in_defaults_with_the_area(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, "area: 140581\n");
    assert_int_equal(loaded.status, STATUS_OK);
    const struct config *config = loaded.config;
    assert_string_equal(config->area, "140581");
    assert_string_equal(config->registry, "/etc/hjhub/140581/registry");
    assert_string_equal(config->control, "/run/hjhub/140581.sock");
    assert_string_equal(config->broker.url, "mqtt://127.0.0.1:1883");
    assert_string_equal(config->broker.client_id, "hub-140581");
    assert_null(config->broker.password_file);
    assert_int_equal(config->broker.receive_maximum, 1000);
    assert_int_equal(config->redis.port, 6379);
    assert_string_equal(config->journal.directory, "/var/lib/hjhub/140581/journal");
    assert_int_equal(config->journal.segment_size, 64 * 1024 * 1024);
    assert_int_equal(config->journal.retention_days, 1827);
    assert_string_equal(config->journal.digest, "sha256");
    assert_int_equal(config->http.port, 0);
    unload(&loaded);
}

static void test_config__takes_what_the_file_says(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, "broker: {url: 'mqtts://[::1]:8883', ca_file: ca.pem, receive_maximum: 20}\n"
                  "journal:\n"
                  "  segment_size: 1 MiB\n"
                  "  reserve_size: 2MiB\n"
                  "  digest: sm3\n"
                  "redis:\n"
                  "  socket: /run/redis/redis.sock\n"
                  "area: 140581000000\n");
    assert_int_equal(loaded.status, STATUS_OK);
    const struct config *config = loaded.config;
    char expected[128];
    snprintf(expected, sizeof expected, "%s/ca.pem", loaded.folder);
    assert_string_equal(config->area, "140581000000");
    assert_string_equal(config->broker.ca_file, expected);
    assert_string_equal(config->broker.user, "hub-140581000000");
    assert_int_equal(config->broker.receive_maximum, 20);
    assert_int_equal(config->journal.segment_size, 1048576);
    assert_int_equal(config->journal.reserve_size, 2097152);
    assert_string_equal(config->redis.socket, "/run/redis/redis.sock");
    unload(&loaded);
}

static void test_config__refuses_with_line_and_what_to_do(void **state)
{
    (void)state;
    refuses("", 1, "begin with 'area: 140581'");
    refuses("- area\n", 1, "holds no configuration");
    refuses("log_level: info\n", 0, "area: is missing");
    refuses("area: 14058\n", 1, "6 to 12 digits");
    refuses("area: 140581\narea: 140581\n", 2, "a second time");
    refuses("area: 140581\nbrokers: {}\n", 2, "\"brokers\": no such key; the top knows area");
    refuses("area: 140581\nredis:\n  prot: 1\n", 3,
        "\"prot\": no such key; redis knows host port socket user password_file");
    refuses("area: 140581\nredis:\n  port: 0\n", 3, "port: give a whole number from 1 to 65535");
    refuses("area: 140581\nredis:\n  port: 1e3\n", 3, "port: give a whole number");
    refuses("area: 140581\nredis:\n  port: [6379]\n", 3, "takes one value");
    refuses("area: 140581\nredis: localhost\n", 2, "redis: is a table");
    refuses("area: 140581\njournal:\n  segment_size: 99999 GiB\n", 3, "KiB, MiB or GiB");
    refuses("area: 140581\njournal:\n  digest: md5\n", 3, "sha256 or sm3");
    refuses("area: 140581\njournal:\n  reserve_size: 32 MiB\n", 3, "give at least 65536000");
    refuses("area: 140581\nbroker:\n  receive_maximum: 2000\n", 0, "give at least 131072000");
    refuses("area: 140581\nbroker:\n  url: tcp://h:1\n", 3, "mqtt://HOST:PORT");
    refuses("area: 140581\nbroker:\n  url: mqtt://user:pw@h\n", 3, "the user has keys of its own");
    refuses("area: 140581\nbroker:\n  url: mqtt://user@h\n", 3, "mqtt://HOST:PORT");
    refuses("area: 140581\nbroker:\n  url: mqtt://h:99999\n", 3, "mqtt://HOST:PORT");
    refuses("area: 140581\nbroker:\n  ca_file: a\n", 3, "mqtts:// only");
    refuses("area: 140581\nbroker:\n  url: mqtts://h\n  key_file: a\n", 4, "certificate_file");
    refuses("area: 140581\nhttp:\n  address: localhost\n", 3, "a numeric address");
    refuses("area: 140581\nlog_level: loud\n", 2, "debug, info, warn and error");
    refuses("area: 140581\nlog_level: ''\n", 2, "is empty");
    refuses("area: 140581\n  bad: [\n", 2, "not YAML");
    refuses("area: 140581\n---\narea: 140582\n", 3, "a second document");
    refuses("area: 140581\n\"redis\\0x\": {}\n", 2, "a key is one word");
    refuses("? [area]\n: 140581\n", 1, "a key is one word");
    refuses("area: 140581\n<<: {log_level: info}\n", 2, "\"<<\": no such key");
}

static void test_config__reports_every_finding_at_once(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, "arae: 140581\nredis:\n  port: x\njournal:\n  checkpoint_s: 0\n");
    assert_int_equal(loaded.status, STATUS_INVALID);
    assert_int_equal(loaded.report.count, 3);
    unload(&loaded);
}

static void test_config__says_when_there_is_no_file(void **state)
{
    (void)state;
    struct report report = {0};
    struct config *config = NULL;
    assert_int_equal(config_load("/nonexistent/hub.yaml", &config, &report), STATUS_ABSENT);
    assert_int_equal(report.count, 1);
    assert_null(config);
    report_free(&report);
}

static void test_config__prints_what_reads_back_the_same(void **state)
{
    (void)state;
    struct loaded first, second;
    char *printed = NULL, *again = NULL;
    size_t size = 0;
    load(&first, "area: 140581\nbroker:\n  user: '00123 # \"x\"'\nhttp:\n  port: 9142\n");
    assert_int_equal(first.status, STATUS_OK);
    FILE *out = open_memstream(&printed, &size);
    config_print(first.config, out);
    fclose(out);
    load(&second, printed);
    assert_int_equal(second.status, STATUS_OK);
    assert_string_equal(second.config->broker.user, "00123 # \"x\"");
    out = open_memstream(&again, &size);
    config_print(second.config, out);
    fclose(out);
    assert_string_equal(printed, again);
    free(printed);
    free(again);
    unload(&first);
    unload(&second);
}

/* "  #key: value" -> "  key: value"; comments in prose keep their '#'. TLS, so that all keys can hold. */
static void uncomment(char *line, size_t size)
{
    char *mark = strchr(line, '#');
    if (mark != NULL && mark[1] >= 'a' && mark[1] <= 'z') {
        memmove(mark, mark + 1, strlen(mark));
    }
    if (strstr(line, "url: mqtt://") != NULL) {
        snprintf(line, size, "  url: mqtts://127.0.0.1\n");
    }
}

static char *example(bool uncommented)
{
    char line[300], *whole = NULL;
    size_t size = 0;
    FILE *file = fopen(SOURCE_DIR "/deploy/hjhub.yaml", "r");
    assert_non_null(file);
    FILE *out = open_memstream(&whole, &size);
    while (fgets(line, sizeof line, file) != NULL) {
        if (uncommented) {
            uncomment(line, sizeof line);
        }
        fputs(line, out);
    }
    fclose(file);
    fclose(out);
    return whole;
}

static void shows(const char *yaml, const struct config *config, const struct config *defaults,
    const struct config_row *row)
{
    char key[64];
    snprintf(key, sizeof key, "%s%s: ", row->section[0] == '\0' ? "\n" : "\n  ", row->key);
    if (strstr(yaml, key) == NULL) {
        fail_msg("deploy/hjhub.yaml does not show %s", row->key);
    }
    if (strcmp(row->key, "url") == 0 || strcmp(row->section, "http") == 0) {
        return; /* chosen for the example */
    }
    if (!config_is_text(row)) {
        assert_int_equal(config_number(config, row), row->number);
    } else if (row->initial != NULL) {
        assert_string_equal(config_text(config, row), config_text(defaults, row));
    }
}

static void test_config__the_example_shows_every_key_and_its_default(void **state)
{
    (void)state;
    struct loaded plain, shown, defaults;
    char *plain_yaml = example(false), *shown_yaml = example(true);
    load(&plain, plain_yaml);
    load(&shown, shown_yaml);
    load(&defaults, "area: 140581\n");
    assert_int_equal(plain.status, STATUS_OK);
    assert_int_equal(shown.status, STATUS_OK);
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        shows(shown_yaml, shown.config, defaults.config, &CONFIG_ROWS[i]);
    }
    free(plain_yaml);
    free(shown_yaml);
    unload(&plain);
    unload(&shown);
    unload(&defaults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config__fills_in_defaults_with_the_area),
        cmocka_unit_test(test_config__takes_what_the_file_says),
        cmocka_unit_test(test_config__refuses_with_line_and_what_to_do),
        cmocka_unit_test(test_config__reports_every_finding_at_once),
        cmocka_unit_test(test_config__says_when_there_is_no_file),
        cmocka_unit_test(test_config__prints_what_reads_back_the_same),
        cmocka_unit_test(test_config__the_example_shows_every_key_and_its_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
