#include <inttypes.h>
#include <string.h>

#include "cli/evidence.h"
#include "version.h"

static const char FILES[] =
    "| 文件 file | 内容 | what it is |\n|---|---|---|\n"
    "| alarm.json | 报警的最后状态 | the alarm as it was last said |\n"
    "| transitions.jsonl | 每次状态变化，含文字、操作人、依据 | each change of its state: words, "
    "who, why |\n"
    "| chart.svg, chart.png | 规则所用各信号的曲线 | the curves of what the rule reads |\n"
    "| frames/N.bin | 第N条记录的原始报文，未作任何改动 | record N as it arrived, byte for byte |\n"
    "| frames.csv | 每条报文的到达时间、时钟偏差、判定 | arrival, clock offset and judgement of "
    "each message |\n"
    "| readings.csv | 解析后的数据 | what was read from them |\n"
    "| rule.yaml, rules/ | 当时生效的规则及参数 | the rule, and all rules, in force then |\n"
    "| registry/ | 当时登记表中与该企业有关的行（密码已遮盖） | rows about the enterprise, "
    "passwords blanked |\n"
    "| said/N.json | 第N条说出的记录 | what was said in record N |\n"
    "| proof/ | 证据链：摘要链覆盖的完整记录 | records with the chain of digests that binds them "
    "|\n"
    "| MANIFEST.sha256 | 以上文件的SHA-256 | their SHA-256 |\n\n";

static const char CHECK[] =
    "核验 to check:\n\n"
    "    sha256sum -c MANIFEST.sha256\n"
    "    hjhub-verify .\n\n"
    "`hjhub-verify` "
    "不使用枢纽的任何代码：它逐条重算摘要链，并核对每个原始报文与证据链中的记录一致。"
    "摘要应与另行保存的摘要比对。\n"
    "hjhub-verify shares no code with the hub: it computes the chain of digests anew and compares "
    "each raw "
    "frame with its record in the chain. Compare the digest with one that was lodged elsewhere.\n\n"
    "proof/ 含同一时段全部设备的记录以及登记表，仅供主管部门和司法机关使用；提供给当事人时用 "
    "--no-proof 导出。\n"
    "proof/ holds what came from every device at that time, and the registry: for the bureau and "
    "the court. For "
    "the party, export with --no-proof.\n\n"
    "报警是线索，不是结论。 An alarm is a clue, not a finding.\n";

static void put_both(FILE *file, const json_t *both)
{
    const char *zh = json_string_value(json_object_get(both, "zh"));
    const char *en = json_string_value(json_object_get(both, "en"));
    fprintf(file, "%s\n\n%s\n\n", zh == NULL ? "" : zh, en == NULL ? "" : en);
}

static void put_facts(struct evidence *evidence, FILE *file)
{
    const json_t *first = json_array_get(evidence->transitions, 0);
    put_both(file, json_object_get(first, "text"));
    fprintf(file, "- 报警 alarm: %s\n- 规则 rule: %s\n- 对象 subject: %s\n- 级别 severity: %s\n",
        evidence->alarm, evidence_word(evidence, "rule"), evidence_word(evidence, "subject"),
        evidence_word(evidence, "severity"));
    fprintf(file, "- 发生 onset: %s\n- 状态 state: %s\n- 报文 frames: %" PRIu64 "\n",
        json_string_value(json_object_get(first, "onset")), evidence_word(evidence, "to"),
        evidence->frames);
    fprintf(file,
        "- 登记表 registry: record %" PRIu64 "\n- 规则集 rules: record %" PRIu64 "\n"
        "- hjhub %s\n\n",
        evidence->registry_at, evidence->rules_at, HJHUB_VERSION);
}

static bool write_json(struct evidence *evidence)
{
    size_t index, count = json_array_size(evidence->transitions);
    json_t *transition;
    FILE *file = evidence_open(evidence, "transitions.jsonl");
    if (file == NULL) {
        return false;
    }
    json_array_foreach(evidence->transitions, index, transition)
    {
        json_dumpf(transition, file, JSON_COMPACT);
        fputc('\n', file);
    }
    bool fine = evidence_close(file);
    file = fine ? evidence_open(evidence, "alarm.json") : NULL;
    if (file == NULL) {
        return false;
    }
    json_dumpf(json_array_get(evidence->transitions, count - 1), file, JSON_INDENT(2));
    fputc('\n', file);
    return evidence_close(file);
}

int evidence_write_page(struct evidence *evidence)
{
    const json_t *title = json_object_get(json_array_get(evidence->transitions, 0), "title");
    FILE *file = evidence_open(evidence, "README.md");
    if (file == NULL) {
        return EXIT_COULD_NOT;
    }
    const char *zh = json_string_value(json_object_get(title, "zh"));
    fprintf(file, "# %s\n\n", zh == NULL ? evidence->alarm : zh);
    put_facts(evidence, file);
    fputs(FILES, file);
    fputs(CHECK, file);
    return evidence_close(file) && write_json(evidence) ? EXIT_FINE : EXIT_COULD_NOT;
}
