#!/usr/bin/python3
"""The pages of docs/ that are made of rows in *.def, and the tables within pages that are written by hand.

    docs/tables.py [--schemas DIR] [--out DIR]   write them
    docs/tables.py --check                       say which of them is not in step; exit status 1 then
"""
import argparse
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
YEARS = ("2005", "2017", "2025")
LETTERS = dict(zip("579", YEARS))
MADE = "<!-- made by docs/tables.py from schemas/*.def: change the rows, not this page -->\n\n"

VALIDITY = """# The rules of validity 有效性规则

What is asked of every frame and pack, by `hjhub run` and `hjhub check` alike. A rule has one of four consequences:
**reject** (it cannot be read), **quarantine** (read, but its origin, key or time is not believed), **withhold** (this one
reading is unusable, the others stand), **mark** (odd, noted, used). The frame's verdict is that of the severest. How sure a
rule is: *standard text*; *quoted* (2025, by implementers who had the text); *implementations agree*; *single source*;
*inferred*; *house* (ours). The same as a list: `hjhub rules list --kind validity [--json]`.

"""

HJ212 = """# HJ 212 as hjhub knows it

Every fact below is a row in `schemas/`, with its clause and how sure it is (validity.md says what the words mean).
**A correction is one row**: what judges frames, this page and the tests read the same rows. The text of 2025 was not at hand; its rows
come from implementers who had it. Factors: [hj212-factors.md](hj212-factors.md).

## Which edition a frame follows

The first line that fits; `hjhub check` names it, and the verdict carries the edition.

| what is known | edition | reason given |
| --- | --- | --- |
| the device's `edition` in `devices.csv` | that | profile |
| no Flag, MN of 24 hexadecimal digits | 2017 | MN, no Flag |
| no Flag | 2005 | no Flag |
| Flag's version bits are of no row below | unknown, judged as 2017 | Flag of no known edition |
| Flag's version is 0 or 1 | 2005 or 2017 | Flag |
| Flag's version is 2; MN of 24 hexadecimal digits, or empty (before activation) | 2025 | Flag and MN |
| Flag's version is 2, another MN | 2017 | Flag of 2025, but no MN of it |

Flag 8 or 9 alone does not prove 2025: surface water has sent it since 2020 or before, with MNs such as A110000_0001. ST
proves nothing either. What a frame cannot tell, the registry can: the profile wins where there is one.

"""


class Tables:
    def __init__(self, folder, root=ROOT):
        self.folder, self.root = folder, root

    def rows(self, table, kind):
        """`table`: a file of schemas/, or one of another room with its name before it."""
        path = self.root / f"{table}.def" if "/" in table else self.folder / f"{table}.def"
        text = path.read_text(encoding="utf-8")
        for line in re.findall(rf"^{kind}\((.*)\)$", text, re.M):
            cells = re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^,]+)', line)
            yield [cell.strip().strip("\"'") for cell in cells]


def table(heads, lines):
    out = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    out += ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join(out) + "\n\n"


def years(editions):
    return " ".join(LETTERS[letter] for letter in editions)


def among(least, most):
    return "" if (least, most) == ("NO_LEAST", "NO_MOST") else f"{least} .. {most}".replace("NO_LEAST", "").replace(
        "NO_MOST", "")


def validity(tables):
    mends = {rule: (zh, en) for rule, zh, en in tables.rows("mends", "MEND")}
    out = VALIDITY
    for what in ("REJECT", "QUARANTINE", "WITHHOLD", "MARK"):
        out += f"## {what.capitalize()}\n\n"
        out += table(["rule", "what is wrong 说明", "how to mend it 更正", "clause, sureness"], [
            [f"`{name}`", f"{en}<br>{zh}", "<br>".join(reversed(mends.get(rule, ("", "")))), f"{clause} ({sure})"]
            for rule, name, consequence, clause, zh, en, sure in tables.rows("rules", "RULE") if consequence == what])
    return out


def header(tables):
    names = {row[0]: row[1] for row in tables.rows("header_fields", "HEADER_FIELD")}
    facts = {}
    for field, year, presence, least, most, clause, sure in tables.rows("header_fields", "HEADER_FACT"):
        size = least if least == most else f"{least} to {most}"
        facts[field, year] = "-" if presence == "ABSENT" else f"{presence.lower()}, {size} ({sure})"
    return "## Header fields\n\nHow many characters the value has, without the name and `=`.\n\n" + table(
        ["field", *YEARS], [[names[field]] + [facts[field, year] for year in YEARS] for field in names])


def systems(tables):
    return "## ST 系统编码\n\n" + table(["ST", "name", *YEARS], [
        [st, f"{zh} {en}", *[cell or "-" for cell in sure]] for st, zh, en, *sure in tables.rows("systems", "ST_ROW")])


