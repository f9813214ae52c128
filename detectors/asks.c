#include "detectors/asks.h"

bool ask_equal(const struct ask *a, const struct ask *b)
{
    return a->kind == b->kind && a->what == b->what && a->than_ms == b->than_ms &&
           span_equal(&a->span, &b->span) && slice_equal(a->word, b->word);
}

bool ask_is_tallied(const struct ask *ask)
{
    return ask->kind == ASK_CAME || ask->kind == ASK_LATE || ask->kind == ASK_VERDICTS ||
           ask->kind == ASK_BREACHES || ask->kind == ASK_SILENT;
}

bool ask_is_of_alarms(const struct ask *ask)
{
    return ask->kind == ASK_RAISED || ask->kind == ASK_EVIDENCE;
}
