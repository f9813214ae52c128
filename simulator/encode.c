#include "simulator/encode.h"

#include <assert.h>
#include <cbor.h>
#include <openssl/evp.h>

enum { PREFIX_SIZE = 6, CP_SIZE = 5, END_SIZE = 2, BLOCK_SIZE = 16 };

/* Every full block between CP=&& and && by SM4-ECB: length and CRC stay those of the plaintext. */
static void seal(const char *key, char *cp, size_t size)
{
    size_t blocks = (size - CP_SIZE - END_SIZE) / BLOCK_SIZE * BLOCK_SIZE;
    unsigned char *at = (unsigned char *)cp + CP_SIZE;
    int done = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    assert(context != NULL && blocks <= INT32_MAX);
    bool fine =
        EVP_EncryptInit_ex(context, EVP_sm4_ecb(), NULL, (const unsigned char *)key, NULL) == 1 &&
        EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
        EVP_EncryptUpdate(context, at, &done, at, (int)blocks) == 1;
    assert(fine && (size_t)done == blocks);
    EVP_CIPHER_CTX_free(context);
}

static uint16_t crc_of(struct slice segment)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < segment.size; i++) {
        crc = (uint16_t)(crc >> 8 ^ segment.ptr[i]);
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint16_t)((crc & 1) != 0 ? crc >> 1 ^ 0xA001 : crc >> 1);
        }
    }
    return crc;
}

void encode_segment(struct slice segment, struct text *out)
{
    text_add(out, "##");
    for (size_t unit = 1000; unit > 0; unit /= 10) {
        text_add_byte(out, (char)('0' + segment.size / unit % 10));
    }
    text_add_slice(out, segment);
    text_add_hex(out, crc_of(segment), 4);
    text_add(out, "\r\n");
}

/* Where CP= begins in it. */
static size_t begin_segment(
    struct text *segment, struct slice qn, struct slice mn, struct frame_form form, int64_t at_ms)
{
    char stamp[15];
    event_time_write_cst((struct event_time){at_ms}, stamp);
    text_add(segment, "QN=");
    text_add_slice(segment, qn);
    text_add(segment, ";ST=");
    text_add_int(segment, form.st);
    text_add(segment, ";CN=2011;PW=123456;MN=");
    text_add_slice(segment, mn);
    text_add(segment, form.key == NULL ? ";Flag=5;" : ";Flag=9;");
    text_add(segment, form.key != NULL && form.resent ? "RF=1;" : "");
    size_t cp = segment->size;
    text_add(segment, "CP=&&DataTime=");
    text_add(segment, stamp);
    text_add_byte(segment, ';');
    return cp;
}

static void end_segment(struct text *segment, struct text *out)
{
    text_add(segment, "&&");
    encode_segment(text_slice(segment), out);
}

void encode_frame(struct slice mn, int64_t at_ms, struct slice qn, struct frame_form form,
    const struct county_value *values, size_t count, struct text *out)
{
    char space[2048];
    struct text segment = text_in(space, sizeof space);
    size_t cp = begin_segment(&segment, qn, mn, form, at_ms);
    for (size_t i = 0; i < count; i++) {
        text_add(&segment, i > 0 ? ";" : "");
        text_add(&segment, values[i].factor);
        text_add(&segment, "-Rtd=");
        text_add_number(&segment, values[i].value, values[i].decimals);
        text_add_byte(&segment, ',');
        text_add(&segment, values[i].factor);
        text_add(&segment, "-Flag=N");
    }
    size_t before = out->size;
    end_segment(&segment, out);
    if (form.key != NULL) {
        seal(form.key, out->at + before + PREFIX_SIZE + cp, segment.size - cp);
    }
}

static void add_word(struct text *segment, const struct dialect *dialect, char word,
    const struct county_value *values)
{
    if (word == 'F') {
        text_add_number(segment, values[0].value, values[0].decimals);
    } else {
        double power = values[word == 'A' ? 1 : 2].value;
        text_add(segment, power > 0.3 ? dialect->on : dialect->off);
    }
}