def commands(tables):
    names = {row[0]: row[1] for row in tables.rows("cp_fields", "CP_NAME")}

    def listed(cell):
        found = re.findall(r"([FI])\((\w+)\)", cell)
        return ", ".join(names[word] if kind == "F" else word.lower() for kind, word in found)

    way = {"UP": "to the host", "DOWN": "to the device", "BOTH": "both"}
    out = "## CN 命令编码\n\n" + table(["CN", "name", "way", "editions", "answered with", "sureness"], [
        [cn, f"{zh} {en}", way[direction], years(editions), answer.replace("0", "", 1) if answer == "0" else answer, sure]
        for cn, zh, en, direction, editions, answer, sure in tables.rows("commands", "COMMAND_ROW")])
    out += ("## What stands in CP\n\nItems are families of suffixes, of which one must be there at least; -Flag may stand "
            "beside each.\n\n")
    return out + table(["CN", "edition", "way", "needs", "may have", "items", "beside them", "clause, sureness"], [
        [cn, year, way[to], listed(needs), listed(may), listed(items), listed(also), f"{clause} ({sure})"]
        for cn, year, to, needs, may, items, also, clause, sure in tables.rows("cp_content", "CONTENT")])


def fields(tables):
    names = {row[0]: row[1] for row in tables.rows("cp_fields", "CP_NAME")}
    out = "## Plain fields of CP\n\n" + table(["field", "editions", "type", "size", "range", "clause, sureness"], [
        [names[field], years(editions), kind.lower(), size, f"{least} .. {most}" if most != "0" else "",
         f"{clause} ({sure})"]
        for field, editions, kind, size, least, most, clause, sure in tables.rows("cp_fields", "CP_FIELD")])
    out += "## Suffixes\n\n" + table(["suffix", "editions", "kind", "family", "range", "clause, sureness"], [
        [f"-{name}", years(editions), kind.lower(), family.lower(), among(least, most), f"{clause} ({sure})"]
        for _, name, editions, kind, family, least, most, clause, sure in tables.rows("suffixes", "SUFFIX")])
    out += "## Data flags\n\n" + table(["-Flag", "meaning", "usable", *YEARS], [
        [flag, f"{zh} {en}", {"true": "yes", "false": "no"}[usable], *[cell or "-" for cell in sure]]
        for flag, zh, en, usable, *sure in tables.rows("data_flags", "DATA_FLAG")])
    return out + "## Return codes\n\n" + table(["field", "code", "meaning", "editions", "clause, sureness"], [
        [names[field], code, f"{zh} {en}", years(editions), f"{clause} ({sure})"]
        for field, code, editions, zh, en, clause, sure in tables.rows("return_codes", "RETURN_CODE")])


def hj212(tables):
    out = HJ212 + table(["edition", "title", "in force", "Flag's version", "sureness"], [
        [name, title, since, version, f"{clause} ({sure})"]
        for _, _, version, name, title, since, clause, sure in tables.rows("editions", "EDITION")])
    return out + header(tables) + systems(tables) + commands(tables) + fields(tables)


def factors(tables):
    names = {unit: name for unit, name, *_ in tables.rows("factor_units", "FACTOR_UNIT")}
    out = "# Factors\n\nThe lists are declared open in every edition: a code that is not here is marked, never refused.\n\n"
    out += "## Units, and what a number in them can be\n\n" + table(["unit", "range", "clause, sureness"], [
        [name or unit.lower().replace("_", " "), among(least, most), f"{clause} ({sure})"]
        for unit, name, least, most, clause, sure in tables.rows("factor_units", "FACTOR_UNIT")])
    form = {"DIGITS": lambda digits, decimals: f"N{digits}" + (f".{decimals}" if decimals != "0" else ""),
            "CHARACTERS": lambda size, _: "letters" if size == "0" else f"C{size}",
            "INSTANT": lambda size, _: f"N{size}", "UNTYPED": lambda *_: ""}
    return out + "## Codes\n\n" + table(["code", "editions", "name", "unit", "type", "clause, sureness"], [
        [code, years(editions), f"{zh} {en}", names[unit], form[kind](digits, decimals), f"{clause} ({sure})"]
        for code, editions, zh, en, unit, kind, digits, decimals, clause, sure in tables.rows("factors", "FACTOR")])


def state(name):
    return f"`{name.lower().replace('_', '-')}`"


def alarm_states(tables):
    return table(["state", "Chinese", "what"], [
        [f"`{name}`", zh, what] for _, name, zh, _, what in tables.rows("alarm_states", "ALARM_STATE")])


