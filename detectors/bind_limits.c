#include <math.h>
#include <string.h>

#include "detectors/binder.h"
#include "schemas/standards.h"

/* What limits a period's values, the best first. A minute or a real-time value is compared with the limit of the
 * hour where none is shorter: it foretells, and is no exceedance yet. */
static const struct {
    int cn;
    const char *averaging[5];
} PERIODS[] = {
    {2011, {"once", "minute", "10min", "hour", "day"}},
    {2051, {"minute", "10min", "hour"}},
    {2061, {"hour"}},
    {2031, {"day"}},
};

enum { UNSUITED = 5 };

/* How well the averaging of a limit suits, 0 best. */
static size_t suits(int cn, struct slice averaging)
{
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++) {
        const char *const *words = PERIODS[i].averaging;
        for (size_t k = 0; PERIODS[i].cn == cn && k < UNSUITED && words[k] != NULL; k++) {
            if (slice_is(averaging, words[k])) {
                return k;
            }
        }
    }
    return UNSUITED;
}

/* What limits.csv says of the outlet. */
static double registered(const struct binder *binder, const struct signal *signal, uint32_t outlet,
    const char *tier, int64_t at_ms)
{
    const struct registry *registry = binder->registry;
    const struct pair_index *index = &binder->places.outlet_limits;
    const struct limit *found = NULL;
    size_t best = UNSUITED;
    for (uint32_t i = index->first[outlet]; i < index->first[outlet + 1]; i++) {
        const struct limit *limit = &registry->limits[index->list[i]];
        bool year = slice_is(limit->averaging, "year"); /* a permit's, of whatever mass */
        size_t suited = year ? 0 : suits(signal->cn, limit->averaging);
        if (slice_equal(limit->factor, signal->code) && slice_is(limit->tier, tier) &&
            limit->from.ms <= at_ms && at_ms < limit->to.ms && suited < best) {
            found = limit;
            best = suited;
        }
    }
    return found == NULL ? (double)NAN : found->value * unit_find(found->unit)->scale;
}

/* What the standards say of its kind of source; the averaging that suits best, then the closest region. */
static double standard(const struct binder *binder, const struct signal *signal, uint32_t outlet,
    enum limit_layer layer)
{
    const struct registry *registry = binder->registry;
    const struct standard_limit *found = NULL, *limit;
    size_t best = UNSUITED;
    for (size_t i = 0; (limit = standard_limit_at(i)) != NULL; i++) {
        size_t suited = suits(signal->cn, slice_of(limit->averaging));
        bool closer =
            found != NULL && suited == best && strlen(limit->region) > strlen(found->region);
        if (limit->layer == layer && (suited < best || closer) &&
            standard_limit_fits(
                limit, registry->outlets[outlet].source_class, registry->area, signal->code)) {
            found = limit;
            best = suited;
        }
    }
    return found == NULL ? (double)NAN : found->value * unit_find(slice_of(found->unit))->scale;
}

/* The next instant at which a row of the outlet's begins or ends. */
static int64_t next_change(const struct binder *binder, uint32_t outlet, int64_t after_ms)
{
    const struct pair_index *index = &binder->places.outlet_limits;
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = index->first[outlet]; i < index->first[outlet + 1]; i++) {
        const struct limit *limit = &binder->registry->limits[index->list[i]];
        const int64_t edges[] = {limit->from.ms, limit->to.ms};
        for (size_t k = 0; k < sizeof edges / sizeof edges[0]; k++) {
            next_ms = edges[k] > after_ms && edges[k] < next_ms ? edges[k] : next_ms;
        }
    }
    return next_ms;
}

/* A row of another factor changes nothing. */
static void add_spell(struct binder *binder, uint32_t first, int64_t until_ms, double number)
{
    struct program *program = binder->program;
    struct spell *last =
        program->spell_count > first ? &program->spells[program->spell_count - 1] : NULL;
    if (last != NULL && (last->number == number || (isnan(last->number) && isnan(number)))) {
        last->until_ms = until_ms;
        return;
    }
    program->spells = array_grow(&program->arena, program->spells, program->spell_count,
        &binder->spell_capacity, sizeof *program->spells);
    program->spells[program->spell_count++] = (struct spell){until_ms, number};
}

struct binding bind_limit(struct binder *binder, uint32_t signal, const struct limit_word *word)
{
    struct program *program = binder->program;
    const struct signal *of = &binder->registry->signals[signal];
    const uint32_t outlet = binder->registry->devices[of->device].outlet;
    const uint32_t first = program->spell_count;
    int64_t at_ms = INT64_MIN, until_ms = INT64_MAX;
    do {
        double number = (double)NAN;
        if (outlet != NONE) {
            until_ms = next_change(binder, outlet, at_ms);
            number = registered(binder, of, outlet, word->tier, at_ms);
            bool said = !isnan(number) || word->layer == LIMIT_LISTED;
            number = said ? number : standard(binder, of, outlet, word->layer);
        }
        add_spell(binder, first, until_ms, number);
        at_ms = until_ms;
    } while (until_ms != INT64_MAX);
    if (program->spell_count == first + 1) {
        program->spell_count = first;
        return (struct binding){
            .kind = BINDING_CONSTANT, .constant = program->spells[first].number};
    }
    return (struct binding){
        .kind = BINDING_DATED, .first = first, .count = program->spell_count - first, .of = signal};
}

const struct limit_word *bind_limit_word(struct slice name)
{
    static const struct limit_word WORDS[] = {
        {"limit", "legal", LIMIT_LEGAL},
        {"policy_limit", "policy", LIMIT_POLICY},
        {"permit", "permit", LIMIT_LISTED},
    };
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (slice_is(name, WORDS[i].name)) {
            return &WORDS[i];
        }
    }
    return NULL;
}
