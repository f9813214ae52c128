#include <assert.h>

#include "broker-bridge/pipeline_state.h"

/* Whoever told it hears what became of it, where he has a topic; what it concerns is looked at again. */
static void obey(struct pipeline *pipeline, const struct filing_source *source,
    struct slice payload, enum topic_kind answers)
{
    struct revision *revision = pipeline->revision;
    char space[FILING_RESULT_SIZE];
    struct text result = text_in(space, sizeof space);
    struct text where = text_in(pipeline->topic_space, sizeof pipeline->topic_space);
    struct filing_outcome outcome =
        filings_obey(&revision->registry, revision_filings(revision), source, payload, &result);
    if (answers != TOPIC_UNKNOWN) {
        topic_write(&where, answers, pipeline->area, source->name);
    }
    effect_send(pipeline,
        (struct effect){.kind = EFFECT_RESULT,
            .topic = text_slice(&where),
            .correlation = where.size > 0 ? pipeline->record->correlation : (struct slice){0},
            .payload = text_slice(&result)});
    if (outcome.changed) {
        struct moment moment = time_moment(pipeline);
        detectors_told(revision->program, revision_detectors(revision), &moment, outcome.enterprise,
            vote_taken, pipeline);
    }
}

void filing_told(struct pipeline *pipeline, const struct topic *topic)
{
    bool plant = topic->kind == TOPIC_UP_FILING;
    struct filing_source source = {
        .name = topic->name,
        .teller = plant ? FILING_BY_PLANT : FILING_BY_BUREAU,
        .retained = pipeline->record->retain,
        .wall = pipeline->record->wall,
    };
    obey(pipeline, &source, pipeline->record->payload,
        plant ? TOPIC_DOWN_FILING : TOPIC_ORDER_CMD_RESULT);
}

void filing_told_here(struct pipeline *pipeline, struct slice by, struct slice payload)
{
    struct filing_source source = {
        .name = by, .teller = FILING_BY_BUREAU, .wall = pipeline->record->wall};
    obey(pipeline, &source, payload, TOPIC_UNKNOWN);
}

void pipeline_filings(const struct pipeline *pipeline, filing_sink *each, void *context)
{
    const struct revision *revision = pipeline->revision;
    const struct filing_book *book = revision_filings(revision);
    int64_t now_ms = revision_head(revision)->wall_ms;
    for (uint32_t i = 0; i < book->count; i++) {
        char space[FILING_RESULT_SIZE];
        struct text json = text_in(space, sizeof space);
        text_add_byte(&json, '{');
        filing_write(&revision->registry, book, i, now_ms, &json);
        text_add_byte(&json, '}');
        assert(!json.truncated);
        each(context, text_slice(&json));
    }
}
