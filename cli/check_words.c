#include "cli/check_words.h"

enum { EXCERPT_SIZE = 100, CARET_COLUMN_MAX = 60 };

/* Bytes as they can be shown: what is no printable ASCII is a dot. */
static void print_plain(struct slice bytes, FILE *out)
{
    for (size_t i = 0; i < bytes.size; i++) {
        bool plain = bytes.ptr[i] >= 0x20 && bytes.ptr[i] < 0x7F;
        fputc(plain ? bytes.ptr[i] : '.', out);
    }
}

/* The payload around byte `at`, and a caret below that byte. */
static void print_place(struct slice payload, size_t at, FILE *out)
{
    size_t from = at > CARET_COLUMN_MAX ? at - CARET_COLUMN_MAX : 0;
    fputs("    ", out);
    print_plain(slice_head(slice_tail(payload, from), EXCERPT_SIZE), out);
    fprintf(out, "\n    %*s^ byte %zu\n", (int)(at - from), "", at);
}

/* Where in the payload a part of it begins; elsewhere when it was made and not cut. */
static size_t place_of(struct slice payload, struct slice part, size_t elsewhere)
{
    uintptr_t first = (uintptr_t)payload.ptr, at = (uintptr_t)part.ptr;
    bool inside = part.ptr != NULL && at >= first && at <= first + payload.size;
    return inside ? (size_t)(at - first) : elsewhere;
}

/* The byte at which a rejected message stops making sense. */
static size_t fault_at(const struct message *message, struct slice payload)
{
    const struct rule_set *broken = &message->verdict.broken;
    size_t end = message->offset + message->size;
    if (rule_set_has(broken, RULE_CRC_WRONG)) {
        return place_of(payload, message->segment, message->offset) + message->segment.size;
    }
    if (rule_set_has(broken, RULE_FRAME_TRUNCATED)) {
        return end;
    }
    bool length =
        rule_set_has(broken, RULE_LENGTH_DIGITS) || rule_set_has(broken, RULE_LENGTH_WRONG);
    return message->offset + (length ? 2 : 0); /* behind ## */
}

static void print_rule(enum validity_rule id, FILE *out)
{
    const struct validity_rule_row *row = validity_rule(id);
    fprintf(out, "  %-10s %-24s %s\n             %-24s %s (%s)\n",
        consequence_name(row->consequence), row->name, row->en, row->clause, row->zh, row->source);
}

static void print_rules(const struct rule_set *set, FILE *out)
{
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (rule_set_has(set, (enum validity_rule)id)) {
            print_rule((enum validity_rule)id, out);
        }
    }
}

static bool withheld(const struct reading *reading)
{
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (rule_set_has(&reading->broken, (enum validity_rule)id) &&
            validity_rule((enum validity_rule)id)->consequence == CONSEQUENCE_WITHHOLD) {
            return true;
        }
    }
    return false;
}

static void print_head(const struct message *message, uint64_t line, FILE *out)
{
    if (line > 0) {
        fprintf(out, "line %llu: ", (unsigned long long)line);
    }
    fprintf(out, "%s at byte %zu, %zu bytes", verdict_name(message->verdict.kind), message->offset,
        message->size);
    if (message->edition != EDITION_UNKNOWN) {
        fprintf(out, ", edition %s (%s)", edition_name(message->edition), message->edition_reason);
    }
    fputs(message->cn.size > 0 ? ", CN " : "", out);
    print_plain(message->cn, out);
    fputs(message->mn.size > 0 ? ", MN " : "", out);
    print_plain(message->mn, out);
    fprintf(out, ", %zu readings\n", message->reading_count);
}

void check_words(const struct message *message, struct slice payload, uint64_t line, FILE *out)
{
    print_head(message, line, out);
    print_rules(&message->verdict.broken, out);
    if (message->verdict.kind == VERDICT_REJECTED && payload.size > 0) {
        print_place(payload, fault_at(message, payload), out);
    }
    for (size_t i = 0; i < message->reading_count; i++) {
        const struct reading *reading = &message->readings[i];
        if (withheld(reading)) {
            fputs("  withheld: ", out);
            print_plain(reading->factor, out);
            fputc('-', out);
            print_plain(reading->field, out);
            fputc('\n', out);
            size_t name_at = place_of(payload, reading->factor, message->offset);
            print_place(payload, place_of(payload, reading->text, name_at), out);
        }
    }
}
