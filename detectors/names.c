#include "detectors/names.h"

#include "core/nearest.h"
#include "schemas/rule_periods.h"

static const struct unit *registry_unit(const struct registry *registry, struct slice quantity)
{
    for (uint32_t i = 0; registry != NULL && i < registry->signal_count; i++) {
        if (slice_equal(registry->signals[i].quantity, quantity)) {
            return unit_find(registry->signals[i].unit);
        }
    }
    return NULL;
}

/* A quantity is declared in the rule files, or stands in the registry; else nobody could check its unit. */
static bool describe_quantity(const struct meaning *meaning, struct slice name, struct input *input)
{
    for (uint32_t i = 0; i < meaning->rules->quantity_count; i++) {
        if (slice_equal(meaning->rules->quantities[i].name, name)) {
            input->dimension = meaning->rules->quantities[i].dimension;
            input->typed = true;
            return true;
        }
    }
    const struct unit *unit = registry_unit(meaning->registry, name);
    if (unit != NULL) {
        input->dimension = unit->dimension;
        input->typed = true;
    }
    return unit != NULL;
}

static void say_unknown_quantity(const struct meaning *meaning, struct slice name, struct text *why)
{
    struct nearest nearest = nearest_begin(name);
    for (uint32_t i = 0; i < meaning->rules->quantity_count; i++) {
        nearest_offer(&nearest, meaning->rules->quantities[i].name);
    }
    for (uint32_t i = 0; i < meaning->rules->state_count; i++) {
        nearest_offer(&nearest, meaning->rules->states[i].name);
    }
    text_add(why, ": no quantity or state '");
    text_add_slice(why, name);
    text_add(why, "'");
    if (nearest.word.size > 0) {
        text_add(why, ", did you mean '");
        text_add_slice(why, nearest.word);
        text_add(why, "'?");
        return;
    }
    text_add(why,
        "; common ones are in the catalogue's 00-quantities.yaml and 01-states.yaml, a new one is "
        "declared: - {quantity: ");
    text_add_slice(why, slice_head(name, 40));
    text_add(why, ", unit: ...}");
}

static bool is_state(const struct meaning *meaning, struct slice name)
{
    for (uint32_t i = 0; i < meaning->rules->state_count; i++) {
        if (slice_equal(meaning->rules->states[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool is_own_word(struct slice name)
{
    static const char *const WORDS[] = {
        "value",
        "limit",
        "policy_limit",
#define COLUMN(id, name) #name,
#include "detectors/columns.def"
#undef COLUMN
    };
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (slice_is(name, WORDS[i])) {
            return true;
        }
    }
    return false;
}

/* Words that speak of the rule's own signal. */
static bool describe_word(const struct meaning *meaning, struct input *input, struct text *why)
{
    bool other = slice_is(input->name, "other");
    bool own = is_own_word(input->name);
    if (meaning->scope != SCOPE_SIGNAL && meaning->scope != SCOPE_PAIR &&
        meaning->scope != SCOPE_STATE) {
        text_add(why, own     ? ": a word of scope signal"
                      : other ? ": a word of scope pair"
                              : ": a role.quantity, or a parameter of the rule");
        return false;
    }
    if (own || (other && meaning->scope == SCOPE_PAIR)) {
        describe_quantity(meaning, meaning->of, input);
        return true;
    }
    if (slice_is(input->name, "permit")) {
        input->dimension = unit_find(slice_of("kg"))->dimension;
        input->typed = true;
        return true;
    }
    if (meaning->scope == SCOPE_STATE && describe_quantity(meaning, input->name, input)) {
        return true;
    }
    text_add(why, ": value, limit, policy_limit, permit, a column of signals.csv, a role.quantity "
                  "or a parameter");
    return false;
}

/* hour.Avg: another field of the same factor, as the rule's own signal. */
static bool describe_field(const struct meaning *meaning, struct input *input, struct text *why)
{
    if (meaning->scope != SCOPE_SIGNAL) {
        text_add(why, ": fields of the same factor are words of scope signal");
        return false;
    }
    describe_quantity(meaning, meaning->of, input);
    return true;
}

/* Devices of the rule's own town or area. */
static bool describe_group(const struct meaning *meaning, struct input *input, struct text *why)
{
    enum scope own = slice_is(input->role, "town") ? SCOPE_TOWN : SCOPE_AREA;
    bool known = slice_is(input->name, "devices") || slice_is(input->name, "silent") ||
                 slice_is(input->name, "together");
    input->typed = true; /* a plain number */
    text_add(why, ": devices, silent or together, in scope town or area its own");
    return known && meaning->scope == own;
}

bool name_is_of(const void *context, const char *scope)
{
    static const char *const SCOPES[] = {
#define SCOPE(id, name) [SCOPE_##id] = #name,
#include "detectors/scopes.def"
#undef SCOPE
    };
    const struct meaning *meaning = context;
    return meaning->scope != SCOPE_STATE && slice_is(slice_of(SCOPES[meaning->scope]), scope);
}

bool name_describe(void *context, struct input *input, struct text *why)
{
    const struct meaning *meaning = context;
    if (input->role.size == 0) {
        return describe_word(meaning, input, why);
    }
    if (slice_is(input->role, "device") &&
        (slice_is(input->name, "age") || slice_is(input->name, "interval"))) {
        input->dimension = unit_find(slice_of("s"))->dimension;
        input->typed = true;
        text_add(why, ": a word of scope device or signal");
        return meaning->scope == SCOPE_DEVICE || meaning->scope == SCOPE_SIGNAL;
    }
    if (slice_is(input->role, "device") && ask_word(input)) {
        text_add(why, ": a word of scope device or signal");
        return meaning->scope == SCOPE_DEVICE || meaning->scope == SCOPE_SIGNAL;
    }
    if (slice_is(input->role, "town") || slice_is(input->role, "area")) {
        return describe_group(meaning, input, why);
    }
    if (slice_find(input->name, 0, '.') < input->name.size || input->name.size == 0) {
        text_add(why, ": a name is role.quantity, with one point");
        return false;
    }
    if (rule_period_of(input->role) != NULL) {
        return describe_field(meaning, input, why);
    }
    if (slice_is(input->role, "outlet") && slice_is(input->name, "o2_reference")) {
        input->typed = true; /* a share, as oxygen itself */
        return true;
    }
    if (meaning->scope == SCOPE_TOWN || meaning->scope == SCOPE_AREA) {
        text_add(why, ": a town and an area have no signals of their own");
        return false;
    }
    input->truth = is_state(meaning, input->name);
    if (!input->truth && !describe_quantity(meaning, input->name, input)) {
        say_unknown_quantity(meaning, input->name, why);
        return false;
    }
    return true;
}