void encode_dialect(const struct dialect *dialect, struct slice mn, int64_t at_ms, struct slice qn,
    const struct county_value *values, struct text *out)
{
    char space[1024];
    struct text segment = text_in(space, sizeof space);
    begin_segment(&segment, qn, mn, (struct frame_form){.st = dialect->st}, at_ms);
    for (const char *at = dialect->items; *at != '\0'; at++) {
        if (*at == '[') {
            add_word(&segment, dialect, at[1], values);
            at += 2;
        } else {
            text_add_byte(&segment, *at);
        }
    }
    end_segment(&segment, out);
}

static void put(struct text *out, size_t (*encode)(size_t, unsigned char *, size_t), size_t value)
{
    unsigned char bytes[16];
    text_add_slice(out, slice_from(bytes, encode(value, bytes, sizeof bytes)));
}

static void put_int(struct text *out, int64_t value)
{
    unsigned char bytes[16];
    size_t size = value >= 0 ? cbor_encode_uint((uint64_t)value, bytes, sizeof bytes)
                             : cbor_encode_negint((uint64_t)(-1 - value), bytes, sizeof bytes);
    text_add_slice(out, slice_from(bytes, size));
}

static void put_text(struct text *out, struct slice words)
{
    put(out, cbor_encode_string_start, words.size);
    text_add_slice(out, words);
}

/* A decimal fraction (tag 4): the pack says the digits, not a neighbour of them. */
static void put_decimal(struct text *out, double value, int decimals)
{
    static const double POWER[] = {1, 10, 100, 1000, 10000};
    double scaled = value * POWER[decimals];
    unsigned char bytes[16];
    text_add_slice(out, slice_from(bytes, cbor_encode_tag(4, bytes, sizeof bytes)));
    put(out, cbor_encode_array_start, 2);
    put_int(out, -decimals);
    put_int(out, (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5)));
}

static bool is_odd(const struct county_value *value)
{
    return value->flag != 0 && value->flag != 'N';
}

static void begin_record(struct text *out, const struct county_value *value, const char *field)
{
    char space[80];
    struct text name = text_in(space, sizeof space);
    text_add(&name, value->factor);
    text_add(&name, field);
    put(out, cbor_encode_map_start, 2);
    put_int(out, 0);
    put_text(out, text_slice(&name));
}

/* RFC 8428 table 4: bn -2, bt -3, n 0, v 2, vs 3. */
void encode_pack(struct slice mn, int64_t at_ms, struct slice qn, const struct county_value *values,
    size_t count, struct text *out)
{
    char space[80];
    size_t odd = 0;
    for (size_t i = 0; i < count; i++) {
        odd += is_odd(&values[i]);
    }
    put(out, cbor_encode_array_start, count + odd + 1);
    put(out, cbor_encode_map_start, 4);
    struct text base = text_in(space, sizeof space);
    text_add_slice(&base, mn);
    text_add_byte(&base, '/');
    put_int(out, -2);
    put_text(out, text_slice(&base));
    put_int(out, -3);
    put_int(out, at_ms / SECOND_MS);
    put_int(out, 0);
    put_text(out, slice_of("QN"));
    put_int(out, 3);
    put_text(out, qn);
    for (size_t i = 0; i < count; i++) {
        begin_record(out, &values[i], "-Rtd");
        put_int(out, 2);
        put_decimal(out, values[i].value, values[i].decimals);
        if (is_odd(&values[i])) {
            begin_record(out, &values[i], "-Flag");
            put_int(out, 3);
            put_text(out, slice_from(&values[i].flag, 1));
        }
    }
}

void encode_base64(struct slice bytes, struct text *out)
{
    enum { BYTES_MAX = 6 * 1024 };
    unsigned char digits[BYTES_MAX / 3 * 4 + 1];
    assert(bytes.size <= BYTES_MAX);
    int size = EVP_EncodeBlock(digits, bytes.ptr, (int)bytes.size);
    text_add_slice(out, slice_from(digits, (size_t)size));
}
