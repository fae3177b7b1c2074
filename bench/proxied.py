"""`python -m bench.proxied`: how long an idle desk lasts behind an nginx that waits for so many seconds of silence.

Nobody but the server keeps the websocket awake here: the client answers pings and says nothing by itself.
"""

import argparse
import asyncio
import base64
import ssl
import tempfile
import time
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.delivery.adapters.desk_server import Desk, DeskServer
from tests.peers.authority import Authority
from tests.peers.nginx import Nginx
from tests.peers.ports import Loopback

USER, PASSWORD = "ana", "invented"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.proxied", description=__doc__)
    parser.add_argument("--read-timeout", type=int, nargs="+", default=[15, 25, 60], metavar="S")
    parser.add_argument("--seconds", type=int, default=130, help="of idling that are measured (default 130)")
    args = parser.parse_args()
    asyncio.run(measure(args.read_timeout, args.seconds))
    return 0


async def measure(timeouts: list[int], seconds: int) -> None:
    for line in await asyncio.gather(*(lasts(one, seconds) for one in timeouts)):
        print(line)


async def lasts(read_timeout: int, seconds: int) -> str:
    with Loopback() as loopback, tempfile.TemporaryDirectory(prefix="ctibridge-proxied-") as name:
        folder, port = Path(name), loopback.port("127.0.0.1")
        authority = Authority(folder / "authority")
        async with DeskServer.running(folder, public_url=f"https://127.0.0.1:{port}") as server:
            target, users = server.url.removeprefix("http://"), {USER: PASSWORD}
            proxy = Nginx(folder / "nginx", authority.certificate("127.0.0.1"), target, users, port, read_timeout)
            await proxy.start()
            try:
                lasted = await _idle(port, authority.ca_file, await server.token(), seconds)
            finally:
                proxy.process.kill()
    return f"proxy_read_timeout {read_timeout} s: {'closed' if lasted < seconds else 'open'} after {lasted:.1f} s"


async def _idle(port: int, ca_file: Path, token: str, seconds: int) -> float:
    known = {"Authorization": f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"}
    tls = ssl.create_default_context(cafile=ca_file)
    url = f"wss://127.0.0.1:{port}/v1/desk"
    async with connect(url, ssl=tls, additional_headers=known, proxy=None, ping_interval=None) as socket:
        desk = Desk(socket)
        await desk.send({"type": "auth", "token": token})
        await desk.receive()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await socket.recv()
        except (TimeoutError, ConnectionClosed):
            return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