def alarm_transitions(tables):
    events = {row[0]: row[3] for row in tables.rows("alarms/events", "ALARM_EVENT")}
    return table(["from", "by", "to", ""], [
        [state(start), events[event], state(end), what]
        for start, event, end, what in tables.rows("alarms/transitions", "TRANSITION")] + [
        ["any open state", events[event], "the same", what]
        for event, what in tables.rows("alarms/transitions", "STAYS")] + [
        ["any state", events[event], "the same", what]
        for event, what in tables.rows("alarms/transitions", "ALWAYS")])


NEEDS = {"NOTHING": "", "ASSIGNEE": "`assignee`", "ANSWER": "`answer`", "REASON": "`reason`, `until`",
         "ORDER": "`order`", "FINDING": "`finding`"}
UNITS = {"SECOND_MS": "s", "MINUTE_MS": "min", "HOUR_MS": "h", "DAY_MS": "d"}


def span(text):
    """15 * MINUTE_MS in words."""
    *number, unit = text.replace("*", " ").split()
    return "never" if unit == "0" else f"{''.join(number) or 1} {UNITS[unit]}"


def alarm_actions(tables):
    events = [row[:2] for row in tables.rows("alarms/transitions", "TRANSITION")]
    stays = [row[0] for row in tables.rows("alarms/transitions", "STAYS")]

    also = {"CLOSE": "UNLATCH"}  # of a latched alarm that is over

    def sources(event):
        found = ", ".join(state(start) for start, name in events if name in (event, also.get(event)))
        return found or ("any open state" if event in stays else "any state")

    return table(["action", "说明", "what", "from", "needs"], [
        [f"`{name}`", zh, en, sources(event), NEEDS[needs]]
        for _, name, event, needs, zh, en in tables.rows("alarms/actions", "ALARM_ACTION")])


def alarm_answers(tables):
    return table(["answer", "说明", "what"], [
        [f"`{name}`", zh, en] for _, name, zh, en in tables.rows("alarm_answers", "ALARM_ANSWER")])


def alarm_findings(tables):
    return table(["finding", "结论", "what", "counts as false"], [
        [f"`{name}`", zh, en, "yes" if wrong == "true" else ""]
        for _, name, zh, en, wrong in tables.rows("findings", "FINDING")])


def plant_answers(tables):
    return table(["answer", "企业答复", "what"], [
        [f"`{name}`", zh, en] for _, name, zh, en in tables.rows("plant_answers", "PLANT_ANSWER")])


def alarm_deadlines(tables):
    shelved = {row[0]: span(row[1]) for row in tables.rows("alarms/shelving", "SHELVING")}
    return table(["", "to acknowledge", "to verify", "re-alarm", "shelved at most", "source"], [
        [severity[-2:], *[span(cell) for cell in cells], shelved[severity].replace("never", "not at all"), source]
        for severity, *cells, source in tables.rows("alarms/deadlines", "DEADLINE")])


def alarm_reasons(tables):
    return table(["reason", "when"], [
        [f"`{reason}`", what] for _, _, reason, what in tables.rows("alarms/events", "ALARM_EVENT") if reason])


def alarm_why(tables):
    return table(["because", "说明", ""], [
        [f"`{why}`", zh, en] for why, _, zh, en in tables.rows("alarms/why", "WHY")])


# What functions.def says a function takes, as it is written in a rule.
TAKES = {"VALUES": "(a, b, ...)", "WHERE": "(t, x)", "NAME": "(x)", "NAME_AND_FLAGS": "(x, MCD)", "WORD": "(word)", "KIND": "(kind)", "HOURS": "(22:00, 06:00)", "NUMBER_AND_COUNT": "(x, 1000)", "NUMBER_AND_TIMES": "(x, w, 7 d)", "NUMBER": "(x)",
         "NUMBER_AND_BAND": "(x, band)", "NUMBER_AND_SPAN": "(x, w)", "NUMBER_SHARE_AND_TIME": "(x, 95 %, w)", "TRUTH": "(t)",
         "TRUTH_AND_SPAN": "(t, w)", "TRUTH_AND_TIME": "(t, w)"}
GIVES = {"SAME": "as x", "TRUTH": "yes or no", "TIME": "time", "RATE": "x a second", "PLAIN": "number", "KIND_NUMBER": "its number", "PART": "share"}


def functions(tables):
    return table(["function", "gives", "", ""], [
        [f"`{name}{TAKES[takes]}`", GIVES[gives], en, zh]
        for _, name, takes, gives, _, _, zh, en in tables.rows("detectors/functions", "FUNCTION")])


