"""The PBX of the faults: lets every line in, and rings lines for callers whose numbers carry the test's own.

Comes in: REGISTER and OPTIONS of the daemon, who calls and hangs up. Goes out: INVITE to one line or several (forks of
one call), CANCEL with or without a reason, each repeated as UDP needs it (RFC 3261 17.1.1.2), and the record of it:
when the caller was sent, rung and gone. It may be ended and begun again at its address (`end`, `begin`), or be out of
reach (`silent`). It lives in the test's loop; a loop that is busy answers late, not wrongly.
"""

import asyncio
import contextlib
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from tests.faults.record import ELSEWHERE, Cut, Over, Rang, Record, Sent, number_of
from tests.peers.probe import Message, as_bytes

Address = tuple[str, int]
_T1 = 0.5
_GIVES_UP = 64 * _T1
_REMEMBERED = 10_000
"""Calls that are over; a fork that rings late is cancelled then."""
_CONTACT = re.compile(r"<(sip:[^>]+)>(.*)")
_EXPIRES = re.compile(r"expires=(\d+)")
_PHONE = "<sip:phone@127.0.0.99:5060>;expires=3600"
"""The other device of each line: without one we would leave it alone."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A line's contact. life: the number of the process that registered it, at this node."""

    uri: str
    at: Address
    life: int
    until: float
    node: str = ""


@dataclass(slots=True)
class Fork:
    """One INVITE transaction, which `name` names within the call. over: a final response came, or nobody waits for one
    any more."""

    name: str
    line: str
    to: Address
    uri: str
    head: tuple[str, ...]
    rang: bool = False
    over: bool = False


@dataclass(slots=True)
class Call:
    """outcome, left: how and when the caller gave up."""

    number: int
    forks: list[Fork]
    outcome: str | None = None
    left: float = 0.0

    @property
    def is_over(self) -> bool:
        return self.outcome is not None and all(fork.over or not fork.rang for fork in self.forks)


