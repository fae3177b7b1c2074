"""Prints who calls: `CTIBRIDGE_TOKEN=… python examples/desk.py ws://127.0.0.1:8137/v1/desk`. Needs `websockets`.

It resumes where it was, acknowledges what it printed, and stops where coming back would not help.
"""

import asyncio
import json
import logging
import os
import re
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

FOR_GOOD = {4400, 4401, 4403}


async def listen(url: str, token: str) -> None:
    place = None
    async for desk in connect(url, subprotocols=["ctibridge.v1"]):
        try:
            await desk.send(json.dumps({"type": "auth", "token": token, "resume": place}))
            async for text in desk:
                frame = json.loads(text)
                if frame["type"] == "welcome":
                    print(f"at the desk of {frame['data']['agent']!r}", flush=True)
                    if not frame["data"]["resumed"]:
                        place = {"epoch": frame["data"]["epoch"], "sequence": frame["data"]["sequence"]}
                elif "sequence" in frame:  # an event
                    show(frame["type"], frame["data"])
                    place["sequence"] = int(frame["sequence"])
                    await desk.send(json.dumps({"type": "ack", "sequence": place["sequence"]}))
        except ConnectionClosed as closed:
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
            if code in FOR_GOOD:
                sys.exit(f"{code} {reason}")
            await asyncio.sleep(int(asked[1]) if (asked := re.search(r"retry in (\d+) s", reason)) else 1)


def show(kind: str, data: dict) -> None:
    """With `repr`, as a caller writes his own name: no escape sequence reaches the terminal."""
    if kind == "call.ringing":
        names = [candidate["person"]["name"] for candidate in data["resolution"]["candidates"]]
        who = " or ".join(map(repr, names)) or repr(data["caller"]["number"] or data["caller"]["presentation"])
        print(f"{data['called']['name']!r}: {who} rings, say {data['language']['greeting']!r}", flush=True)
    elif kind == "call.ended":
        print(f"ended: {data['call']['outcome']}", flush=True)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")  # to standard error: where it cannot connect, and why
    asyncio.run(listen(sys.argv[1], os.environ["CTIBRIDGE_TOKEN"]))
