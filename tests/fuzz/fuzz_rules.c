/* fuzz_rules -- any bytes as a rule file: parsed, bound to a small county, asked and told.
 *
 * Source   docs/rules.md.
 * Shape    whatever compiles gets messages and time; a sentence of each instance is written.
 */
#include <stdlib.h>
#include <string.h>

#include "detectors/program.h"
#include "validators/registry_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX = 16 * 1024, STEPS = 12 };

static const char *const TABLES[][2] = {
    {"area.csv", "area\n140581\n"},
    {"devices.csv", "mn,name,kind,enterprise,outlet,format,pw,interval_s\n"
                    "D1,one,cems,E1,O1,hj212,123456,10\n"},
    {"enterprises.csv", "enterprise,name\nE1,E1\n"},
    {"equipment.csv", "equipment,name,enterprise\nF1,F1,E1\nB1,B1,E1\n"},
    {"limits.csv", "outlet,factor,averaging,value,unit,standard,tier\n"
                   "O1,n1,hour,50,mg/m3,s,legal\n"},
    {"linkages.csv", "linkage,name,enterprise,outlet,role,equipment\nL1,L1,E1,O1,production,F1\n"
                     "L1,L1,E1,O1,bypass,B1\n"},
    {"outlets.csv", "outlet,name,enterprise\nO1,O1,E1\n"},
    {"signals.csv", "mn,factor,field,cn,equipment,quantity,unit,rated\n"
                    "D1,n1,Rtd,2011,,nox,mg/m3,\nD1,o1,Rtd,2011,B1,opening,%,\n"
                    "D1,p1,Rtd,2011,F1,power,kW,100\n"},
};

static void add_file(struct text *text, const char *name, struct slice bytes)
{
    text_add(text, "--- ");
    text_add(text, name);
    text_add_byte(text, ' ');
    text_add_int(text, (int64_t)bytes.size);
    text_add_byte(text, '\n');
    text_add_slice(text, bytes);
    text_add_byte(text, '\n');
}

static const struct registry *county(void)
{
    static struct registry registry;
    static struct report report;
    static bool made;
    if (!made) {
        static char space[8 * 1024];
        struct text text = text_in(space, sizeof space);
        for (size_t i = 0; i < sizeof TABLES / sizeof TABLES[0]; i++) {
            add_file(&text, TABLES[i][0], slice_of(TABLES[i][1]));
        }
        if (registry_parse(text_slice(&text), &registry, &report) != STATUS_OK) {
            abort();
        }
        made = true;
    }
    return &registry;
}

static void on_vote(void *context, const struct vote *vote)
{
    const struct program *program = context;
    if (vote->instance >= program_instance_count(program) || vote->severity < SEVERITY_S1 ||
        vote->severity > SEVERITY_S4) {
        abort();
    }
}

static void watch(struct program *program, uint8_t *state)
{
    static const char *const DIGITS[] = {"0", "99.5", "-1", "1e9"};
    static const double VALUES[] = {0, 99.5, -1, 1e9};
    struct moment moment = {.hub_ms = 1000, .listening = LISTENING_YES};
    for (size_t i = 0; i < STEPS; i++) {
        struct event_time time = {moment.hub_ms};
        struct sample samples[3];
        for (uint32_t k = 0; k < 3; k++) {
            samples[k] = (struct sample){k, (i + k) % 5 != 4, VALUES[(i + k) % 4],
                slice_of(DIGITS[(i + k) % 4]), time, (enum data_flag)((i + k) % DATA_FLAG_COUNT)};
        }
        struct heard heard = {.time = time, .samples = samples, .count = 3};
        detectors_message(program, state, &moment, &heard, on_vote, program);
        moment.hub_ms += 700 * (int64_t)(i * i);
        moment.listening_ms += 700 * (int64_t)(i * i);
        moment.wall.ms += 700 * (int64_t)(i * i);
        detectors_time(program, state, &moment, on_vote, program);
        if (detectors_due(program, state) <= moment.hub_ms) {
            abort(); /* time would stand still */
        }
    }
    for (uint32_t i = 0; i < program_instance_count(program); i++) {
        char space[2048];
        struct text text = text_in(space, sizeof space);
        detectors_text(program, state, &moment, i, LANGUAGE_ZH, 1, moment.wall, &text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char space[FILE_MAX + 100];
    static struct report report;
    struct text text = text_in(space, sizeof space);
    struct program *program = NULL;
    if (size > FILE_MAX) {
        return 0;
    }
    memset(&report, 0, sizeof report);
    report.accepted_before = true; /* its parents stand in other files */
    add_file(&text, "f.yaml", slice_from(data, size));
    if (program_compile(text_slice(&text), county(), &program, &report) == STATUS_OK) {
        uint8_t *state = calloc(1, program_state_size(program));
        if (state == NULL) {
            abort();
        }
        watch(program, state);
        free(state);
        program_free(program);
    }
    report_free(&report);
    return 0;
}
