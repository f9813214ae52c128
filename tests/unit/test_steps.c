/* The work for a payload is bounded by its size: what cuts, reads and judges is built for this test so that it counts
 * the stretches of code that it walks through (tests/CMakeLists.txt). */
#include "tests/unit/check.h"
#include "tests/unit/hj212_make.h"
#include "validators/decode.h"

enum { STEPS_A_PAYLOAD = 20000, STEPS_A_BYTE = 150, PAYLOAD_SIZE_MAX = 64 * 1024 };

#define HEAD "QN=20260101000000001;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&"

static uint64_t steps;
static struct decoder decoder;
static char payload[PAYLOAD_SIZE_MAX];

void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
    steps += 1;
}

static uint64_t steps_of(size_t size)
{
    struct decode_context context = {.direction = DIRECTION_UP};
    uint8_t *copy = exact_copy(payload, size);
    steps = 0;
    decoder_begin(&decoder, &context, slice_from(copy, size));
    while (decoder_next(&decoder)) {
        continue;
    }
    free(copy);
    return steps;
}

static size_t repeated(char *to, size_t size, const char *text)
{
    for (size_t i = 0; i < size; i++) {
        to[i] = text[i % strlen(text)];
    }
    return size;
}

/* A whole frame of a segment that begins with the header and then says one thing over and over. */
static size_t frame_of(size_t size, const char *text)
{
    char segment[9999 + 1] = HEAD;
    size_t head = strlen(segment);
    repeated(segment + head, size - head - 2, text);
    memcpy(segment + size - 2, "&&", 3);
    return frame_append(payload, 0, segment);
}

static void assert_bounded(const char *text, size_t size)
{
    uint64_t counted = steps_of(size);
    if (counted > STEPS_A_PAYLOAD + STEPS_A_BYTE * size) {
        print_error("%s: %zu bytes took %llu steps\n", text, size, (unsigned long long)counted);
        fail();
    }
}

static void test_steps__are_bounded_by_the_bytes_of_a_frame(void **unused)
{
    (void)unused;
    static const char *const TEXTS[] = {"a21026-Rtd=1,a21026-Flag=N;", "a21026-Flag=N;",
        "a21026-Rtd=1;", "a21026-x=1,", "a-b=1;c-Flag=N;", "a-b=1;a-Flag=N;a-Flag=N;", "x=1;",
        "ab=1,", ",", ";", "=", "-", " ", "&", "&&", "=//", "=//;", "a=//b//c;", "CP=", ";CP=&",
        "QN=1;", "9", "a-b=9999999999;", "\xE6\xB2\xB9", "##", "##0010",
        "a-Rtd=1;b-Rtd=1;c-Flag=N;b-Flag=N;", "a34013-Rtd=9,a21026-Rtd=9;"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        for (size_t size = 1000; size <= 9999; size += 2999) {
            assert_bounded(TEXTS[i], frame_of(size, TEXTS[i]));
        }
    }
}

static void test_steps__are_bounded_by_the_bytes_of_a_payload(void **unused)
{
    (void)unused;
    static const char *const TEXTS[] = {"#", "##", "##0000", "##9999", "##0010QN=1;ST=31",
        "##0020QN=1ABCD##0010QN=", "##0100QN=", "##0000FFFF\r\n", "##0006CP=&&&&0000", "\r\n", " ",
        "CP=&&", "##0004QN=1ABCD", "##1000##1000"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        for (size_t size = 1024; size <= PAYLOAD_SIZE_MAX; size *= 4) {
            assert_bounded(TEXTS[i], repeated(payload, size, TEXTS[i]));
        }
    }
}

/* So that a count of nothing is seen: it grows with the bytes. */
static void test_steps__are_counted(void **unused)
{
    (void)unused;
    uint64_t few = steps_of(frame_of(1000, "a21026-Rtd=1,a21026-Flag=N;"));
    uint64_t many = steps_of(frame_of(8000, "a21026-Rtd=1,a21026-Flag=N;"));
    assert_true(few > 1000 && many > 2 * few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps__are_counted),
        cmocka_unit_test(test_steps__are_bounded_by_the_bytes_of_a_frame),
        cmocka_unit_test(test_steps__are_bounded_by_the_bytes_of_a_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
