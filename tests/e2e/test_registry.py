"""The registry: its table schemas, the checker and the page say the same; each mistake is named where it stands;
what is refused at a reload leaves what runs in force and is said everywhere."""
import csv
import io
import json
import re
import signal
import subprocess

import pytest

from servers import AREA, HJHUB, ROOT, wait_for

SCHEMAS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "schemas/registry").glob("*.json"))}
ROWS = (ROOT / "validators/registry_rows.def").read_text()

# A whole registry, every column filled where one row may have them all.
FULL = {
    "area": [{"area": AREA, "name": "高平市", "name_en": "Gaoping"}],
    "enterprises": [{"enterprise": "E1", "name": "甲厂（虚构）", "name_en": "Works A", "credit_code": "91140581MA0KXXXX0X",
                     "town": "青石坪", "key_unit": "yes"}],
    "outlets": [{"outlet": "O1", "name": "烟囱", "name_en": "Stack", "source_class": "foundry", "enterprise": "E1",
                 "o2_reference": "9"}],
    "devices": [{"mn": "010000A8900016F000169DC0", "name": "在线监测", "name_en": "CEMS", "kind": "cems", "enterprise": "E1",
                 "outlet": "O1", "format": "hj212", "edition": "2017", "crc": "standard", "interval_s": "60",
                 "minute_interval": "1", "pw": "012345", "sender": "gate", "verdict": "always", "in_service_since": "2026-01-31",
                 "first_contact": "set", "lost_data": "ask", "profile": "meter"}],
    "equipment": [{"equipment": "F1", "name": "炉", "name_en": "furnace", "kind": "production", "enterprise": "E1",
                   "outlet": "O1"}],
    "signals": [{"mn": "010000A8900016F000169DC0", "factor": "a21026", "field": "Rtd", "cn": "2011", "equipment": "F1",
                 "quantity": "power", "unit": "kW", "rated": "500", "idle": "20", "normal": "400", "zero_noise": "1",
                 "range_min": "0", "range_max": "600", "detection_limit": "2", "approved": "5"}],
    "points": [{"mn": "010000A8900016F000169DC0", "point": "05", "equipment": "F1", "quantity": "current",
                "rated": "90", "idle": "3", "normal": "70"}],
    "profiles": [{"profile": "meter", "factor": "d204##", "field": "Rtd", "cn": "2011", "role": "production",
                  "quantity": "current", "unit": "A", "code": "d204", "meanings": "0=1 St=0", "sure": "inferred",
                  "source": "its maker"}],
    "linkages": [{"linkage": "L1", "name": "炉", "name_en": "furnace", "enterprise": "E1", "outlet": "O1",
                  "role": "production", "equipment": "F1", "mode": "any"}],
    "limits": [{"outlet": "O1", "factor": "a21026", "averaging": "hour", "value": "200", "unit": "mg/m3",
                "standard": "GB 1-2020", "tier": "legal", "from_date": "2026-01-01", "to_date": "2026-12-31"}],
    "calendars": [{"calendar": "business", "enterprise": "E1", "weekdays": "12345", "from_time": "10:00",
                   "to_time": "22:00", "from_date": "2026-01-01", "to_date": "2026-12-31"}],
    "parameters": [{"rule": "bypass-damper-open", "subject": "L1", "parameter": "open_above", "value": "8 %"}],
    "plans": [{"plan": "P1", "kind": "repair", "enterprise": "E1", "equipment": "F1", "from": "2026-01-31T08:00:00+08:00",
               "to": "2026-02-01", "reason": "更换布袋"}],
    "zones": [{"zone": "Z1", "name": "城区", "kind": "low-emission",
               "polygon": "112.90 35.78; 112.95 35.78;112.95  35.82; 112.90 35.82;"}],
}


def text_of(table, rows):
    names = [field["name"] for field in SCHEMAS[table]["fields"]]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def check(folder, *words):
    return subprocess.run([str(HJHUB), "registry", "check", *words, str(folder)], capture_output=True, text=True,
                          check=False)


