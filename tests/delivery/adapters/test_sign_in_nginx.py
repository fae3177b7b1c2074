"""Sign-in through a real nginx over TLS: who came is named by it alone, and the websocket goes through it, too."""

import asyncio
import base64
import json
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from ctibridge.delivery.adapters.sign_in import SignIn
from ctibridge.delivery.settings import SignInSettings
from tests.delivery import examples as ex
from tests.delivery.adapters.desk_server import Desk, DeskServer
from tests.peers.authority import Authority
from tests.peers.nginx import FROM
from tests.peers.plugin import MakeNginx
from tests.peers.ports import Loopback

pytestmark = pytest.mark.peer("nginx", "openssl")

USERS = {"ana@desk.example": "invented", "eve@desk.example": "as well"}


class Client:
    """Somebody at home: `name` signs in at the proxy."""

    def __init__(self, url: str, authority: Authority, name: str) -> None:
        self._url = url
        self._tls = ssl.create_default_context(cafile=authority.ca_file)
        pair = base64.b64encode(f"{name}:{USERS.get(name, '')}".encode()).decode()
        self._known = {"Authorization": f"Basic {pair}"}

    async def sign_in(self, **forged: str) -> tuple[int, dict[str, Any]]:
        host, _, port = self._url.removeprefix("https://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port), ssl=self._tls)
        headers = {"Origin": self._url, "Content-Type": "application/json", "Content-Length": "0", **self._known}
        headers |= {name.replace("_", "-"): value for name, value in forged.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"POST /v1/sign-in HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n{lines}\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await writer.wait_closed()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body) if b"application/json" in head else {}

    async def desk(self, token: str) -> str:
        """Whose desk it opens."""
        url = f"wss{self._url.removeprefix('https')}/v1/desk"
        async with connect(
            url, ssl=self._tls, origin=Origin(self._url), additional_headers=self._known, proxy=None
        ) as socket:
            desk = Desk(socket)
            await desk.send({"type": "auth", "token": token})
            agent: str = (await desk.receive())["data"]["agent"]
            return agent


async def test_who_signed_in_at_the_proxy_gets_his_own_desk_and_no_other(
    tmp_path: Path, loopback: Loopback, authority: Authority, nginx: MakeNginx
) -> None:
    port = loopback.port("127.0.0.1")
    url = f"https://127.0.0.1:{port}"
    async with DeskServer.running(tmp_path, public_url=url) as server:
        server.agents["ana"] = replace(ex.ANA, login="Ana@desk.example")
        by = SignInSettings(trusted_proxies=(FROM,))
        server.web.http.sign_in(SignIn(by, lambda: server.web.origins, server.tokens, server._agents).answer)
        await nginx(server.url.removeprefix("http://"), USERS, port)
        ana = Client(url, authority, "ana@desk.example")
        status, body = await ana.sign_in()
        assert (status, body["agent"]) == (200, "ana")
        assert await ana.desk(body["token"]) == "ana"
        eve = Client(url, authority, "eve@desk.example")
        forged = await eve.sign_in(X_Forwarded_User="ana@desk.example")
        assert forged == (403, {"reason": "unknown"}), "what a client writes there is replaced"
        assert await Client(url, authority, "nobody").sign_in() == (401, {}), "nginx's own answer"
