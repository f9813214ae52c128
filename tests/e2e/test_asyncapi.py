"""schemas/asyncapi.yaml is the contract: the same topics as topics.def, and the schemas fit what is sent."""
import json
import re

import jsonschema
import yaml

import hj212
from servers import AREA, ROOT, wait_for
from live import BYPASS, METER, open_bypass, up

CONTRACT = yaml.safe_load((ROOT / "schemas/asyncapi.yaml").read_text(encoding="utf-8"))
ROWS = re.findall(r'^TOPIC\((\w+),\s*"([^"]+)",\s*"(\w+)"\)',
                  (ROOT / "schemas/topics.def").read_text(), re.M)


def shape(address):
    return re.sub(r"\{\w+\}", "*", address.replace("{area}", "%"))


def camel(name):
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def find(reference):
    at = CONTRACT
    for part in reference.removeprefix("#/").split("/"):
        at = at[part]
    return at


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_asyncapi__has_the_topics_of_the_table_and_no_other():
    told = {name: shape(channel["address"]) for name, channel in CONTRACT["channels"].items()}
    assert told == {camel(name): where for name, where, _ in ROWS}


def test_asyncapi__says_who_writes_what_and_refers_to_what_is_there():
    for reference in set(references(CONTRACT)):
        assert find(reference) is not None
    for name, _, writer in ROWS:
        channel = f"#/channels/{camel(name)}"
        actions = {o["action"] for o in CONTRACT["operations"].values() if o["channel"]["$ref"] == channel}
        both = name == "HUB_PROBE"  # the hub's message to itself
        assert actions == ({"send", "receive"} if both else {"send"} if writer == "hub" else {"receive"})
    for channel in CONTRACT["channels"].values():
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == set(channel["parameters"])


def test_asyncapi__lists_the_words_of_the_tables():
    schemas = CONTRACT["components"]["schemas"]
    for words, table, row in ((schemas["state"]["enum"], "alarm_states", "ALARM_STATE"),
                              (schemas["alarmResult"]["properties"]["result"]["enum"], "alarm_answers",
                               "ALARM_ANSWER"),
                              (schemas["finding"]["enum"], "findings", "FINDING"),
                              (schemas["plantAnswer"]["enum"], "plant_answers", "PLANT_ANSWER"),
                              (schemas["alarmCommand"]["properties"]["action"]["enum"], "../alarms/actions",
                               "ALARM_ACTION"),
                              (schemas["deviceResult"]["properties"]["state"]["enum"][:-1], "exchange_states",
                               "EXCHANGE_STATE"),
                              (schemas["deviceResult"]["properties"]["reason"]["enum"], "exchange_refusals",
                               "EXCHANGE_REFUSAL"),
                              (schemas["filing"]["properties"]["kind"]["enum"], "filing_kinds", "FILING_KIND"),
                              (schemas["filingResult"]["properties"]["result"]["enum"], "filing_answers",
                               "FILING_ANSWER")):
        rows = re.findall(rf'^{row}\(\w+,\s*"([^"]+)"', (ROOT / f"schemas/{table}.def").read_text(), re.M)
        assert words == rows


def fits(name, payload):
    schema = {"$ref": f"#/components/schemas/{name}", "components": CONTRACT["components"]}
    jsonschema.Draft202012Validator(schema).validate(json.loads(payload))
    known = CONTRACT["components"]["schemas"][name]["properties"]
    assert set(json.loads(payload)) <= set(known)


