"""The bare floor: a UDP datagram, a look into a dictionary, a websocket frame. No SIP, no store, no identity.

It runs as its own process (`python -m bench.floor`), prints its two ports, and ends with its standard input.
"""

import asyncio
import json
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

from ctibridge.clocks import new_event_loop

_EVENT = json.dumps(
    {
        "specversion": "1.0",
        "type": "call.ringing",
        "data": {"caller": {"number": "NUMBER", "display_name": "call INDEX"}, "padding": "x" * 1800},
    }
)


class Floor(asyncio.DatagramProtocol):
    def __init__(self, desks: set[ServerConnection]) -> None:
        self._desks = desks
        self._people = {f"+4930{number:08d}": f"+4930{number:08d}" for number in range(100_000)}

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        start = text.index("<sip:") + 5
        caller = text[start : text.index("@", start)]
        index = text[text.index("bench-") + 6 :].partition("\r")[0]
        frame = _EVENT.replace("NUMBER", self._people.get(caller, "")).replace("INDEX", index)
        broadcast(self._desks, frame)


async def main() -> None:
    desks: set[ServerConnection] = set()

    async def desk(connection: ServerConnection) -> None:
        desks.add(connection)
        await connection.wait_closed()
        desks.discard(connection)

    loop = asyncio.get_running_loop()
    async with serve(desk, "127.0.0.1", 0, compression=None) as server:
        transport, _ = await loop.create_datagram_endpoint(lambda: Floor(desks), local_addr=("127.0.0.1", 0))
        websocket = next(iter(server.sockets)).getsockname()[1]
        print(transport.get_extra_info("sockname")[1], websocket, flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        transport.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
