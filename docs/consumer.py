#!/usr/bin/python3
"""Print each alarm transition of an area once: consumer.py AREA redis://HOST:PORT FILE (its place)"""
import json, pathlib, sys, time
import redis

area, url, file = sys.argv[1:4]
stream, group = f"ems:{{{area}}}:alarms:transitions", "example"
server, place = redis.Redis.from_url(url, decode_responses=True), pathlib.Path(file)
done = json.loads(place.read_text()) if place.exists() else [0, -1]
after = "0"  # first what was given to us and not finished; then, with ">", what is new
while True:
    try:
        answer = server.xreadgroup(group, "one", {stream: after}, count=100, block=5000)
        entries = answer[0][1] if answer else []
        after = after if entries else ">"
        for entry, fields in entries:
            at = [int(number) for number in entry.split("-")]
            if at > done:  # ids only grow: after FLUSHALL the same entries come again
                data = json.loads(fields["event"])["data"]
                print(data["at"], data["alarm"], data["from"], data["to"], data["text"]["zh"], flush=True)
                done = at
                place.with_suffix(".new").write_text(json.dumps(done))
                place.with_suffix(".new").replace(place)  # whole, or as it was
            server.xack(stream, group, entry)
    except redis.ConnectionError:
        time.sleep(1)
    except redis.ResponseError as error:
        if not str(error).startswith(("NOGROUP", "UNBLOCKED")):
            raise
        server.xgroup_create(stream, group, id="0", mkstream=True)  # a new server, or an emptied one
