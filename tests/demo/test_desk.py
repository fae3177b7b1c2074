"""The demo's desk against a server that says what a daemon says."""

import json
from contextlib import aclosing

from websockets.asyncio.server import ServerConnection, serve

from ctibridge.demo import desk

EVENT = {
    "specversion": "1.0",
    "id": "e.7",
    "source": "/x",
    "type": "call.ended",
    "time": "t",
    "sequence": "7",
    "data": {},
}


async def test_it_signs_in_hears_events_alone_and_acknowledges() -> None:
    heard: list[object] = []

    async def daemon(socket: ServerConnection) -> None:
        heard.append(socket.subprotocol)
        heard.append(json.loads(await socket.recv()))
        await socket.send('{"type": "welcome", "data": {}}')
        await socket.send(json.dumps(EVENT))
        heard.append(json.loads(await socket.recv()))
        await socket.close(1012)

    async with serve(daemon, "127.0.0.1", 0, subprotocols=[desk.PROTOCOL]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with aclosing(desk.events(f"ws://127.0.0.1:{port}/v1/desk", "secret")) as events:
            seen = [(json.loads(text), event.type) async for text, event in events]
    assert seen == [(EVENT, "call.ended")]
    assert heard[0] == "ctibridge.v1"
    assert isinstance(heard[1], dict)
    assert heard[1]["token"] == "secret"
    assert heard[2] == {"type": "ack", "sequence": 7}
