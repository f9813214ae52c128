/* alarm -- what an alarm is, in which states it can be, and how one step from one to the next looks.
 *
 * Source   ISA-18.2 / IEC 62682 (states), plus `pending` and `closed`; design: "Effects, once".
 * Shape    struct instance: one rule watching one subject, as compiled. struct transition: a change of
 *          state, ready to be journaled and published.
 * Units    ms.
 * Memory   slices borrow: an instance's from the compiled rules; a transition's until emitted.
 * Threads  plain data.
 */
#ifndef SCHEMAS_ALARM_H
#define SCHEMAS_ALARM_H

#include "core/time.h"
#include "schemas/registry.h"

enum alarm_state {
#define ALARM_STATE(id, name, zh, is_open, what) ALARM_##id,
#include "schemas/alarm_states.def"
#undef ALARM_STATE
    ALARM_STATE_COUNT
};

enum severity { SEVERITY_S1 = 1, SEVERITY_S2, SEVERITY_S3, SEVERITY_S4 };

enum { ALARM_ID_SIZE = 32 };

/* yes, no, or a value that should be there and is not usable now */
enum tri { TRI_NO, TRI_YES, TRI_UNKNOWN };

/* What is broken, by the law in force at the onset. */
struct law {
    int64_t from_ms, until_ms; /* event time: from <= onset < until */
    struct slice cite;
};

enum evidence_kind {
    EVIDENCE_NONE, /* it is no evidence */
#define EVIDENCE(id, name, zh, en) EVIDENCE_##id,
#include "schemas/evidence_kinds.def"
#undef EVIDENCE
    EVIDENCE_KIND_COUNT
};

/* One rule, one subject: what alarms/ needs to know of it. */
struct instance {
    struct slice rule; /* rule id */
    struct slice title_zh, title_en;
    struct slice subject; /* linkage, device, outlet or signal id */
    uint32_t enterprise;  /* NONE */
    uint32_t outlet;      /* NONE */
    uint32_t device;      /* NONE: the subject has no device of its own */
    int64_t raise_after_ms;
    int64_t clear_after_ms;
    enum severity severity;      /* when nothing lowers or raises it */
    enum evidence_kind evidence; /* of what kind it is against its enterprise */
    bool asks_alarms;            /* its rule asks of alarms: it is not counted among them */
    bool latched;            /* that its condition is over is not enough: an officer closes it */
    const uint32_t *parents; /* instances that explain it while their condition holds */
    uint32_t parent_count;
    int64_t shadow_until_ms; /* event time; by the rule's own key. 0: not, INT64_MAX: always */
    int64_t in_service_ms;   /* event time; of its device. 0: not known */
    uint64_t name_hash;      /* of rule and subject */
    uint64_t linkage_hash;   /* of the linkage that it stands in; 0: none */
    const struct law *laws;
    uint32_t law_count;
    uint64_t rule_hash, parameter_hash; /* of the rule as written, and of its parameters */
    uint64_t fingerprint; /* of rule text, parameters and bindings: equal = its state may be kept */
};

const char *alarm_state_name(enum alarm_state state); /* "active-unack" */
bool alarm_state_from(struct slice name, enum alarm_state *state);
bool alarm_state_open(enum alarm_state state); /* it has an alarm id that stands in alarm/open */
const char *severity_name(enum severity severity); /* "S1" */

/* What an officer found, of the list; NULL: no such. */
struct officer_finding {
    const char *name, *zh, *en;
    bool wrong; /* the alarm should not have been */
};
const struct officer_finding *officer_finding(struct slice name);
bool plant_answer_known(struct slice name);

#endif
