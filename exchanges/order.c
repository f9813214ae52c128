#include "exchanges/order.h"

#include <assert.h>
#include <string.h>

#include "core/decimal.h"
#include "schemas/hj212.h"
#include "schemas/topic.h"

enum { WAIT_MAX = 99 };

static const char *const APART[] = {"id", "mn", "command", "ST", "overtime_s", "recount"};

static struct slice word(const struct flat_json *json, const char *name)
{
    for (size_t i = 0; i < json->count; i++) {
        const struct flat_json_field *field = &json->fields[i];
        if (slice_is(field->name, name) && field->type != FLAT_JSON_WORD) {
            return field->value;
        }
    }
    return (struct slice){0};
}

static bool is_apart(struct slice name)
{
    for (size_t i = 0; i < sizeof APART / sizeof APART[0]; i++) {
        if (slice_is(name, APART[i])) {
            return true;
        }
    }
    return false;
}

static enum exchange_refusal complain(
    struct order_draft *draft, struct slice name, const char *words)
{
    text_add_slice(&draft->why, slice_head(name, 40));
    text_add(&draft->why, words);
    text_add(&draft->why, "; ");
    text_add(&draft->why, draft->order.row->name);
    text_add(&draft->why, " takes ");
    request_usage(draft->order.row, draft->order.edition, &draft->why);
    return EXCHANGE_NOT_BAD_PARAMETER;
}

/* Nothing in it would end the item, or the frame. */
static bool sendable(struct slice value)
{
    static const char ENDS[] = ";,=&";
    for (size_t i = 0; i < value.size; i++) {
        if (value.ptr[i] < 0x20 || value.ptr[i] == 0x7F ||
            memchr(ENDS, value.ptr[i], sizeof ENDS - 1) != NULL) {
            return false;
        }
    }
    return value.size > 0;
}

/* CP while it is written: what is in it by now. */
struct writing {
    struct order_draft *draft;
    const struct content *content;
    uint64_t fields;
    uint32_t items;
    struct slice code; /* of the item before */
};

static void add(struct writing *writing, struct slice name, struct slice value, bool joined)
{
    struct text *cp = &writing->draft->cp;
    text_add(cp, cp->size == 0 ? "" : joined ? "," : ";");
    text_add_slice(cp, name);
    text_add_byte(cp, '=');
    text_add_slice(cp, value);
}

/* Of an item `011-UpValue`; those of one code are joined by a comma. */
static enum exchange_refusal add_item(
    struct writing *writing, struct slice name, struct slice value)
{
    enum { TEXT_SIZE_MAX = 120 };
    const struct order *order = &writing->draft->order;
    struct decimal number;
    size_t hyphen = slice_find(name, 0, '-');
    struct slice code = slice_head(name, hyphen);
    const struct suffix_row *suffix = suffix_find(slice_tail(name, hyphen + 1), order->edition);
    uint32_t family = suffix == NULL ? 0 : UINT32_C(1) << suffix->family;
    if (((writing->content->items | writing->content->also) & family) == 0 || !name_valid(code)) {
        return complain(writing->draft, name, " is not known here");
    }
    if (suffix->kind == KIND_NUMBER ? !decimal_parse(value, &number)
                                    : !sendable(value) || value.size > TEXT_SIZE_MAX) {
        return complain(writing->draft, name, " is out of its bounds");
    }
    add(writing, name, value, slice_equal(code, writing->code));
    writing->code = code;
    writing->items |= family;
    return EXCHANGE_NOT_NONE;
}

static void note_span(struct order *order, enum cp_field field, struct slice value)
{
    struct event_time *bound = field == CP_BEGIN_TIME ? &order->begin : &order->end;
    bool read = event_time_from_cst(value, bound);
    assert(read); /* it fits its form */
}

static enum exchange_refusal add_field(
    struct writing *writing, struct slice name, struct slice value)
{
    bool exact = false;
    struct order *order = &writing->draft->order;
    enum cp_field field = cp_field_find(name, &exact);
    bool span = field == CP_BEGIN_TIME || field == CP_END_TIME;
    bool other_st = span && order->row->history_st != 0 && order->row->history_st != order->st;
    uint64_t bit = field == CP_NONE ? 0 : UINT64_C(1) << field;
    if (!exact || other_st || ((writing->content->needs | writing->content->may) & bit) == 0) {
        return complain(writing->draft, name, " is not known here");
    }
    if (!sendable(value) ||
        cp_form_fit(cp_form_find(field, order->edition), value, order->edition) != CP_FITS) {
        return complain(writing->draft, name, " is out of its bounds");
    }
    if (span) {
        note_span(order, field, value);
    }
    add(writing, name, value, field == CP_CALIBRATION_TYPE); /* 2025 C41 */
    writing->code = (struct slice){0};
    writing->fields |= bit;
    return EXCHANGE_NOT_NONE;
}

/* What it names; what the frame is to say of that is the pipeline's to write. */
static enum exchange_refusal name_it(const struct flat_json *json, struct order_draft *draft)
{
    const char *name = request_names(draft->order.row);
    draft->order.names = word(json, name);
    for (size_t i = 0; i < json->count; i++) {
        if (!is_apart(json->fields[i].name) && !slice_is(json->fields[i].name, name)) {
            return complain(draft, json->fields[i].name, " is not known here");
        }
    }
    return name_valid(draft->order.names)
               ? EXCHANGE_NOT_NONE
               : complain(draft, slice_of(name), " is missing or out of its bounds");
}

/* A clock that is set without a time is set to the hub's. */
static void add_now(struct writing *writing, struct event_time now)
{
    char digits[15];
    if ((writing->content->needs & ~writing->fields & UINT64_C(1) << CP_SYSTEM_TIME) != 0) {
        event_time_write_cst(now, digits);
        add(writing, slice_of("SystemTime"), slice_of(digits), false);
        writing->fields |= UINT64_C(1) << CP_SYSTEM_TIME;
    }
}

