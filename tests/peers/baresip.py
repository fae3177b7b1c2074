"""The agent's own telephone: baresip without sound, one line, moved through its ctrl_tcp module.

Comes in: where it registers, and commands. Goes out: its events, each of which can be awaited once. It starts without
a line and gets it when we already listen to it, so that no event is missed.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.peers.ports import Loopback, host_port
from tests.peers.process import PeerError, PeerTimeout, Process

# aubridge joins source and player inside the process: a telephone on a machine without a sound card. The RTP ports are
# bound on all addresses, so they lie outside the range of `ports`; of the interface only its address goes into the SDP.
_CONFIG = """\
poll_method epoll
sip_listen {sip}
audio_source aubridge,nil
audio_player aubridge,nil
audio_alert aubridge,nil
audio_path /nonexistent
call_max_calls 4
rtp_ports 30000-32766
net_interface {address}
module_path {modules}
module g711.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {control}
"""
_MODULES = Path("/usr/lib/baresip/modules")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Event:
    """What baresip reports, e.g. CALL_INCOMING; `param` is the caller's URI or the reason of an end."""

    type: str
    param: str
    peer: str
    call_id: str
    raw: dict[str, Any]


class Baresip:
    """One telephone. Use as an async context manager, or start() and stop()."""

    def __init__(self, directory: Path, loopback: Loopback) -> None:
        self.address = loopback.address()
        self.port = loopback.port(self.address)
        self._control = loopback.port(self.address)
        config = _CONFIG.format(
            address=self.address,
            sip=host_port(self.address, self.port),
            control=host_port(self.address, self._control),
            modules=_MODULES,
        )
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "config").write_text(config, encoding="utf-8")
        # Both must exist: otherwise baresip writes samples with lines of its own.
        for name in ("accounts", "contacts"):
            (directory / name).touch()
        self.process = Process(["baresip", "-f", str(directory)], log=directory / "baresip.log", cwd=directory)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._events: deque[Event] = deque()
        self._responses: dict[str, dict[str, Any]] = {}
        self._tokens = iter(range(1, 1 << 31))
        self._aor = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self.process.start()
        # Our connection is the readiness probe: ctrl_tcp serves one client, and a second one confuses it.
        await self.process.ready(self._connect, "its control port answers")
        self._listener = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Off, without un-REGISTER: tests end fast. Use sign_off() where the end matters."""
        self.process.kill()
        await self._disconnect()

    def kill(self) -> None:
        """The plug is pulled: the contact stays at the PBX until it runs out."""
        self.process.kill()

    # --- the line ---

    async def register(
        self,
        user: str,
        password: str,
        registrar: str,
        *,
        username: str | None = None,
        domain: str | None = None,
        expires: int = 120,
        auto_answer: bool = False,
        timeout: float = 10.0,
    ) -> None:
        """Take the line `sip:user@domain` at the registrar (host:port); returns when it is registered."""
        self._aor = f"sip:{user}@{domain or registrar}"
        account = (
            f"<{self._aor};transport=udp>;auth_user={username or user};auth_pass={password}"
            f';outbound="sip:{registrar};transport=udp";regint={expires}'
            f";answermode={'auto' if auto_answer else 'manual'}"
        )
        await self.command("uanew", account)
        outcome = await self.event("REGISTER_OK", "REGISTER_FAIL", timeout=timeout)
        if outcome.type != "REGISTER_OK":
            raise self.process.error(f"could not register {user}: {outcome.param}")

    async def sign_off(self, timeout: float = 10.0) -> None:
        """The evening: un-REGISTER, then off."""
        await self.command("quit")
        await self.process.wait(timeout)
        await self._disconnect()

    # --- calls ---

    async def incoming(self, timeout: float = 10.0) -> Event:
        """It rings."""
        return await self.event("CALL_INCOMING", timeout=timeout)

    async def established(self, timeout: float = 10.0) -> Event:
        return await self.event("CALL_ESTABLISHED", timeout=timeout)

    async def closed(self, timeout: float = 10.0) -> Event:
        """The call is over, answered or not."""
        return await self.event("CALL_CLOSED", timeout=timeout)

    async def answer(self, timeout: float = 10.0) -> Event:
        """Pick up the call that rings; returns when it stands."""
        await self.command("accept")
        return await self.established(timeout)

    async def hangup(self) -> None:
        """End the call; one that only rings is rejected (486)."""
        await self.command("hangup")

    async def dial(self, number: str) -> None:
        """Call out: a number at the registrar, or a SIP URI."""
        await self.command("dial", number)

    # --- control ---

    async def command(self, command: str, params: str | None = None, timeout: float = 10.0) -> str:
        """What baresip answers; PeerError if it says that it failed."""
        if self._writer is None:
            raise PeerError("this telephone is off")
        token = str(next(self._tokens))
        question = {"command": command, "token": token} | ({} if params is None else {"params": params})
        text = json.dumps(question).encode()
        self._writer.write(b"%d:%b," % (len(text), text))
        await self._await(lambda: token in self._responses, f"answer to {command}", timeout)
        response = self._responses.pop(token)
        text_back = _COLOURS.sub("", str(response.get("data", "")))
        if not response.get("ok"):
            raise self.process.error(f"{command} failed: {text_back}")
        return text_back

    async def event(self, *types: str, timeout: float = 10.0) -> Event:
        """The oldest event of one of these types that nobody has taken yet."""

        await self._await(lambda: bool(self.seen(*types)), " or ".join(types), timeout)
        found = self.seen(*types)[0]
        self._events.remove(found)
        return found

    def seen(self, *types: str) -> list[Event]:
        """Events of these types that nobody has taken, without waiting: to show that nothing rang."""
        return [event for event in self._events if event.type in types]

    async def _await(self, holds: Callable[[], bool], what: str, timeout: float) -> None:
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait_for(lambda: holds() or self._ended())
        except TimeoutError:
            said = ", ".join(event.type for event in self._events)
            raise PeerTimeout(str(self.process.error(f"not within {timeout:g} s: {what}; events: {said}"))) from None
        if not holds():
            raise self.process.error(f"went off before {what}")

    def _ended(self) -> bool:
        return self._listener is None or self._listener.done()

    async def _connect(self) -> bool:
        try:
            self._reader, self._writer = await asyncio.open_connection(self.address, self._control)
        except OSError:
            return False
        return True

    async def _disconnect(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
            await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)
            self._writer = None

    async def _listen(self) -> None:
        """Netstrings (`LENGTH:JSON,`) until baresip goes off."""
        if self._reader is None:
            return
        try:
            while True:
                length = int((await self._reader.readuntil(b":"))[:-1])
                text = (await self._reader.readexactly(length + 1))[:-1]
                await self._take(json.loads(text))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # it is off
        finally:
            async with self._news:
                self._news.notify_all()

    async def _take(self, message: dict[str, Any]) -> None:
        async with self._news:
            if message.get("response"):
                self._responses[str(message.get("token", ""))] = message
            elif message.get("event"):
                self._events.append(_event(message))
            self._news.notify_all()


def _event(message: dict[str, Any]) -> Event:
    return Event(
        type=str(message.get("type", "")),
        param=str(message.get("param", "")),
        peer=str(message.get("peeruri", "")),
        call_id=str(message.get("id", "")),
        raw=message,
    )
