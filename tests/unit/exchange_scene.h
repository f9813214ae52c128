/* exchange_scene -- two devices, the exchanges with them, and what was told of those. */
#ifndef TESTS_UNIT_EXCHANGE_SCENE_H
#define TESTS_UNIT_EXCHANGE_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchanges/order.h"
#include "tests/unit/check.h"

static struct device DEVICES[] = {
    {.mn = {(const uint8_t *)"M1", 2}, .pw = {(const uint8_t *)"123456", 6}},
    {.mn = {(const uint8_t *)"M2", 2}, .pw = {(const uint8_t *)"123456", 6}},
};

struct scene {
    struct registry registry;
    struct exchange_turn turn;
    char told[600];    /* the states, as words */
    char segment[600]; /* of what was sent last */
    char qn[18];       /* its QN */
    unsigned sent;
    uint32_t data, device; /* of the step told last */
    bool late;
};

static inline void hear(void *context, const struct exchange_step *step)
{
    struct scene *scene = context;
    const struct exchange *exchange = step->exchange;
    size_t used = strlen(scene->told);
    snprintf(scene->told + used, sizeof scene->told - used, "%s%s", used == 0 ? "" : " ",
        exchange_state_words((enum exchange_state)exchange->state).name);
    scene->data = exchange->data;
    scene->late = step->late;
    scene->device = exchange->device;
    if (step->send) {
        struct text text = text_in(scene->segment, sizeof scene->segment - 1);
        exchange_segment(exchange, &scene->registry.devices[exchange->device], &text);
        scene->segment[text.size] = '\0';
        event_time_write_qn((struct event_time){exchange->qn_ms}, scene->qn);
        scene->sent += 1;
    }
}

static inline void name_devices(struct registry *registry, uint32_t count)
{
    registry->devices = DEVICES;
    registry->device_count = count;
    registry->device_by_mn = table_new(&registry->arena, count);
    for (uint32_t i = 0; i < count; i++) {
        table_add(&registry->device_by_mn, DEVICES[i].mn, i);
    }
}

static inline struct scene *begin(enum edition edition)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    name_devices(&scene->registry, 2);
    DEVICES[0].edition = edition;
    DEVICES[0].interval_s = 60;
    DEVICES[0].minute_interval = 10;
    DEVICES[0].first_contact = false;
    DEVICES[0].lost_data = false;
    scene->turn = (struct exchange_turn){.registry = &scene->registry,
        .state = calloc(1, exchanges_state_size(2)),
        .wall = {1767225600000}, /* 2026-01-01T08:00:00+08:00 */
        .up = true,
        .emit = hear,
        .context = scene};
    assert_non_null(scene->turn.state);
    return scene;
}

static inline void end(struct scene *scene)
{
    free(scene->turn.state);
    arena_free(&scene->registry.arena);
    free(scene);
}

/* The command's members behind mn, from an exact heap copy. */
static inline enum exchange_refusal give(struct scene *scene, const char *members)
{
    char words[600];
    struct flat_json json;
    struct order_draft draft = {0};
    int size = snprintf(words, sizeof words, "{\"id\":\"1\",\"mn\":\"M1\",\"ST\":32,%s}", members);
    uint8_t *copy = malloc((size_t)size);
    assert_non_null(copy);
    memcpy(copy, words, (size_t)size);
    assert_true(flat_json_read(&json, slice_from(copy, (size_t)size)));
    enum exchange_refusal refusal = order_read(&scene->turn, &json, &draft);
    draft.order.by = slice_of("li");
    if (refusal == EXCHANGE_NOT_NONE) {
        refusal = exchanges_ask(&scene->turn, &draft.order);
    }
    free(copy);
    return refusal;
}

/* A frame of device 0: CN, with QnRtn or ExeRtn or DataTime; "" for the request's QN. */
static inline void answer(
    struct scene *scene, int cn, const char *name, const char *value, const char *qn)
{
    static struct message message;
    message = (struct message){.format = FORMAT_HJ212, .cn_code = cn, .st_code = 91};
    message.qn = slice_of(qn[0] == '\0' ? scene->qn : qn);
    if (strcmp(name, "DataTime") == 0) {
        message.has_data_time = event_time_from_cst(slice_of(value), &message.data_time);
    } else if (name[0] != '\0') {
        message.fields[message.field_count++] =
            (struct plain_field){slice_of(name), slice_of(value)};
    }
    exchanges_hear(&scene->turn, &message);
}

static inline void pass(struct scene *scene, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        scene->turn.listening_ms += 1000;
        scene->turn.wall.ms += 1000;
        exchanges_time(&scene->turn);
        exchanges_tick(&scene->turn);
    }
}

#endif
