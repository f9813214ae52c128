#include <openssl/crypto.h>

#include "tests/unit/check.h"
#include "tests/unit/hj212_make.h"
#include "validators/decode.h"
#include "validators/hj212_seal.h"

#define MN "010000A8900016F000169DC0"
#define SEGMENT_OF(cn, flag, content)                                                              \
    "QN=20240520210700000;ST=31;CN=" cn ";PW=123456;MN=" MN ";Flag=" flag ";CP=&&" content "&&"

/* HJ 212-2025 App. A.2, second example, as quoted: nine blocks and a rest of three bytes. */
#define MINUTE                                                                                     \
    "DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Max=1.35,a01011-Flag=N;"       \
    "a01014-Min=3.20,a01014-Avg=3.20,a01014-Max=3.20,a01014-Flag=N"
#define ZEROS "mn,key_id,key,from,until\n" MN ",k1,0000000000000000,2024-05-01,\n"

static struct decoder decoder;
static struct decode_context context;
static struct keyring *keyring;
static char bytes[FRAME_SIZE_MAX];

static void load(const char *text)
{
    struct report report = {0};
    keyring_free(keyring);
    keyring = NULL;
    assert_int_equal(
        STATUS_OK, keyring_parse(slice_of(text), slice_of("keys.csv"), &keyring, &report));
    context = (struct decode_context){.keys = keyring};
}

static int setup(void **unused)
{
    (void)unused;
    load(ZEROS);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    keyring_free(keyring);
    keyring = NULL;
    return 0;
}

static char *inside(void)
{
    return strstr(bytes, "CP=&&") + 5;
}

/* The frame of a segment with the full blocks of its CP encrypted; its size. */
static size_t seal_with(const char *key, const char *segment)
{
    size_t size = frame_append(bytes, 0, segment);
    char *cp = inside();
    size_t blocks = (size_t)(bytes + size - cp - 8) / SM4_BLOCK_SIZE * SM4_BLOCK_SIZE;
    sm4_encrypt((const uint8_t *)key, slice_from(cp, blocks), (uint8_t *)cp);
    return size;
}

static size_t seal(const char *segment)
{
    return seal_with("0000000000000000", segment);
}

/* Its cipher as the standard prints it. */
static size_t print_cipher(size_t size, size_t blocks)
{
    static char made[FRAME_SIZE_MAX];
    size_t at = (size_t)(inside() - bytes), out = at;
    memcpy(made, bytes, at);
    for (size_t i = 0; i < blocks; i++) {
        out += (size_t)snprintf(made + out, sizeof made - out, "%s0x%02X", i == 0 ? "{" : ",",
            (unsigned char)bytes[at + i]);
    }
    made[out++] = '}';
    memcpy(made + out, bytes + at + blocks, size - at - blocks);
    out += size - at - blocks;
    memcpy(bytes, made, out);
    return out;
}

static const struct message *judge(size_t size)
{
    decoder_begin(&decoder, &context, slice_from(bytes, size));
    assert_true(decoder_next(&decoder));
    return &decoder.message;
}

static bool broke(enum validity_rule rule)
{
    return rule_set_has(&decoder.message.verdict.broken, rule);
}

static void test_cipher__the_example_of_the_standard_decrypts_in_both_forms(void **unused)
{
    (void)unused;
    static const uint8_t PRINTED[] = {0xE4, 0x3E, 0x15, 0x9A, 0xCF, 0xAB, 0x24, 0x2C, 0xB5};
    size_t size = seal(SEGMENT_OF("2051", "9", MINUTE));
    assert_memory_equal("##0234", bytes, 6);
    assert_memory_equal(PRINTED, inside(), sizeof PRINTED);
    assert_memory_equal("g=N&&B541", inside() + 144, 9);
    for (int form = 0; form < 2; form++) {
        const struct message *message = judge(size);
        assert_int_equal(VERDICT_ACCEPTED, message->verdict.kind);
        assert_int_equal(size, message->size);
        assert_int_equal(6, message->reading_count);
        assert_true(slice_is(message->readings[5].text, "3.20"));
        assert_true(message->has_data_time && message->answer_wanted);
        assert_int_equal(form == 1, broke(RULE_CIPHER_PRINTED));
        assert_false(broke(RULE_PLAIN_THOUGH_KEY) || broke(RULE_KEY_OUTSIDE_VALIDITY));
        size = form == 0 ? print_cipher(size, 144) : size;
    }
}

static void test_cipher__frames_behind_a_printed_one_are_found(void **unused)
{
    (void)unused;
    size_t size = print_cipher(seal(SEGMENT_OF("2051", "9", MINUTE)), 144);
    size = frame_append(bytes, size, SEGMENT_OF("2051", "9", MINUTE));
    judge(size);
    assert_int_equal(VERDICT_ACCEPTED, decoder.message.verdict.kind);
    assert_true(decoder_next(&decoder));
    assert_int_equal(VERDICT_ACCEPTED, decoder.message.verdict.kind);
    assert_true(broke(RULE_PLAIN_THOUGH_KEY));
    assert_false(decoder_next(&decoder));
}

