#include "cli/check_words.h"

#include "cli/check_excerpt.h"
#include "schemas/hj212.h"

/* A message's own bytes; an empty payload has none. */
static struct slice whole_of(const struct message *message)
{
    return slice_head(slice_tail(message->payload, message->offset), message->size);
}

static void print_place(const struct message *message, enum validity_rule id, FILE *out)
{
    struct slice at, whole = whole_of(message);
    if (whole.size > 0 && message_place(message, id, &at)) {
        uintptr_t from = (uintptr_t)at.ptr, first = (uintptr_t)whole.ptr;
        if (from >= first && from - first + at.size <= whole.size) {
            excerpt_print(whole, message->offset, at, out);
        }
    }
}

static void print_rule(const struct message *message, enum validity_rule id, FILE *out)
{
    const struct validity_rule_row *row = validity_rule(id);
    struct validity_mend mend = validity_mend(id);
    fprintf(
        out, "  %s %s: %s (%s)\n", consequence_name(row->consequence), row->name, row->en, row->zh);
    print_place(message, id, out);
    fprintf(out, "    clause: %s (%s)\n", row->clause, row->source);
    if (mend.en != NULL) {
        fprintf(out, "    mend: %s\n    更正：%s\n", mend.en, mend.zh);
    }
}

static bool broken(const struct rule_set *set, unsigned id)
{
    return rule_set_has(set, (enum validity_rule)id);
}

static bool is_withheld(const struct reading *reading)
{
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (broken(&reading->broken, id) &&
            validity_rule((enum validity_rule)id)->consequence == CONSEQUENCE_WITHHOLD) {
            return true;
        }
    }
    return false;
}

static void print_field(const char *name, struct slice value, FILE *out)
{
    if (value.size > 0) {
        fprintf(out, ", %s ", name);
        excerpt_bytes(slice_head(value, 64), out);
    }
}

static void print_head(const struct message *message, FILE *out)
{
    const struct command_row *command = command_find(message->cn_code);
    fprintf(out, "%s at byte %zu, %zu bytes", verdict_name(message->verdict.kind), message->offset,
        message->size);
    if (message->edition != EDITION_UNKNOWN) {
        fprintf(out, ", edition %s (%s)", edition_name(message->edition), message->edition_reason);
    }
    print_field("ST", message->st, out);
    print_field("CN", message->cn, out);
    if (command != NULL) {
        fprintf(out, " %s", command->en);
    }
    print_field("MN", message->mn, out);
    fprintf(out, ", %zu readings\n", message->reading_count);
}

static void print_withheld(const struct reading *reading, FILE *out)
{
    fputs("  withheld: ", out);
    excerpt_bytes(reading->factor, out);
    fputc('-', out);
    excerpt_bytes(reading->field, out);
    fputc('=', out);
    excerpt_bytes(slice_head(reading->text, 64), out);
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (broken(&reading->broken, id)) {
            fprintf(out, " %s", validity_rule((enum validity_rule)id)->name);
        }
    }
    fputc('\n', out);
}

static void print_rules(const struct message *message, FILE *out)
{
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (broken(&message->verdict.broken, id)) {
            print_rule(message, (enum validity_rule)id, out);
        }
    }
}

void check_words(const struct message *message, FILE *out)
{
    print_head(message, out);
    print_rules(message, out);
    for (size_t i = 0; i < message->reading_count; i++) {
        if (is_withheld(&message->readings[i])) {
            print_withheld(&message->readings[i], out);
        }
    }
}

void check_count_rules(struct check_tally *tally, const struct rule_set *set)
{
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        tally->rules[id] += broken(set, id) ? 1 : 0;
    }
}

void check_count(struct check_tally *tally, const struct message *message)
{
    tally->messages += 1;
    tally->verdicts[message->verdict.kind] += 1;
    tally->readings += message->reading_count;
    for (size_t i = 0; i < message->reading_count; i++) {
        tally->withheld += is_withheld(&message->readings[i]) ? 1 : 0;
    }
    check_count_rules(tally, &message->verdict.broken);
}

void check_summary(const struct check_tally *tally, bool strict, FILE *out)
{
    fprintf(out, "\nsummary%s: %llu messages", strict ? ", strict" : "",
        (unsigned long long)tally->messages);
    for (unsigned kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        fprintf(out, ", %llu %s", (unsigned long long)tally->verdicts[kind],
            verdict_name((enum verdict_kind)kind));
    }
    fprintf(out, "; %llu readings, %llu withheld\n", (unsigned long long)tally->readings,
        (unsigned long long)tally->withheld);
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (tally->rules[id] > 0) {
            const struct validity_rule_row *row = validity_rule((enum validity_rule)id);
            fprintf(out, "  %6llu %s: %s (%s)\n", (unsigned long long)tally->rules[id], row->name,
                row->en, row->zh);
        }
    }
}

void check_words_joined(const struct joined *joined, FILE *out)
{
    const struct message *message = &joined->message;
    fprintf(out, "joined of %u sub-packets", joined->pnum);
    print_field("CN", message->cn, out);
    print_field("MN", message->mn, out);
    print_field("DataTime", message->datatime, out);
    fprintf(out, ", %zu readings", message->reading_count);
    for (uint32_t part = 0; part < joined->pnum; part++) {
        if ((joined->came >> part & 1) == 0) {
            fprintf(out, ", PNO %u missing", part + 1);
        }
    }
    fputc('\n', out);
    print_rules(message, out);
}
