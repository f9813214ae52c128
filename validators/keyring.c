#include "validators/keyring.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "core/hex.h"
#include "core/text.h"
#include "schemas/topic.h"

enum column { COLUMN_MN, COLUMN_ID, COLUMN_KEY, COLUMN_FROM, COLUMN_UNTIL, COLUMN_COUNT };

static const char FILE_HEAD[] = "mn,key_id,key,from,until";
static const char RECORD_HEAD[] = "mn,key_id,check,from,until";

struct parse {
    struct keyring *keyring;
    struct slice file;
    uint32_t line;
    bool secret; /* the third column is the key, not its check value */
    struct report *report;
};

static bool refuse(const struct parse *parse, enum column column, const char *words)
{
    report_say(parse->report, parse->file, parse->line, (uint32_t)column + 1, "%s", words);
    return false;
}

static bool read_bytes(struct slice cell, uint8_t key[static SM4_KEY_SIZE])
{
    if (cell.size == SM4_KEY_SIZE) {
        memcpy(key, cell.ptr, SM4_KEY_SIZE);
        return true;
    }
    for (size_t i = 0; i < cell.size && cell.size == 2 * SM4_KEY_SIZE; i += 2) {
        int high = hex_digit(cell.ptr[i]), low = hex_digit(cell.ptr[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        key[i / 2] = (uint8_t)(high << 4 | low);
    }
    return cell.size == 2 * SM4_KEY_SIZE;
}

static bool take_secret(const struct parse *parse, struct slice cell, struct key *key)
{
    uint8_t bytes[SM4_KEY_SIZE];
    bool read = read_bytes(cell, bytes);
    if (read) {
        key->cipher = sm4_new(bytes);
    }
    if (key->cipher != NULL) {
        sm4_check(bytes, key->check);
    }
    OPENSSL_cleanse(bytes, sizeof bytes);
    if (!read) {
        return refuse(parse, COLUMN_KEY, "a key is 16 characters or 32 hexadecimal digits");
    }
    return key->cipher != NULL || refuse(parse, COLUMN_KEY, "the installed OpenSSL has no SM4");
}

static bool take_check(const struct parse *parse, struct slice cell, struct key *key)
{
    if (cell.size != SM4_CHECK_SIZE) {
        return refuse(parse, COLUMN_KEY, "a check value has 6 hexadecimal digits");
    }
    memcpy(key->check, cell.ptr, SM4_CHECK_SIZE);
    return true;
}

static bool take_times(
    const struct parse *parse, struct slice from, struct slice until, struct key *key)
{
    static const char WORDS[] = "a time is written 2026-01-31 or 2026-01-31T08:00:00+08:00";
    if (!event_time_from_day(from, &key->from)) {
        return refuse(parse, COLUMN_FROM, WORDS);
    }
    key->until.ms = key->from.ms + (int64_t)KEY_LIFE_DAYS * DAY_MS;
    if (until.size > 0 && !event_time_from_day(until, &key->until)) {
        return refuse(parse, COLUMN_UNTIL, WORDS);
    }
    return key->until.ms > key->from.ms ||
           refuse(parse, COLUMN_UNTIL, "the key ends before it begins");
}

static bool take_row(struct parse *parse, struct slice line)
{
    struct slice cells[COLUMN_COUNT];
    struct key *key = &parse->keyring->keys[parse->keyring->count];
    size_t commas = 0;
    for (size_t i = 0; i < line.size; i++) {
        commas += line.ptr[i] == ',';
    }
    if (commas != COLUMN_COUNT - 1) {
        return refuse(parse, COLUMN_MN, "a row has five cells, as its head says");
    }
    for (int i = 0; i < COLUMN_COUNT; i++) {
        cells[i] = slice_cut(&line, ',');
    }
    if (!name_valid(cells[COLUMN_MN]) || !name_valid(cells[COLUMN_ID])) {
        return refuse(parse, name_valid(cells[COLUMN_MN]) ? COLUMN_ID : COLUMN_MN,
            "1 to 64 of 0-9 A-Z a-z _ - . are wanted here");
    }
    parse->keyring->count += 1; /* from here on keyring_free sees its cipher */
    key->mn = arena_copy(&parse->keyring->arena, cells[COLUMN_MN]);
    key->id = arena_copy(&parse->keyring->arena, cells[COLUMN_ID]);
    return take_times(parse, cells[COLUMN_FROM], cells[COLUMN_UNTIL], key) &&
           (parse->secret ? take_secret(parse, cells[COLUMN_KEY], key)
                          : take_check(parse, cells[COLUMN_KEY], key));
}

static int by_place(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    int order = slice_compare(a->mn, b->mn);
    if (order == 0 && a->from.ms != b->from.ms) {
        order = a->from.ms > b->from.ms ? -1 : 1;
    }
    return order != 0 ? order : slice_compare(a->id, b->id);
}

/* No id twice, no device with more keys than a frame is tried with. */
static bool judge_ranges(const struct parse *parse)
{
    const struct keyring *keyring = parse->keyring;
    size_t first = 0;
    for (size_t i = 1; i < keyring->count; i++) {
        const struct key *key = &keyring->keys[i];
        first = slice_equal(key->mn, keyring->keys[first].mn) ? first : i;
        bool twice = false;
        for (size_t k = first; k < i; k++) {
            twice = twice || slice_equal(key->id, keyring->keys[k].id);
        }
        if (twice || i - first >= KEYS_A_DEVICE_MAX) {
            report_say(parse->report, parse->file, 0, 0, "MN %.*s: %s", (int)key->mn.size,
                (const char *)key->mn.ptr,
                twice ? "two keys have one id; each key has its own" : "more than 64 keys");
            return false;
        }
    }
    return true;
}

static struct slice next_line(struct parse *parse, struct slice *rest)
{
    struct slice line = slice_cut(rest, '\n');
    parse->line += 1;
    if (line.size > 0 && line.ptr[line.size - 1] == '\r') {
        line.size -= 1;
    }
    return line;
}

static bool take_rows(struct parse *parse, struct slice rest)
{
    bool fine = true, headed = false;
    while (fine && rest.size > 0) {
        struct slice line = next_line(parse, &rest);
        if (line.size == 0 || line.ptr[0] == '#') {
            continue;
        }
        if (headed) {
            fine = take_row(parse, line);
        } else {
            parse->secret = slice_is(line, FILE_HEAD);
            headed = parse->secret || slice_is(line, RECORD_HEAD);
            fine = headed || refuse(parse, COLUMN_MN, "the first line is mn,key_id,key,from,until");
        }
    }
    return fine;
}

enum status keyring_parse(
    struct slice bytes, struct slice file, struct keyring **made, struct report *report)
{
    struct keyring *keyring = calloc(1, sizeof *keyring);
    assert(keyring != NULL);
    struct parse parse = {.keyring = keyring, .file = file, .report = report};
    size_t lines = 1;
    for (size_t i = 0; i < bytes.size; i++) {
        lines += bytes.ptr[i] == '\n';
    }
    keyring->keys = arena_take(&keyring->arena, lines, sizeof *keyring->keys);
    bool fine = take_rows(&parse, bytes);
    if (fine) {
        qsort(keyring->keys, keyring->count, sizeof *keyring->keys, by_place);
        fine = judge_ranges(&parse);
    }
    if (!fine) {
        keyring_free(keyring);
        return STATUS_INVALID;
    }
    *made = keyring;
    return STATUS_OK;
}

void keyring_free(struct keyring *keyring)
{
    if (keyring == NULL) {
        return;
    }
    for (size_t i = 0; i < keyring->count; i++) {
        sm4_free(keyring->keys[i].cipher);
    }
    arena_free(&keyring->arena);
    free(keyring);
}

struct slice keyring_record(const struct keyring *keyring, struct arena *arena)
{
    enum { CELLS_SIZE = 3 + SM4_CHECK_SIZE + 2 * RFC3339_SIZE + 3 };
    size_t room = sizeof RECORD_HEAD + 1;
    for (size_t i = 0; i < keyring->count; i++) {
        room += keyring->keys[i].mn.size + keyring->keys[i].id.size + CELLS_SIZE;
    }
    struct text text = text_in(arena_take(arena, room, 1), room);
    text_add(&text, keyring->count == 0 ? "" : RECORD_HEAD);
    text_add(&text, keyring->count == 0 ? "" : "\n");
    for (size_t i = 0; i < keyring->count; i++) {
        const struct key *key = &keyring->keys[i];
        text_add_slice(&text, key->mn);
        text_add_byte(&text, ',');
        text_add_slice(&text, key->id);
        text_add_byte(&text, ',');
        text_add(&text, key->check);
        text_add_byte(&text, ',');
        text_add_time(&text, key->from);
        text_add_byte(&text, ',');
        text_add_time(&text, key->until);
        text_add_byte(&text, '\n');
    }
    assert(!text.truncated);
    return text_slice(&text);
}

static bool lend(const struct keyring *secrets, struct key *key, struct report *report)
{
    const struct key *secret = secrets == NULL ? NULL : keyring_find(secrets, key->mn, key->id);
    if (secret == NULL || secret->cipher == NULL) {
        return true;
    }
    if (memcmp(secret->check, key->check, SM4_CHECK_SIZE) != 0) {
        report_say(report, slice_of("keys"), 0, 0,
            "key %.*s of MN %.*s is not the one that the journal names so: an id is used once",
            (int)key->id.size, (const char *)key->id.ptr, (int)key->mn.size,
            (const char *)key->mn.ptr);
        return false;
    }
    key->cipher = sm4_copy(secret->cipher);
    return true;
}

enum status keyring_join(struct slice record, const struct keyring *secrets, struct keyring **made,
    struct report *report)
{
    struct keyring *keyring = NULL;
    enum status status = keyring_parse(record, slice_of("keys"), &keyring, report);
    for (size_t i = 0; status == STATUS_OK && i < keyring->count; i++) {
        status = lend(secrets, &keyring->keys[i], report) ? STATUS_OK : STATUS_INVALID;
    }
    if (status == STATUS_OK) {
        *made = keyring;
    } else {
        keyring_free(keyring);
    }
    return status;
}

static int compare_mn(const struct keyring *keyring, size_t index, struct slice mn)
{
    return slice_compare(keyring->keys[index].mn, mn);
}

struct key_range keyring_of(const struct keyring *keyring, struct slice mn)
{
    size_t low = 0, high = keyring->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_mn(keyring, middle, mn) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    struct key_range range = {.first = keyring->keys + low};
    while (low + range.count < keyring->count && compare_mn(keyring, low + range.count, mn) == 0) {
        range.count += 1;
    }
    return range;
}

const struct key *keyring_find(const struct keyring *keyring, struct slice mn, struct slice id)
{
    struct key_range range = keyring_of(keyring, mn);
    for (size_t i = 0; i < range.count; i++) {
        if (slice_equal(range.first[i].id, id)) {
            return &range.first[i];
        }
    }
    return NULL;
}