static void test_cipher__what_is_printed_are_full_blocks(void **unused)
{
    (void)unused;
    size_t size = print_cipher(seal(SEGMENT_OF("2051", "9", MINUTE)), 143);
    assert_int_equal(VERDICT_REJECTED, judge(size)->verdict.kind);
    assert_true(broke(RULE_LENGTH_WRONG));
}

/* A CP of any length: what is no full block stays as it is. */
static void test_cipher__a_rest_under_a_block_is_plain(void **unused)
{
    (void)unused;
    char segment[512];
    for (size_t more = 0; more < 40; more++) {
        snprintf(segment, sizeof segment,
            SEGMENT_OF("3020", "9", "PolId=w01018;i11001-Info=//%s//"),
            &"0123456789012345678901234567890123456789"[more]);
        size_t size = seal(segment);
        assert_int_equal(VERDICT_ACCEPTED, judge(size)->verdict.kind);
        assert_true(slice_is(decoder.message.segment, segment));
    }
    size_t size = frame_append(bytes, 0, SEGMENT_OF("3020", "9", "PolId=w01018"));
    assert_int_equal(VERDICT_ACCEPTED, judge(size)->verdict.kind);
    assert_false(broke(RULE_PLAIN_THOUGH_KEY)); /* there is nothing to encrypt in it */
}

static void test_cipher__no_truncation_and_no_changed_bit_is_accepted(void **unused)
{
    (void)unused;
    for (int form = 0; form < 2; form++) {
        size_t size = seal(SEGMENT_OF("2051", "9", MINUTE));
        size = form == 1 ? print_cipher(size, 144) : size;
        for (size_t cut = 1; cut < size - 2; cut++) {
            uint8_t *copy = exact_copy(bytes, cut);
            decoder_begin(&decoder, &context, slice_from(copy, cut));
            while (decoder_next(&decoder)) {
                assert_int_not_equal(VERDICT_ACCEPTED, decoder.message.verdict.kind);
            }
            free(copy);
        }
        size_t from = (size_t)(inside() - bytes);
        for (size_t bit = 8 * from; bit < 8 * (size - 2); bit++) {
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
            bool letter_case = judge(size)->verdict.kind == VERDICT_ACCEPTED &&
                               (form == 1 || bit / 8 >= size - 6) && bit % 8 == 5;
            assert_true(letter_case || decoder.message.verdict.kind != VERDICT_ACCEPTED);
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        }
    }
}

static void test_cipher__without_a_key_or_with_another_it_is_quarantined(void **unused)
{
    (void)unused;
    size_t size = seal(SEGMENT_OF("2051", "9", MINUTE));
    load("mn,key_id,key,from,until\n" MN ",k2,0000000000000002,2024-05-01,\n");
    assert_int_equal(VERDICT_QUARANTINED, judge(size)->verdict.kind);
    assert_true(broke(RULE_KEY_FITS_NOT) && !broke(RULE_CRC_WRONG));
    assert_false(decoder.message.answer_wanted); /* it may be damaged: only a resend helps */
    context.keys = NULL;
    assert_int_equal(VERDICT_QUARANTINED, judge(size)->verdict.kind);
    assert_true(broke(RULE_ENCRYPTED_NO_KEY) && decoder.message.answer_wanted);
    size = print_cipher(size, 144);
    assert_int_equal(VERDICT_QUARANTINED, judge(size)->verdict.kind);
    assert_true(broke(RULE_ENCRYPTED_NO_KEY));
    assert_int_equal(size, decoder.message.size);
}

/* The CRC has 256 values: one cipher in 256 has that of its plaintext and yet is none. */
static void test_cipher__a_cipher_whose_crc_fits_by_chance_is_not_taken_for_plain(void **unused)
{
    (void)unused;
    char segment[512];
    for (int i = 0; i < 5000; i++) {
        snprintf(
            segment, sizeof segment, SEGMENT_OF("2051", "9", "i=%d,DataTime=20240520210600"), i);
        size_t size = seal(segment);
        uint16_t sent = made_crc((const uint8_t *)segment, strlen(segment));
        if (made_crc((const uint8_t *)bytes + 6, strlen(segment)) == sent) {
            assert_int_equal(VERDICT_ACCEPTED, judge(size)->verdict.kind);
            assert_true(slice_is(decoder.message.segment, segment));
            context.keys = NULL;
            assert_int_equal(VERDICT_QUARANTINED, judge(size)->verdict.kind);
            return;
        }
    }
    fail_msg("no such cipher among 5000");
}

static void test_cipher__old_keys_open_and_are_marked(void **unused)
{
    (void)unused;
    load("mn,key_id,key,from,until\n" MN ",new,0000000000000001,2026-04-01,\n" MN
         ",old,0000000000000000,2026-01-01,\n");
    size_t size = seal(SEGMENT_OF("2051", "9", MINUTE));
    context.has_arrival = true;
    static const struct {
        const char *at;
        bool marked;
    } ROWS[] = {{"20251231235959", true}, {"20260101000000", false}, {"20260331235959", false},
        {"20260401000000", true}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_true(event_time_from_cst(slice_of(ROWS[i].at), &context.arrival));
        assert_int_equal(VERDICT_ACCEPTED, judge(size)->verdict.kind);
        assert_int_equal(ROWS[i].marked, broke(RULE_KEY_OUTSIDE_VALIDITY));
    }
}

