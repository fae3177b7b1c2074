"""A network in virtual time: machines at addresses, datagrams that take a moment, and some that never arrive."""

import heapq
from collections.abc import Iterable
from itertools import count
from random import Random
from typing import Protocol

from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.via import Address

DELAY = 0.01
"""Seconds on the way."""


class Machine(Protocol):
    @property
    def deadline(self) -> float | None: ...

    def receive(self, data: bytes, source: Hop, now: float, /) -> None: ...

    def wake(self, now: float) -> None: ...

    def drain(self) -> Iterable[object]: ...


class Network:
    """loss: the share of datagrams that vanish, decided by seed. facts: what the machines said, when and where."""

    def __init__(self, loss: float = 0.0, seed: int = 1) -> None:
        self.now = 0.0
        self.facts: list[tuple[float, Address, object]] = []
        self.log: list[tuple[float, Address, Address, bytes]] = []
        self._loss = loss
        self._random = Random(seed)
        self._order = count()
        self._flying: list[tuple[float, int, Address, Datagram]] = []
        self._machines: dict[Address, Machine] = {}

    def join(self, where: Address | Hop, machine: Machine) -> None:
        self._machines[_address(where)] = machine

    def run(self, until: float) -> None:
        """Lets the time pass."""
        while True:
            self._collect()
            moment = self._next()
            if moment is None or moment > until:
                self.now = until
                return
            self.now = max(self.now, moment)
            self._step()

    def said(self, kind: type) -> list[object]:
        return [fact for _, _, fact in self.facts if isinstance(fact, kind)]

    def first_lines(self, to: Address | Hop) -> list[str]:
        """Start lines of all that was sent there, lost or not."""
        return [data.split(b"\r\n")[0].decode() for _, _, target, data in self.log if target == _address(to)]

    def _collect(self) -> None:
        for address, machine in self._machines.items():
            for word in machine.drain():
                if not isinstance(word, Datagram):
                    self.facts.append((self.now, address, word))
                    continue
                self.log.append((self.now, address, word.to.address, word.data))
                if self._random.random() >= self._loss:
                    heapq.heappush(self._flying, (self.now + DELAY, next(self._order), address, word))

    def _next(self) -> float | None:
        times = [machine.deadline for machine in self._machines.values()]
        times += [self._flying[0][0]] if self._flying else []
        return min((time for time in times if time is not None), default=None)

    def _step(self) -> None:
        while self._flying and self._flying[0][0] <= self.now:
            _, _, source, flown = heapq.heappop(self._flying)
            if flown.to.address in self._machines:
                self._machines[flown.to.address].receive(flown.data, datagram(*source), self.now)
        for machine in self._machines.values():
            if machine.deadline is not None and machine.deadline <= self.now:
                machine.wake(self.now)


def _address(where: Address | Hop) -> Address:
    return where.address if isinstance(where, Hop) else where
