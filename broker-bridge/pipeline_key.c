#include "broker-bridge/pipeline_state.h"
#include "core/hash.h"
#include "validators/hj212_seal.h"

/* The one that the device's frames are under, else the newest: `range` begins with that. */
static const struct key *older(
    struct key_range range, const struct key *fresh, uint64_t present, struct event_time now)
{
    const struct key *newest = NULL;
    for (size_t i = 0; i < range.count; i++) {
        const struct key *key = &range.first[i];
        if (key == fresh || key->from.ms > now.ms) {
            continue;
        }
        if (hash64(key->id) == present) {
            return key;
        }
        newest = newest == NULL ? key : newest;
    }
    return newest;
}

/* 17 digits: the id, as `hjhub keys new` makes it, or when the key began to be valid. */
static void write_cp(const struct key *key, struct text *cp)
{
    char digits[18];
    struct event_time made;
    bool by_id = key->id.size == sizeof digits - 1 && event_time_from_cst(key->id, &made);
    event_time_write_qn(key->from, digits);
    hj212_seal_blank(by_id ? key->id : slice_of(digits), cp);
}

/* An expired key is still one under which the device can be sent another: data is not lost because somebody was late. */
enum exchange_refusal key_order(
    const struct pipeline *pipeline, uint64_t present, struct order_draft *draft)
{
    struct order *order = &draft->order;
    const struct keyring *keys = pipeline->keys;
    struct event_time now = pipeline->record->wall;
    struct slice mn = pipeline->revision->registry.devices[order->device].mn;
    const struct key *fresh = keys == NULL ? NULL : keyring_find(keys, mn, order->names);
    if (fresh == NULL) {
        return EXCHANGE_NOT_NO_SUCH_KEY;
    }
    if (now.ms < fresh->from.ms || now.ms >= fresh->until.ms) {
        return EXCHANGE_NOT_KEY_NOT_VALID;
    }
    if (hash64(fresh->id) == present) {
        return EXCHANGE_NOT_KEY_IN_USE;
    }
    const struct key *under = older(keyring_of(keys, mn), fresh, present, now);
    if (under == NULL) {
        return EXCHANGE_NOT_NO_OLDER_KEY;
    }
    order->under = under->id;
    write_cp(fresh, &draft->cp);
    order->cp = text_slice(&draft->cp);
    return EXCHANGE_NOT_NONE;
}

static const struct key *last_to_end(struct key_range range)
{
    const struct key *last = range.first;
    for (size_t i = 1; i < range.count; i++) {
        last = range.first[i].until.ms > last->until.ms ? &range.first[i] : last;
    }
    return last;
}

/* What a device had that is gone stays in the file, and nobody makes a new one for it. */
struct keys_ending pipeline_keys_ending(const struct pipeline *pipeline, struct event_time now)
{
    const struct keyring *keys = pipeline->keys;
    struct keys_ending ending = {0};
    struct key_range range;
    for (size_t i = 0; keys != NULL && i < keys->count; i += range.count) {
        range = keyring_of(keys, keys->keys[i].mn);
        const struct key *last = last_to_end(range);
        if (last->until.ms - now.ms > KEY_NOTICE_DAYS * (int64_t)DAY_MS ||
            registry_device(&pipeline->revision->registry, last->mn) == NONE) {
            continue;
        }
        bool sooner = ending.devices == 0 || last->until.ms < ending.until.ms;
        ending.mn = sooner ? last->mn : ending.mn;
        ending.until = sooner ? last->until : ending.until;
        ending.devices += 1;
    }
    return ending;
}