# Fields of the objects that are used, by AsyncAPI 3.1.0 and the MQTT bindings 0.2.0.
FIELDS = {
    "": "asyncapi id info servers defaultContentType channels operations components",
    "info": "title version description termsOfService contact license tags externalDocs",
    "info/license": "name url",
    "servers/*": "host protocol protocolVersion pathname description title summary security tags externalDocs "
                 "bindings variables",
    "servers/*/bindings/mqtt": "clientId cleanSession lastWill keepAlive sessionExpiryInterval maximumPacketSize "
                               "bindingVersion",
    "servers/*/bindings/mqtt/lastWill": "topic qos message retain",
    "channels/*": "address messages title summary description servers parameters tags externalDocs bindings",
    "operations/*": "action channel title summary description security tags externalDocs bindings traits messages "
                    "reply",
    "operations/*/reply": "address channel messages",
    "components": "schemas servers channels operations messages parameters securitySchemes serverVariables "
                  "correlationIds replies replyAddresses externalDocs tags operationTraits messageTraits "
                  "serverBindings channelBindings operationBindings messageBindings",
    "components/parameters/*": "enum default description examples location",
    "components/operationBindings/*/mqtt": "qos retain messageExpiryInterval bindingVersion",
    "components/messages/*": "headers payload correlationId contentType name title summary description tags "
                             "externalDocs bindings examples traits",
    "components/messages/*/bindings/mqtt": "payloadFormatIndicator correlationData contentType responseTopic "
                                           "bindingVersion",
}


def places(node, path):
    """The objects at a path; * stands for each member."""
    first, _, rest = path.partition("/")
    if not path:
        yield node
    elif first == "*":
        for member in node.values():
            yield from places(member, rest)
    elif first in node:
        yield from places(node[first], rest)


def test_asyncapi__uses_the_fields_of_its_specification_only():
    for path, names in FIELDS.items():
        found = list(places(CONTRACT, path))
        assert found, path
        for thing in found:
            assert "$ref" in thing or set(thing) <= set(names.split()), (path, set(thing) - set(names.split()))
    assert CONTRACT["asyncapi"] == "3.1.0"
    for binding in places(CONTRACT, "components/operationBindings/*/mqtt"):
        assert binding["bindingVersion"] == "0.2.0" and binding["qos"] in (0, 1, 2)
    for _, schema in CONTRACT["components"]["schemas"].items():
        jsonschema.Draft7Validator.check_schema(schema)


def test_asyncapi__what_is_sent_as_an_event_is_a_cloudevent():
    """CloudEvents 1.0: the attributes that must be there, names of lower-case letters and digits."""
    schema = find("#/components/schemas/transition")
    assert {"specversion", "id", "source", "type"} <= set(schema["required"])
    for name in set(schema["properties"]) - {"data"}:
        assert re.fullmatch("[a-z0-9]{1,20}", name), name


def test_asyncapi__fits_what_the_hub_sends(hub, connect):
    everything = connect("everything", f"ems/v1/{AREA}/#")
    device = connect("device")
    open_bypass(device)
    device.publish(up(BYPASS), b"garbage")
    device.publish(up(METER, "senml"), hj212.pack(METER, {"d20101": 1}, qn="q"))
    event = wait_for(lambda: everything.topic("/alarm/event"), 60)[0]
    alarm = json.loads(event.payload)["subject"]
    device.publish(f"ems/v1/{AREA}/alarm/cmd/li",
                   json.dumps({"id": "1", "action": "acknowledge", "alarm": alarm}))
    device.publish(f"ems/v1/{AREA}/alarm/cmd/li", b"{")
    wait_for(lambda: len(everything.topic("/result")) == 2)
    wait_for(lambda: everything.topic("/hub/health"), 60)
    wait_for(lambda: everything.topic("/down/verdict"))
    sent = {"transition": ["/alarm/event", f"/alarm/open/{alarm}"], "alarmResult": ["/result"],
            "presence": [f"{AREA}/hub"], "health": ["/hub/health"], "verdict": ["/down/verdict"]}
    for name, endings in sent.items():
        messages = [m for ending in endings for m in everything.topic(ending)]
        assert messages, name
        for message in messages:
            for line in message.payload.decode().splitlines():
                fits(name, line)
    data = find("#/components/schemas/transition")["properties"]["data"]["properties"]
    for message in everything.topic("/alarm/event"):
        assert set(json.loads(message.payload)["data"]) <= set(data)
