#include "simulator/scenes.h"

bool scenes_plan(struct scene_plans *plans, const char *words)
{
    struct slice rest = slice_of(words);
    struct slice place = slice_cut(&rest, ':');
    struct slice name = slice_cut(&place, '@');
    struct scene_plan *plan = &plans->list[plans->count];
    uint64_t seconds = 0, site = 0;
    if (plans->count == SCENES_MAX || !scene_from(name, &plan->kind) ||
        (place.size > 0 && !slice_to_uint(place, 10000000, &seconds)) ||
        (rest.size > 0 && (!slice_to_uint(rest, UINT32_MAX, &site) || site == 0))) {
        return false;
    }
    plan->at_s = place.size > 0 ? (int64_t)seconds : -1;
    plan->site = (uint32_t)site;
    plans->count += 1;
    return true;
}

bool scenes_fit(const struct scene_plans *plans, const struct county *county)
{
    for (size_t i = 0; i < plans->count; i++) {
        uint32_t site = plans->list[i].site;
        bool kitchen = scene_row(plans->list[i].kind)->role == ROLE_FUME;
        bool plant = site <= county->plants;
        if (site > county->plants + county->restaurants || (site > 0 && kitchen == plant)) {
            return false;
        }
    }
    return true;
}

static void write_truth(const struct county *county, const struct scene *scene, FILE *out)
{
    char space[500], enterprise[20];
    struct text json = text_in(space, sizeof space);
    struct text id = text_in(enterprise, sizeof enterprise);
    const struct scene_row *row = scene_row(scene->kind);
    int64_t within_s = row->within_s + 2 * (int64_t)county->interval_s;
    text_add_byte(&id, 'E');
    text_add_int(&id, scene->site + 1);
    text_add_byte(&json, '{');
    text_add_field_time(&json, "from", (struct event_time){scene->from_ms});
    text_add_field_time(&json, "to", (struct event_time){scene->to_ms});
    text_add_field(&json, "scene", slice_of(row->name));
    text_add_field(&json, "rule", slice_of(row->rule));
    if (row->rule[0] != '\0') {
        text_add_field_time(
            &json, "raised_by", (struct event_time){scene->from_ms + within_s * SECOND_MS});
    }
    text_add_field(&json, "enterprise", text_slice(&id));
    text_add_field_int(&json, "site", scene->site + 1);
    text_add_field(&json, "zh", slice_of(row->zh));
    text_add(&json, "}\n");
    fwrite(space, 1, json.size, out);
    fflush(out);
}

static int64_t usual_ms(const struct scene_row *row, int64_t start_ms)
{
    int64_t day_ms = (start_ms + CST_OFFSET_MS) / DAY_MS * DAY_MS - CST_OFFSET_MS;
    int64_t at_ms = day_ms + row->usual_minute * MINUTE_MS;
    return at_ms < start_ms ? at_ms + DAY_MS : at_ms;
}

void scenes_begin(
    const struct scene_plans *plans, int64_t start_ms, struct county *county, FILE *truth)
{
    for (size_t i = 0; i < plans->count; i++) {
        const struct scene_plan *plan = &plans->list[i];
        const struct scene_row *row = scene_row(plan->kind);
        bool kitchen = row->role == ROLE_FUME;
        uint32_t count = kitchen ? county_plain_kitchens(county) : county->plants;
        if (count == 0) {
            continue;
        }
        uint32_t pick = (uint32_t)i % count + (kitchen ? county->plants : 0);
        struct scene scene = {.kind = plan->kind,
            .site = plan->site > 0 ? plan->site - 1 : pick,
            .from_ms =
                plan->at_s < 0 ? usual_ms(row, start_ms) : start_ms + plan->at_s * SECOND_MS};
        scene.to_ms = scene.from_ms + (int64_t)row->lasts_s * SECOND_MS;
        county->scenes[county->scene_count++] = scene;
        if (truth != NULL) {
            write_truth(county, &scene, truth);
        }
    }
}

void scenes_list(FILE *out)
{
    for (int i = 0; i < SCENE_COUNT; i++) {
        const struct scene_row *row = scene_row((enum scene_kind)i);
        fprintf(out, "%-18s %-28s %02d:%02d %6d s  %s\n", row->name,
            row->rule[0] == '\0' ? "-" : row->rule, row->usual_minute / 60, row->usual_minute % 60,
            row->lasts_s, row->zh);
    }
}