def write(folder, changes=()):
    """The full registry with some tables' bytes replaced; None takes one away."""
    for table, rows in FULL.items():
        content = dict(changes).get(table, text_of(table, rows))
        if content is not None:
            (folder / f"{table}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def findings(folder):
    done = check(folder, "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    found = [finding for finding in found if "words" in finding]
    assert done.returncode == (1 if found else 0), done.stdout + done.stderr
    return found


def with_cell(table, column, value, rows=None):
    rows = [dict(row) for row in rows or FULL[table]]
    rows[-1][column] = value
    return {table: text_of(table, rows)}


# --- schemas ---

def test_schemas__have_the_checkers_tables_and_columns():
    told = {}
    for file, body in re.findall(r'^TABLE\(\w+, "(\w+)\.csv", \w+\)\n(.*?)^END', ROWS, re.M | re.S):
        told[file] = [(name, needed == "true") for name, needed in re.findall(r'"(\w+)", (\w+)\)', body)]
    assert told == {table: [(field["name"], field.get("constraints", {}).get("required", False))
                            for field in schema["fields"]] for table, schema in SCHEMAS.items()}


def test_schemas__have_the_units_there_are():
    units = re.findall(r'^UNIT\("([^"]+)"', (ROOT / "schemas/units.def").read_text(), re.M)
    for table in ("limits", "profiles", "signals"):
        unit = next(field for field in SCHEMAS[table]["fields"] if field["name"] == "unit")
        assert unit["constraints"]["enum"] == units


def test_schemas__the_page_tells_the_same_columns():
    page = (ROOT / "docs/registry.md").read_text(encoding="utf-8")
    for table, schema in SCHEMAS.items():
        row = re.search(rf"^\| `{table}\.csv`[^|]*\|(.*)\|$", page, re.M)[1]
        told = [(name, bool(bold)) for bold, name in re.findall(r"(\*\*)?\b([a-z][a-z0-9_]*)\b(?:\*\*)?(?:\s\([^)]*\))?(?:,|;| $)", row)]
        assert [pair for pair in told if pair[0] in {f["name"] for f in schema["fields"]}] == [
            (field["name"], field.get("constraints", {}).get("required", False)) for field in schema["fields"]], table


def test_schemas__a_full_registry_is_fine(tmp_path):
    done = check(write(tmp_path))
    assert done.returncode == 0 and "no findings" in done.stdout, done.stdout


def bad_values(field):
    constraints = field.get("constraints", {})
    if "enum" in constraints:
        yield "no-such"
    if "pattern" in constraints:
        yield "a b/"
    if "minimum" in constraints:
        yield str(constraints["minimum"] - 1)
    if constraints.get("maximum", 0) > 0:
        yield str(int(constraints["maximum"]) + 1)
    if field["type"] in ("number", "integer"):
        yield "1,5"


def good_values(field):
    constraints = field.get("constraints", {})
    yield from constraints.get("enum", []) + ([] if constraints.get("required") else [""])


def rounds(table, values):
    """Dictionaries column -> value: the first of each column's values, then the second ..."""
    columns = {field["name"]: list(values(field)) for field in SCHEMAS[table]["fields"]}
    for turn in range(max(map(len, columns.values()))):
        yield {name: values[turn] for name, values in columns.items() if turn < len(values)}


def cells_named(table, tmp_path, cells):
    """The columns of the table's one row that have a finding when these cells are put into it."""
    row = dict(FULL[table][0], **cells)
    names = [field["name"] for field in SCHEMAS[table]["fields"]]
    found = findings(write(tmp_path, {table: text_of(table, [row])}))
    return {names[f["column"] - 1] for f in found if f["file"] == f"{table}.csv" and f.get("line") == 2 and f["words"]
            and "column" in f}


@pytest.mark.parametrize("table", SCHEMAS)
def test_schemas__what_a_constraint_forbids_the_checker_names_in_its_cell(table, tmp_path):
    required = {field["name"]: "" for field in SCHEMAS[table]["fields"] if field.get("constraints", {}).get("required")}
    assert len(required) == len(SCHEMAS[table]["fields"]) or cells_named(table, tmp_path, required) == set(required)
    for cells in rounds(table, bad_values):
        assert set(cells) - cells_named(table, tmp_path, cells) == set(), cells


@pytest.mark.parametrize("table", SCHEMAS)
def test_schemas__what_they_allow_the_checker_takes(table, tmp_path):
    for cells in rounds(table, good_values):
        if cells.get("tier") == "permit" or cells.get("averaging") == "year":  # of a year's mass, and nothing else
            cells = {**cells, "averaging": "year", "unit": "t", "tier": "permit"}
        assert set(cells) & cells_named(table, tmp_path, cells) == set(), cells


@pytest.mark.parametrize("table", SCHEMAS)
def test_schemas__keys_are_unique_and_references_lead_somewhere(table, tmp_path):
    schema, names = SCHEMAS[table], [field["name"] for field in SCHEMAS[table]["fields"]]
    if "primaryKey" in schema or "uniqueKeys" in schema:
        found = findings(write(tmp_path, {table: text_of(table, FULL[table] * 2)}))
        assert any(f["file"] == f"{table}.csv" and (table == "area" or f["line"] == 3) for f in found), found
    for key in schema.get("foreignKeys", []):
        column, = key["fields"]
        found = findings(write(tmp_path, with_cell(table, column, "NOWHERE")))
        assert any((f["file"], f["line"], f["column"]) == (f"{table}.csv", 2, names.index(column) + 1) and
                   f"{key['reference']['resource']}.csv" in f["words"] for f in found), found


@pytest.mark.parametrize("polygon, says", [("112.9 35.7; 113 35.7", "at least 3"), ("112.9; 113 35.7; 113 35.8", "corner 1"),
                                           ("112.9 35.7; 113 95; 113 35.8", "corner 2"), ("1 2; 3 4; 5 6 7", "corner 3"),
                                           (";".join(["1 2"] * 1025), "at most 1024")])
def test_zones__what_is_no_polygon_is_named(polygon, says, tmp_path):
    found = findings(write(tmp_path, with_cell("zones", "polygon", polygon)))
    assert [f["line"] for f in found] == [2] and says in found[0]["words"], found


# --- what spreadsheets and people do to tables ---

DEVICES = text_of("devices", FULL["devices"])
SPOILT = [
    ("rounded MN", with_cell("devices", "mn", "1.2E+13"), "devices.csv", 2, 1, "spreadsheet"),
    ("rounded credit code", with_cell("enterprises", "credit_code", "9.11E+17"), "enterprises.csv", 2, 4, "spreadsheet"),
    ("lost zeros of an MN", with_cell("devices", "mn", "8800000000123"), "devices.csv", 2, 1, "leading zeros"),
    ("lost zeros of a PW", with_cell("devices", "pw", "12345"), "devices.csv", 2, 12, "leading zeros"),
    ("no minute interval", with_cell("devices", "minute_interval", "7"), "devices.csv", 2, 11, "12, 15, 20 or 30 minutes"),
    ("oxygen and excess air", with_cell("outlets", "alpha_reference", "1.2"), "outlets.csv", 2, 7, "leave one of the two"),
    ("excess air below 1", with_cell("outlets", "alpha_reference", "0.9"), "outlets.csv", 2, 7, "1 or more"),
    ("lost zeros of a code", with_cell("signals", "factor", "11"), "signals.csv", 2, 2, "leading zeros"),
    ("a day number", with_cell("devices", "in_service_since", "46053"), "devices.csv", 2, 15, "day number"),
    ("missing table", {"devices": None}, "devices.csv", None, None, "missing"),
    ("empty table", {"devices": ""}, "devices.csv", None, None, "is empty"),
    ("unknown column", {"devices": DEVICES.replace(",kind,", ",kindd,")}, "devices.csv", 1, 4, "unknown column 'kindd'"),
    ("missing column", {"devices": DEVICES.replace(",kind,", ",kindd,")}, "devices.csv", 1, None, "'kind' is missing"),
    ("column twice", {"devices": DEVICES.replace(",kind,", ",name,")}, "devices.csv", 1, 4, "stands twice"),
    ("semicolons", {"devices": DEVICES.replace(",", ";")}, "devices.csv", 1, 1, "unknown column"),
    ("too few cells", {"devices": DEVICES + "MN2,x\n"}, "devices.csv", 3, None, "2 cells"),
    ("open quote", {"devices": DEVICES + '"MN2,x\n'}, "devices.csv", 3, None, "not CSV"),
    ("line break in a cell", with_cell("devices", "name", "a\nb"), "devices.csv", 2, 2, "line break"),
    ("UTF-16", {"devices": DEVICES.encode("utf-16")}, "devices.csv", None, None, "neither UTF-8"),
    ("two areas", {"area": text_of("area", FULL["area"] * 2)}, "area.csv", None, None, "one area"),
    ("a place of two", {"outlets": text_of("outlets", FULL["outlets"]).replace(",E1,", ",E2,"),
                        "enterprises": text_of("enterprises", FULL["enterprises"]) + "E2,乙厂,,,,\n"},
     "devices.csv", 2, 6, "another enterprise"),
]


@pytest.mark.parametrize("change, file, line, column, words", [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_registry__a_spoilt_table_is_named_by_file_line_column_and_reason(change, file, line, column, words, tmp_path):
    found = findings(write(tmp_path, change))
    assert any((f["file"], f.get("line"), f.get("column")) == (file, line, column) and words in f["words"]
               for f in found), found
    for_people = check(tmp_path).stdout
    place = ":".join(str(part) for part in (file, line, column) if part is not None)
    assert any(text.startswith(place + ": ") and words in text for text in for_people.splitlines()), for_people


HARMLESS = {
    "GB18030": lambda text: text.encode("gb18030"),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "quotes": lambda text: "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\n"
                                   for line in text.splitlines()).encode(),
    "blanks around": lambda text: text.replace(",", " , ").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
    "empty rows at the end": lambda text: (text + "," * text.split("\n", 1)[0].count(",") + "\n").encode(),
}


@pytest.mark.parametrize("how", HARMLESS)
def test_registry__what_spreadsheets_save_is_read(how, tmp_path):
    done = check(write(tmp_path, {table: HARMLESS[how](text_of(table, rows)) for table, rows in FULL.items()}))
    assert done.returncode == 0, done.stdout


def test_registry__columns_may_stand_in_any_order_and_be_left_out(tmp_path):
    folder = write(tmp_path, {"enterprises": "name,enterprise\n甲厂,E1\n", "plans": None, "calendars": None})
    assert check(folder).returncode == 0


def test_registry__no_folder_is_status_2(tmp_path):
    assert check(tmp_path / "none").returncode == 2


# --- reload ---

@pytest.mark.parametrize("how", ["command", "signal"])
def test_reload__what_is_refused_leaves_what_runs_and_is_said_everywhere(hub, how):
    devices = hub.registry / "devices.csv"
    good = devices.read_text()
    asked = ("reload", "--config", hub.config)

    def reload():
        if how == "command":
            return hub.command(*asked)
        hub.process.send_signal(signal.SIGHUP)
        return None
    refused = 'hjhub_reloads_total{result="refused"}'
    for times, spoil in enumerate((good + "1.2E+13,bad,,cems,E1,O1,hj212,2017,10,123456,\n", None), 1):
        devices.unlink() if spoil is None else devices.write_text(spoil)
        done = reload()
        wait_for(lambda times=times: hub.metric(refused) == times)
        if done:
            assert done.returncode == 1 and "stays in force" in done.stdout and (
                "devices.csv:6:1: " if spoil else "devices.csv: ") in done.stderr
    health = json.loads(hub.command("health", "--json", "--config", hub.config).stdout)
    assert health["ready"] is True
    reason = next(c for c in health["checks"] if c["name"] == "reload")
    assert reason["status"] == "warn" and reason["do_en"] and reason["do_zh"]
    log = hub.log.read_text()
    assert "event=reload-refused" in log and "file=devices.csv line=6 column=1 " in log and "spreadsheet" in log
    devices.write_text(good.replace("123456", "654321"))
    reload()
    wait_for(lambda: hub.metric('hjhub_reloads_total{result="done"}') == 1)
    assert "event=reloaded" in hub.log.read_text()
    records = hub.command("journal", "--journal", hub.journal, "--kind", "registry", "list").stdout.splitlines()
    assert len(records) == 2  # the first and the mended one; what was refused is no record


def test_start__a_registry_refused_at_the_start_leaves_the_journals_and_health_says_so(hub):
    hub.stop()
    (hub.registry / "devices.csv").write_text("mn\n")
    hub.start()
    done = hub.command("health", "--config", hub.config)
    assert done.returncode == 1 and "- reload: " in done.stdout and "registry check" in done.stdout


def test_reload__a_registry_of_another_area_is_refused(hub):
    (hub.registry / "area.csv").write_text("area,name\n140582,邻县\n")
    done = hub.command("reload", "--json", "--config", hub.config)
    said = json.loads(done.stdout)
    assert done.returncode == 1 and any("140582" in f["words"] or AREA in f["words"] for f in said["findings"]), said