/* A replay has the names of keys, and perhaps not the keys. */
static void test_cipher__a_key_of_which_only_the_name_is_known_is_told(void **unused)
{
    (void)unused;
    struct report report = {0};
    struct keyring *joined = NULL;
    struct arena arena = {0};
    size_t size = seal(SEGMENT_OF("2051", "9", MINUTE));
    struct slice record = keyring_record(keyring, &arena);
    assert_int_equal(STATUS_OK, keyring_join(record, NULL, &joined, &report));
    context.keys = joined;
    judge(size);
    assert_true(slice_is(decoder.message.key_missing, "k1"));
    judge(frame_append(bytes, 0, SEGMENT_OF("2051", "9", MINUTE)));
    assert_int_equal(0, decoder.message.key_missing.size);
    keyring_free(joined);
    arena_free(&arena);
}

/* Nothing of the key may stand in the rest behind the last full block, which is plain. */
static void test_cipher__a_new_key_is_sealed_under_the_older_one(void **unused)
{
    (void)unused;
    static const char NEW[] = "aB3dE6gH9jK2mN5p";
    load(ZEROS MN ",k2,aB3dE6gH9jK2mN5p,2024-05-01,\n" MN ",k3,000102030405060708090A0B0C0D0E0F,"
                  "2024-05-01,\n" MN ",k4,0000;CN=30110000,2024-05-01,\n");
    struct sm4 *under = keyring_find(keyring, slice_of(MN), slice_of("k1"))->cipher;
    char cp_space[80], segment_space[400];
    struct text cp = text_in(cp_space, sizeof cp_space);
    struct text segment = text_in(segment_space, sizeof segment_space);
    struct text frame = text_in(bytes, sizeof bytes);
    hj212_seal_blank(slice_of("20240521000000123"), &cp);
    text_add(&segment, "QN=20240520210700000;ST=31;CN=1014;PW=123456;MN=" MN ";Flag=9;CP=&&");
    text_add_slice(&segment, text_slice(&cp));
    text_add(&segment, "&&");
    static const char *const NO_TEXT[] = {"k3", "k4"};
    for (size_t i = 0; i < 2; i++) {
        const struct key *key = keyring_find(keyring, slice_of(MN), slice_of(NO_TEXT[i]));
        assert_false(hj212_seal(text_slice(&segment), key->cipher, under, CRC_STANDARD, &frame));
        assert_int_equal(0, frame.size);
    }
    const struct key *key = keyring_find(keyring, slice_of(MN), slice_of("k2"));
    assert_true(hj212_seal(text_slice(&segment), key->cipher, under, CRC_STANDARD, &frame));
    for (size_t at = 0; at < frame.size; at++) {
        for (size_t part = 0; part + 3 <= SM4_KEY_SIZE; part++) {
            assert_false(slice_starts(slice_tail(text_slice(&frame), at),
                (char[]){NEW[part], NEW[part + 1], NEW[part + 2], 0}));
        }
    }
    context.direction = DIRECTION_DOWN;
    const struct message *message = judge(frame.size);
    assert_int_equal(VERDICT_ACCEPTED, message->verdict.kind);
    assert_true(slice_is(message->key_used, "k1"));
    assert_int_equal(2, message->field_count);
    assert_true(slice_is(message->fields[0].value, NEW));
    assert_true(slice_is(message->fields[1].value, "20240521000000123"));
}

static size_t taken;

static void *count_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    taken += 1;
    return malloc(size);
}

static void *count_realloc(void *at, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    taken += 1;
    return realloc(at, size);
}

static void count_free(void *at, const char *file, int line)
{
    (void)file;
    (void)line;
    free(at);
}

static void test_cipher__decrypting_allocates_nothing(void **unused)
{
    (void)unused;
    size_t size = seal(SEGMENT_OF("2051", "9", MINUTE));
    assert_true(taken > 0);
    taken = 0;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(VERDICT_ACCEPTED, judge(size)->verdict.kind);
    }
    assert_int_equal(0, taken);
}

int main(void)
{
    CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_cipher__the_example_of_the_standard_decrypts_in_both_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_cipher__frames_behind_a_printed_one_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_cipher__what_is_printed_are_full_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_cipher__a_rest_under_a_block_is_plain, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_cipher__no_truncation_and_no_changed_bit_is_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_cipher__without_a_key_or_with_another_it_is_quarantined, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_cipher__a_cipher_whose_crc_fits_by_chance_is_not_taken_for_plain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cipher__old_keys_open_and_are_marked, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_cipher__a_key_of_which_only_the_name_is_known_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_cipher__a_new_key_is_sealed_under_the_older_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cipher__decrypting_allocates_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
