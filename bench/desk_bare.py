"""The floor under a desk's memory (`python -m bench.desk_bare`): the same server and websocket, and no session."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from bench.desk_process import obey, run, say
from ctibridge import sweep
from ctibridge.delivery.adapters import server
from ctibridge.delivery.settings import WebSettings


async def _desk(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Any) -> None:
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    while (await receive())["type"] == "websocket.receive":
        pass


async def _settle() -> dict[str, Any]:
    gc.collect()
    return {}


async def main() -> None:
    listening = server.bind(WebSettings(listen="127.0.0.1:0"))
    bare = server.server(_desk)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    sweep.take_over()
    serving = asyncio.create_task(bare.serve(sockets=[listening]))
    say(port=listening.getsockname()[1], offset=0.0)
    obeying = asyncio.create_task(obey({"settle": _settle}))
    obeying.add_done_callback(lambda _: stop.set())
    await stop.wait()
    obeying.cancel()
    bare.should_exit = True
    await serving
    listening.close()


if __name__ == "__main__":
    run(main)
