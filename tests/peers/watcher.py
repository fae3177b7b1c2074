"""The least subscriber to dialog-info: it proves the PBX's presence before that proves us.

Comes in: NOTIFYs of a PBX that the test runs itself. Goes out: the statuses of its SUBSCRIBEs and every NOTIFY, as it
came and read; each is answered by 200. As the probe, it uses nothing of ctibridge.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.peers.kamailio import Kamailio
from tests.peers.ports import Loopback, host_port
from tests.peers.probe import Message, as_bytes, digest, reply
from tests.peers.process import until

_NAMESPACE = "{urn:ietf:params:xml:ns:dialog-info}"


@dataclass(frozen=True, slots=True)
class Dialog:
    """One <dialog> of a document."""

    id: str
    call_id: str
    direction: str
    state: str
    local: str  # identities, as URIs
    remote: str


@dataclass(frozen=True, slots=True)
class Notify:
    """One NOTIFY; a document only where there was a body."""

    raw: bytes
    message: Message
    subscription: str  # Subscription-State
    entity: str = ""
    version: int | None = None
    whole: str = ""  # "full" or "partial"; "unreadable" where the document is no XML
    dialogs: tuple[Dialog, ...] = ()

    @property
    def states(self) -> list[str]:
        return [dialog.state for dialog in self.dialogs]


class Watcher(asyncio.DatagramProtocol):
    """One subscription to one line. Use as an async context manager."""

    def __init__(self, loopback: Loopback, pbx: Kamailio, line: str, *, domain: str | None = None) -> None:
        self.address = loopback.address()
        self.port = loopback.port(self.address)
        self.line = line
        self.notifies: list[Notify] = []  # retransmissions are left out
        self._pbx = pbx
        self._line = f"sip:{line}@{domain or pbx.host}"
        self._here = host_port(self.address, self.port)
        self._numbers = itertools.count(1)
        self._replies: dict[str, Message] = {}
        self._seen: set[str] = set()
        self._to = f"<{self._line}>"
        self._target = self._line
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.address, self.port))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            await asyncio.sleep(0)

    async def subscribe(
        self, account: str, password: str, *, expires: int = 120, event: str = "dialog", anew: bool = False
    ) -> list[Message]:
        """Subscribe or refresh, or end it with `expires=0`; every answer, the last one first: [200, 401] if all is
        well. `anew` begins another subscription instead of refreshing the one that stands."""
        if anew:
            self._to, self._target = f"<{self._line}>", self._line
        answers = [await self._ask(expires, event, [])]
        if answers[0].status in (401, 407):
            proof = digest(answers[0], account, password, self._target, "SUBSCRIBE")
            answers.insert(0, await self._ask(expires, event, [proof]))
        if answers[0].status == 200:
            self._to = answers[0].get("To")
            self._target = answers[0].get("Contact").strip("<>")
        return answers

    async def notify(self, count: int, timeout: float = 10.0) -> Notify:
        """The count-th NOTIFY, when it has come."""
        await until(lambda: len(self.notifies) >= count, f"NOTIFY number {count}", timeout)
        return self.notifies[count - 1]

    async def says(self, *states: str, timeout: float = 10.0) -> Notify:
        """The first NOTIFY whose document holds dialogs in just these states."""

        def found() -> list[Notify]:
            return [notify for notify in self.notifies if sorted(notify.states) == sorted(states)]

        await until(lambda: bool(found()), f"a document with {states or 'no dialog'}", timeout)
        return found()[0]

    async def _ask(self, expires: int, event: str, more: list[str]) -> Message:
        number = str(next(self._numbers))
        lines = [
            f"SUBSCRIBE {self._target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bKwatch{number};rport",
            f"From: <{self._line}>;tag=watcher",
            f"To: {self._to}",
            f"Call-ID: watch-{self.line}@{self._here}",
            f"CSeq: {number} SUBSCRIBE",
            f"Contact: <sip:watcher@{self._here}>",
            f"Event: {event}",
            "Accept: application/dialog-info+xml",
            f"Expires: {expires}",
            "Max-Forwards: 70",
            *more,
            "Content-Length: 0",
        ]
        self._send(as_bytes(lines))
        await until(lambda: number in self._replies, "an answer to SUBSCRIBE")
        return self._replies.pop(number)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        message = Message.parse(data)
        if message.status is not None:
            self._replies[message.get("CSeq").split()[0]] = message
            return
        self._send(reply(message, "200 OK"))
        if message.branch not in self._seen:
            self._seen.add(message.branch)
            self.notifies.append(read(data))

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(data, (self._pbx.address, self._pbx.port))


def read(raw: bytes) -> Notify:
    """A NOTIFY as it came over the wire, or from a capture."""
    message = Message.parse(raw)
    state = message.get("Subscription-State")
    body = raw.partition(b"\r\n\r\n")[2]
    if not body.strip():
        return Notify(raw, message, state)
    try:
        root = ET.fromstring(body)  # noqa: S314 - a PBX of ours on loopback
    except ET.ParseError:
        return Notify(raw, message, state, whole="unreadable")
    return Notify(
        raw, message, state, root.get("entity", ""), int(root.get("version", "-1")), root.get("state", ""),
        tuple(_dialog(element) for element in root.iter(f"{_NAMESPACE}dialog")),
    )  # fmt: skip


def _dialog(element: ET.Element) -> Dialog:
    def said(path: str) -> str:
        return re.sub(r"\s", "", element.findtext("/".join(_NAMESPACE + part for part in path.split("/")), ""))

    return Dialog(
        id=element.get("id", ""), call_id=element.get("call-id", ""), direction=element.get("direction", ""),
        state=said("state"), local=said("local/identity"), remote=said("remote/identity"),
    )  # fmt: skip