@dataclass
class Pbx(asyncio.DatagramProtocol):
    """agents: who sits at each line. grants: seconds at most. life: number of the process that registers now; of
    several nodes each has its own in `lives`, by the host that it registers from. loses: the share of all datagrams,
    both ways, that the network loses; then a fork is asked until it rings, as CANCEL has to wait for that (RFC 3261
    9.1); else it is let go with its caller. ring_expiry: the trunk's, in seconds. contacts: of each line, by URI;
    registers: when each REGISTER came."""

    record: Record
    agents: Mapping[str, Sequence[str]]
    grants: int = 3600
    life: int = 0
    lives: dict[str, int] = field(default_factory=dict)
    loses: float = 0.0
    ring_expiry: float = 90.0
    contacts: dict[str, dict[str, Binding]] = field(default_factory=dict)
    registers: list[float] = field(default_factory=list)
    calls: dict[int, Call] = field(default_factory=dict)
    """Those that are not over."""
    over: dict[int, Call] = field(default_factory=dict)
    address: Address = ("", 0)
    _transport: asyncio.DatagramTransport | None = None
    _chance: random.Random = field(default_factory=lambda: random.Random(1))

    @classmethod
    async def listen(cls, record: Record, agents: Mapping[str, Sequence[str]], host: str, port: int) -> "Pbx":
        loop = asyncio.get_running_loop()
        _, pbx = await loop.create_datagram_endpoint(lambda: cls(record, agents), local_addr=(host, port))
        return pbx

    async def close(self) -> None:
        """Callers who still wait are gone without a word."""
        for call in list(self.calls.values()):
            self._conclude(call, heard=False)
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            await asyncio.sleep(0)  # it lets go of its socket one turn of the loop later

    async def end(self) -> None:
        """Its process is gone, with every registration and every call; the kernel refuses its port."""
        self.cut()
        self.contacts.clear()
        await self.close()

    async def begin(self) -> None:
        """The next process, at the same address."""
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=self.address)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Nothing passes, either way, and nobody is told so; callers give up meanwhile."""
        self.cut()
        self.loses = 1.0
        try:
            yield
        finally:
            self.loses = 0.0

    def cut(self) -> None:
        """Calls that are open now are never heard of again."""
        now = time.monotonic()
        for call in self.calls.values():
            for fork in call.forks:
                fork.over = True
            self.record.cut.append(Cut(call.number, now, now + self.ring_expiry, call.outcome))
        self.calls.clear()
        self.over.clear()

    def places(self, line: str) -> list[str]:
        """The host in each of its contacts that has not run out."""
        return [binding.uri.rpartition("@")[2].partition(":")[0] for binding in self._live(line)]

    def places_now(self, line: str) -> list[str]:
        """The same, of those that are of a process that runs."""
        return [binding.node for binding in self._live(line) if self._is_newest(binding)]

    def until(self, line: str) -> float:
        """When the newest of its contacts runs out. Raises ValueError where it has none."""
        return max(binding.until for binding in self.contacts.get(line, {}).values())

    @property
    def waiting(self) -> bool:
        """Some caller has been rung, and not let go, or shall be."""
        return any(fork.rang or self.loses for call in self.calls.values() for fork in call.forks)

    def up(self, line: str) -> bool:
        """Registered by the process that runs now, and not run out."""
        return any(map(self._is_newest, self._live(line)))

    def dial(self, number: int, called: str, lines: Sequence[str]) -> None:
        """Somebody calls, over every line that has a contact of ours, also one that a dead process left behind."""
        ways = [(f"{line}.{index}", line, to) for line in lines for index, to in enumerate(self._live(line))]
        if not ways or self._transport is None:
            return
        desks = frozenset(agent for _, line, _ in ways for agent in self.agents[line])
        newest = [to for _, _, to in ways if self._is_newest(to)]
        up = not self.loses and (bool(newest) if self.lives else len(newest) == len(ways))
        node = newest[0].node if newest else ""
        self.record.sent.append(Sent(number, time.monotonic(), desks, up, node))
        forks = [Fork(name, line, to.at, to.uri, self._head(number, name, called)) for name, line, to in ways]
        call = self.calls[number] = Call(number, forks)
        for fork in forks:
            self._invite(call, fork, _T1)

    def hang_up(self, number: int, outcome: str) -> None:
        """The caller gives up, or (ELSEWHERE) somebody's phone was picked up."""
        call = self.calls.get(number)
        if call is None or call.outcome is not None:
            return
        call.outcome, call.left = outcome, time.monotonic()
        for fork in call.forks:
            if fork.rang and not fork.over:
                self._cancel(call, fork, _T1)
        self._look(call)

    def next_process(self) -> None:
        """The one of now is dead. What it has said and we have not read yet is its own: taken for the next one's, its
        contact would be that of a line that is up (seen where the databases were looked into meanwhile)."""
        if self._transport is not None:
            with self._transport.get_extra_info("socket").dup() as waiting, contextlib.suppress(BlockingIOError):
                waiting.setblocking(False)
                while True:
                    self.datagram_received(*waiting.recvfrom(65536))
        self.life += 1

    def next_process_of(self, node: str) -> None:
        """One of several nodes: nothing that registers from there is of its last process any more."""
        life, lives = self.life, dict(self.lives)
        self.next_process()
        self.life, self.lives = life, lives | {node: lives.get(node, 0) + 1}

    def _is_newest(self, binding: Binding) -> bool:
        return binding.life == self.lives.get(binding.node, self.life)

    # -- the socket ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.address = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if not self._is_lost():
            self._receive(data, addr)

    def _is_lost(self) -> bool:
        return self._chance.random() < self.loses

    def _receive(self, data: bytes, addr: Address) -> None:
        message = Message.parse(data)
        if message.status is not None:
            self._response(message)
        elif message.method == "REGISTER":
            self._register(message, addr)
        elif message.method == "OPTIONS":
            self._answer(message, addr)

    def _live(self, line: str) -> list[Binding]:
        now = time.monotonic()
        return [binding for binding in self.contacts.get(line, {}).values() if binding.until > now]

    def _register(self, request: Message, source: Address) -> None:
        """What a process before this one left behind is thrown away with the first word of the next."""
        now = time.monotonic()
        self.registers.append(now)
        line = request.get("To").partition("sip:")[2].partition("@")[0]
        node = source[0] if source[0] in self.lives else ""
        bound = self.contacts.get(line, {})
        held = {uri: at for uri, at in bound.items() if at.node != node or self._is_newest(at)}
        granted = []
        for uri, parameters in (found.groups() for found in map(_CONTACT.match, request.all("Contact")) if found):
            asked = _EXPIRES.search(parameters)
            seconds = min(int(asked[1] if asked else request.get("Expires") or 3600), self.grants)
            held.pop(uri, None)
            if seconds:
                held[uri] = Binding(uri, source, self.lives.get(node, self.life), now + seconds, node)
                granted.append(f"<{uri}>;expires={seconds}")
        self.contacts[line] = held
        others = [f"<{one.uri}>;expires={one.until - now:.0f}" for one in held.values() if one.node != node]
        self._answer(request, source, f"Contact: {', '.join([*granted, *others, _PHONE])}")

    def _answer(self, request: Message, source: Address, *more: str) -> None:
        """Via says where the request came from (RFC 3581)."""
        host, port = source
        via = request.get("Via").replace(";rport", f";rport={port};received={host}", 1)
        copied = [f"{name}: {value}" for name, value in request.headers if name in ("From", "Call-ID", "CSeq")]
        head = ["SIP/2.0 200 OK", f"Via: {via}", *copied, f"To: {request.get('To')};tag=pbx"]
        self._send(as_bytes([*head, *more, "Content-Length: 0"]), source)

    def _response(self, response: Message) -> None:
        number, _, name = response.branch.removeprefix("z9hG4bKfault").partition("-")
        call = self.calls.get(int(number)) or self.over.get(int(number))
        fork = next((fork for fork in call.forks if fork.name == name), None) if call else None
        if call is None or fork is None or response.status is None or response.status == 100:
            return
        if response.method == "CANCEL":
            fork.over = fork.over or response.status != 200
        elif response.status < 200 and call.number in self.over:
            # It had stood still meanwhile: its caller is gone, and it has to hear so (RFC 3261 9.1).
            self._cancel(call, fork, _T1)
        elif response.status < 200:
            self._rings(call, fork)
        else:
            self._send(self._request(fork, "ACK", f"To: {response.get('To')}"), fork.to)
            fork.over = True
        self._look(call)

    def _rings(self, call: Call, fork: Fork) -> None:
        if not fork.rang:
            fork.rang = True
            node = fork.to[0] if fork.to[0] in self.lives else ""
            self.record.rang.append(Rang(call.number, time.monotonic(), frozenset(self.agents[fork.line]), node))
            if call.outcome is not None:
                self._cancel(call, fork, _T1)

    # -- what is repeated ----------------------------------------------------------------------------------------------

    def _invite(self, call: Call, fork: Fork, pause: float) -> None:
        """Until something is heard. A fork that was never rung is let go when its caller is."""
        host, port = self.address
        contact = f"Contact: <sip:pbx@{host}:{port}>"
        self._send(self._request(fork, "INVITE", self._to(fork), contact, "Max-Forwards: 70"), fork.to)

        def again() -> None:
            waits = not fork.rang and not fork.over and (call.outcome is None or self.loses)
            if waits and pause < _GIVES_UP and self._transport is not None:
                self._invite(call, fork, 2 * pause)

        asyncio.get_running_loop().call_later(pause, again)

    def _cancel(self, call: Call, fork: Fork, pause: float) -> None:
        """Until the INVITE has its final response; then it is let go, whoever still rings there."""
        reason = ['Reason: SIP;cause=200;text="Call completed elsewhere"'] if call.outcome == ELSEWHERE else []
        self._send(self._request(fork, "CANCEL", self._to(fork), *reason), fork.to)

        def again() -> None:
            if not fork.over and pause < _GIVES_UP and self._transport is not None:
                self._cancel(call, fork, 2 * pause)

        asyncio.get_running_loop().call_later(pause, again)

    def _look(self, call: Call) -> None:
        if self.loses and not all(fork.rang or fork.over for fork in call.forks):
            return
        if call.is_over and call.number in self.calls and any(fork.rang for fork in call.forks):
            self._conclude(call, heard=True)

    def _conclude(self, call: Call, *, heard: bool) -> None:
        del self.calls[call.number]
        self.over[call.number] = call
        if len(self.over) > _REMEMBERED:
            del self.over[next(iter(self.over))]
        if call.outcome is not None and any(fork.rang for fork in call.forks):
            self.record.over.append(Over(call.number, call.left, call.outcome, time.monotonic() if heard else None))

    # -- messages ------------------------------------------------------------------------------------------------------

    def _head(self, number: int, name: str, called: str) -> tuple[str, ...]:
        """To is the last."""
        host, port = self.address
        return (
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKfault{number}-{name};rport",
            f"From: <sip:{number_of(number)}@{host}>;tag=fault{number}",
            f"Call-ID: fault-{number}",
            f"To: <sip:{called}@{host}>",
        )

    def _to(self, fork: Fork) -> str:
        return fork.head[-1]

    def _request(self, fork: Fork, method: str, *more: str) -> bytes:
        lines = [f"{method} {fork.uri} SIP/2.0", *fork.head[:-1], *more, f"CSeq: 1 {method}", "Content-Length: 0"]
        return as_bytes(lines)

    def _send(self, data: bytes, to: Address) -> None:
        if self._transport is not None and not self._is_lost():
            self._transport.sendto(data, to)