static enum exchange_refusal judge_whole(const struct writing *writing)
{
    const struct order *order = &writing->draft->order;
    uint64_t missing = writing->content->needs & ~writing->fields;
    for (int field = 0; field < CP_NONE; field++) {
        if ((missing >> field & 1) != 0) {
            return complain(
                writing->draft, slice_of(cp_field_name((enum cp_field)field)), " is missing");
        }
    }
    if (writing->content->items != 0 && (writing->content->items & writing->items) == 0) {
        return complain(writing->draft, slice_of("an item of a code"), " is missing");
    }
    if ((order->begin.ms == 0) != (order->end.ms == 0)) {
        return complain(writing->draft, slice_of("BeginTime and EndTime"), " go together");
    }
    if (order->begin.ms > order->end.ms) {
        return complain(writing->draft, slice_of("EndTime"), " is before BeginTime");
    }
    if (writing->draft->cp.truncated) {
        return complain(writing->draft, slice_of("all of it"), " is too long");
    }
    return EXCHANGE_NOT_NONE;
}

/* Parameters go out in the order in which they were given. */
static enum exchange_refusal write_cp(
    const struct exchange_turn *turn, const struct flat_json *json, struct order_draft *draft)
{
    static const struct content NOTHING = {0};
    const struct order *order = &draft->order;
    struct writing writing = {
        .draft = draft, .content = content_find(order->row->cn, order->edition, DIRECTION_DOWN)};
    writing.content = writing.content == NULL ? &NOTHING : writing.content;
    enum exchange_refusal refusal = EXCHANGE_NOT_NONE;
    for (size_t i = 0; i < json->count && refusal == EXCHANGE_NOT_NONE; i++) {
        struct slice name = json->fields[i].name, value = json->fields[i].value;
        if (is_apart(name)) {
            continue;
        }
        bool item = slice_find(name, 0, '-') < name.size;
        refusal = item ? add_item(&writing, name, value) : add_field(&writing, name, value);
    }
    if (refusal == EXCHANGE_NOT_NONE) {
        add_now(&writing, turn->wall);
        refusal = judge_whole(&writing);
    }
    draft->order.cp = text_slice(&draft->cp);
    return refusal;
}

static bool read_number(
    const struct flat_json *json, const char *name, uint64_t max, uint64_t *value)
{
    struct slice given = word(json, name);
    return given.size == 0 || slice_to_uint(given, max, value);
}

static enum exchange_refusal read_profile(
    const struct exchange_turn *turn, const struct flat_json *json, struct order_draft *draft)
{
    struct order *order = &draft->order;
    struct exchange_peer peer = exchanges_peer(turn, order->device);
    uint64_t st = (uint64_t)peer.st, overtime_s = ORDER_OVERTIME_S, recount = ORDER_RECOUNT;
    if (!read_number(json, "ST", WAIT_MAX, &st) ||
        !read_number(json, "overtime_s", WAIT_MAX, &overtime_s) || overtime_s == 0 ||
        !read_number(json, "recount", WAIT_MAX, &recount)) {
        return complain(draft, slice_of("ST, overtime_s or recount"), " is out of its bounds");
    }
    order->st = (int)st;
    order->edition = peer.edition;
    order->overtime_s = (int32_t)overtime_s;
    order->recount = (int32_t)recount;
    return st == 0 || peer.edition == EDITION_UNKNOWN ? EXCHANGE_NOT_NOT_HEARD : EXCHANGE_NOT_NONE;
}

static enum exchange_refusal read_device(
    const struct exchange_turn *turn, struct slice mn, struct order *order)
{
    order->device = registry_device(turn->registry, mn);
    if (order->device == NONE) {
        return EXCHANGE_NOT_NO_SUCH_DEVICE;
    }
    const struct device *device = &turn->registry->devices[order->device];
    if (device->format != FORMAT_HJ212) {
        return EXCHANGE_NOT_NOT_HJ212;
    }
    return device->pw.size == 0 ? EXCHANGE_NOT_NO_PW : EXCHANGE_NOT_NONE;
}

enum exchange_refusal order_read(
    const struct exchange_turn *turn, const struct flat_json *json, struct order_draft *draft)
{
    struct order *order = &draft->order;
    *order = (struct order){0};
    draft->cp = text_in(draft->cp_space, sizeof draft->cp_space);
    draft->why = text_in(draft->why_space, sizeof draft->why_space);
    draft->id = flat_json_string(json, "id");
    draft->mn = flat_json_string(json, "mn");
    draft->command = word(json, "command");
    if (draft->id.size == 0 || draft->id.size > EXCHANGE_ID_SIZE || draft->mn.size == 0 ||
        draft->command.size == 0) {
        return EXCHANGE_NOT_BAD_COMMAND;
    }
    order->id = draft->id;
    order->row = request_find(draft->command);
    enum exchange_refusal refusal = read_device(turn, draft->mn, order);
    if (refusal == EXCHANGE_NOT_NONE && order->row == NULL) {
        refusal = EXCHANGE_NOT_NO_SUCH_COMMAND;
    }
    if (refusal == EXCHANGE_NOT_NONE) {
        refusal = read_profile(turn, json, draft);
    }
    if (refusal == EXCHANGE_NOT_NONE && !request_in_edition(order->row, order->edition)) {
        refusal = EXCHANGE_NOT_NOT_IN_EDITION;
    }
    if (refusal != EXCHANGE_NOT_NONE) {
        return refusal;
    }
    return request_names(order->row) == NULL ? write_cp(turn, json, draft) : name_it(json, draft);
}
