#include "detectors/evaluate.h"

/* What was told of a place holds at instants of event time; the wall's is the same but for the hub's own lateness. */
static int64_t now_of(const struct evaluation *evaluation)
{
    return evaluation->moment->wall.ms;
}

static enum filing_kind kind_of(const struct code_step *step)
{
    return (enum filing_kind)step->count;
}

/* One of the book that holds now; NULL: none, or nobody keeps a book. */
static const struct filing *in_force(struct evaluation *evaluation, enum filing_kind kind)
{
    const struct filing_book *book = evaluation->moment->filings;
    if (book == NULL || evaluation->place == NULL || book->first[kind] == book->first[kind + 1]) {
        return NULL;
    }
    struct filing_view view = filing_in_force(
        book, evaluation->program->registry, kind, evaluation->place, now_of(evaluation));
    evaluation_due_at_wall(evaluation, view.turns_ms);
    return view.filing;
}

bool evaluation_concerns(
    const struct evaluation *evaluation, uint32_t enterprise, uint32_t equipment)
{
    const struct filing as_filing = {
        .subject = equipment != NONE    ? equipment
                   : enterprise != NONE ? enterprise
                                        : 0,
        .about = equipment != NONE    ? FILING_ABOUT_EQUIPMENT
                 : enterprise != NONE ? FILING_ABOUT_ENTERPRISE
                                      : FILING_ABOUT_AREA,
    };
    return (enterprise == NONE && equipment == NONE) ||
           (evaluation->place != NULL &&
               filing_concerns(evaluation->program->registry, &as_filing, evaluation->place));
}

static bool planned(struct evaluation *evaluation, enum filing_kind kind)
{
    const struct registry *registry = evaluation->program->registry;
    int64_t now_ms = now_of(evaluation);
    for (uint32_t i = 0; registry != NULL && i < registry->plan_count; i++) {
        const struct plan *plan = &registry->plans[i];
        if (plan->kind != (uint32_t)kind || now_ms >= plan->to.ms ||
            !evaluation_concerns(evaluation, plan->enterprise, plan->equipment)) {
            continue;
        }
        evaluation_due_at_wall(evaluation, now_ms < plan->from.ms ? plan->from.ms : plan->to.ms);
        if (now_ms >= plan->from.ms) {
            return true;
        }
    }
    return false;
}

struct value filed_value(struct evaluation *evaluation, const struct code_step *step)
{
    enum filing_kind kind = kind_of(step);
    return known(planned(evaluation, kind) || in_force(evaluation, kind) != NULL ? 1 : 0);
}

/* equipment.csv says so of the place's equipment, or of something in its linkage. */
static bool stands(const struct evaluation *evaluation, enum filing_kind kind)
{
    const struct registry *registry = evaluation->program->registry;
    const struct filing_place *place = evaluation->place;
    if (place == NULL) {
        return false;
    }
    if (place->equipment != NONE) {
        return registry->equipment[place->equipment].standing == (uint32_t)kind;
    }
    const struct linkage *linkage =
        place->linkage == NONE ? NULL : &registry->linkages[place->linkage];
    for (uint32_t i = 0; linkage != NULL && i < linkage->member_count; i++) {
        uint32_t equipment = registry->members[linkage->member_first + i].equipment;
        if (registry->equipment[equipment].standing == (uint32_t)kind) {
            return true;
        }
    }
    return false;
}

struct value ordered_value(struct evaluation *evaluation, const struct code_step *step)
{
    enum filing_kind kind = kind_of(step);
    return known(stands(evaluation, kind) || in_force(evaluation, kind) != NULL ? 1 : 0);
}

/* Nobody can follow an order before he has it. */
struct value ordered_for_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct filing *order = in_force(evaluation, kind_of(step));
    if (order == NULL) {
        return known(0);
    }
    int64_t since_ms = order->from_ms > order->told_ms ? order->from_ms : order->told_ms;
    return (struct value){(double)(now_of(evaluation) - since_ms) / SECOND_MS, 1.0 / SECOND_MS};
}

/* Without an order there is no number, and nothing to compare with. */
struct value order_value(struct evaluation *evaluation, const struct code_step *step)
{
    if (evaluation->state == NULL) {
        return UNKNOWN_VALUE;
    }
    const struct filing *order = in_force(evaluation, kind_of(step));
    return order != NULL && order->numbered ? known(order->number) : ABSENT_VALUE;
}

static const struct filing *last(const struct evaluation *evaluation, enum filing_kind kind)
{
    const struct filing_book *book = evaluation->moment->filings;
    return book == NULL || evaluation->place == NULL
               ? NULL
               : filing_last(book, evaluation->program->registry, kind, evaluation->place,
                     now_of(evaluation));
}

/* What was never told is as old as the hub's memory, or as the service of what it is asked about. */
static int64_t memory_begins(const struct evaluation *evaluation)
{
    const struct filing_book *book = evaluation->moment->filings;
    uint32_t device = evaluation->place == NULL ? NONE : evaluation->place->device;
    int64_t begun_ms = book == NULL ? now_of(evaluation) : book->begun_ms;
    if (device != NONE) {
        const struct device *of = &evaluation->program->registry->devices[device];
        int64_t since_ms = of->has_in_service_since ? of->in_service_since.ms : begun_ms;
        begun_ms = since_ms > begun_ms ? since_ms : begun_ms;
    }
    return begun_ms;
}

struct value since_filed_value(struct evaluation *evaluation, const struct code_step *step)
{
    enum filing_kind kind = kind_of(step);
    if (in_force(evaluation, kind) != NULL) {
        return known(0);
    }
    const struct filing *before = last(evaluation, kind);
    int64_t since_ms = before != NULL ? before->to_ms : memory_begins(evaluation);
    int64_t passed_ms = now_of(evaluation) - since_ms;
    return (struct value){passed_ms > 0 ? (double)passed_ms / SECOND_MS : 0, 1.0 / SECOND_MS};
}

struct value told_value(struct evaluation *evaluation, const struct code_step *step)
{
    if (evaluation->state == NULL) {
        return UNKNOWN_VALUE;
    }
    const struct filing *before = last(evaluation, kind_of(step));
    return before != NULL && before->numbered ? known(before->number) : ABSENT_VALUE;
}