def filing_answers(tables):
    return table(["result", "含义", ""], [
        [f"`{name}`", zh, en] for _, name, zh, en in tables.rows("filing_answers", "FILING_ANSWER")])


def filing_kinds(tables):
    sorts = {"ANNOUNCED": "announced 报备", "ORDERED": "ordered 命令", "RECORDED": "recorded 记录"}
    tellers = {"PLANT": "plant, bureau", "BUREAU": "bureau"}
    bears = {"NONE": "", "MAY": "{} to {:.0f} {}, may be left out", "NEEDS": "{} to {:.0f} {}"}
    return table(["kind", "名称", "", "sort", "told by", "number"], [
        [f"`{name}`", zh, en, sorts[sort], tellers[teller], bears[number].format(least, float(most), unit).strip()]
        for _, name, sort, teller, number, unit, least, most, zh, en in tables.rows("filing_kinds", "FILING_KIND")])


def standard_limits(tables):
    return table(["source", "region", "pollutant", "averaging", "limit", "O2 %", "layer", "standard, tier", "sure, basis", ""], [
        [f"`{source}`", region, f"{pollutant} {code}".strip(), averaging, f"{value} {unit}", o2, layer.lower(),
         f"{standard} ({tier.lower().replace('_', ' ')})", f"{sure}, {basis}", note]
        for source, region, pollutant, code, averaging, value, unit, o2, layer, tier, standard, sure, basis, note
        in tables.rows("standard_limits", "STANDARD_LIMIT")])


# What stands between `<!-- rows: name -->` and `<!-- rows end -->` in a page.
PARTS = {"alarm states": alarm_states, "alarm transitions": alarm_transitions, "alarm actions": alarm_actions,
         "alarm answers": alarm_answers, "findings": alarm_findings, "plant answers": plant_answers,
         "alarm deadlines": alarm_deadlines, "alarm reasons": alarm_reasons, "alarm why": alarm_why,
         "functions": functions,
         "filing answers": filing_answers, "filing kinds": filing_kinds, "standard limits": standard_limits}
FILLED = ("alarms.md", "filings.md", "limits.md", "rules.md")


def filled(text, tables):
    return re.sub(r"(<!-- rows: ([a-z ]+) -->\n).*?(<!-- rows end -->)",
                  lambda found: found[1] + PARTS[found[2]](tables) + found[3], text, flags=re.S)


CATALOGUE = """# The catalogue 规则目录

Every rule in `rules/`, by file. `hjhub rules list` tells the same with what each reads and its bytes; conditions, exclusions, texts, parameters with their
bounds and tests stand in the files ([rules.md](rules.md) is the language). **Sure** is how sure it is that such a rule is used or required; numbers that no
document gives are engineering and are to be tuned in shadow mode. Severities behind an arrow are those that it may escalate to.

"""


def severity(rule):
    grades = [grade["to"] for grade in rule.get("grades", [])]
    return rule["severity"] + (f" → {min(grades)}" if grades and min(grades) < rule["severity"] else "")


def when_over(rule):
    return "an officer" if rule.get("latched") in (True, "yes") else rule.get("clear_after", "0 s")


def catalogue(tables):
    text = CATALOGUE
    for path in sorted((tables.root / "rules").glob("*.yaml")):
        source = path.read_text(encoding="utf-8")
        rules = [item for item in yaml.safe_load(source) or [] if "rule" in item]
        if not rules:
            continue
        heading = source.splitlines()[0].lstrip("# ") if source.startswith("#") else path.name
        text += f"## {heading} (`{path.name}`)\n\n" + table(
            ["rule", "规则", "", "scope", "severity", "after", "over after", "sure"],
            [[f"`{rule['rule']}`", rule["title"]["zh"], rule["title"]["en"], rule["scope"], severity(rule),
              rule.get("each", rule.get("raise_after", "0 s")), when_over(rule), rule["source"]["sure"]] for rule in rules]) + "\n"
    return text


PAGES = {"catalogue.md": catalogue, "validity.md": validity, "hj212.md": hj212, "hj212-factors.md": factors}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--schemas", type=pathlib.Path, default=ROOT / "schemas")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    stale = []
    tables = Tables(asked.schemas)
    pages = {name: MADE + page(tables).rstrip("\n") + "\n" for name, page in PAGES.items()}
    pages |= {name: filled((ROOT / "docs" / name).read_text(encoding="utf-8"), tables) for name in FILLED}
    for name, text in pages.items():
        path = asked.out / name
        if not asked.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(f"docs/{name} is not in step with the rows: run docs/tables.py")
    print("\n".join(stale), end="\n" if stale else "")
    sys.exit(bool(stale))


if __name__ == "__main__":
    main()
