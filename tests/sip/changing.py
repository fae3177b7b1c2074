"""A trunk whose lines change, facing its registrar, both on virtual time; and who says what it hears of it."""

from typing import Any

from ctibridge.sip.events import Hearing, LineChanged, LineGone
from ctibridge.sip.settings import LineAccess, ObserverAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.trunk import Trunk
from tests.sip.network import Network
from tests.sip.notifier import Notifier
from tests.sip.registrar import Registrar
from tests.sip.scripts import HERE, PBX, counted


def access(*lines: str, observer: ObserverAccess | None = None, **other: str) -> TrunkAccess:
    """other: lines with another password than their name says."""
    return TrunkAccess(with_passwords({line: f"secret-{line}" for line in lines} | other), observer)


def with_passwords(passwords: dict[str, str]) -> tuple[LineAccess, ...]:
    return tuple(LineAccess(line, line, password) for line, password in passwords.items())


class Site:
    """lines: at start. The registrar has an account for any of l0 to l9, and a phone on each."""

    def __init__(
        self, first: TrunkAccess, *, loss: float = 0.0, seed: int = 1, phones: bool = True, **keys: Any
    ) -> None:
        settings = TrunkSettings(name="pbx", registrar="sip:192.0.2.9", domain="pbx", **({"alone": "stay"} | keys))
        self.trunk = Trunk(settings, first, HERE, counted())
        self.trunk.reach((PBX,), frozenset({PBX.host}))
        self.registrar = Registrar({f"l{number}": f"secret-l{number}" for number in range(10)})
        if phones:
            for line in self.registrar.passwords:
                self.registrar.put(line)
        self.network = Network(loss, seed)
        self.network.join(HERE, self.trunk)
        self.network.join(PBX, self.registrar)

    def start(self, until: float = 1.0) -> None:
        self.trunk.start(self.network.now)
        self.network.run(until)

    def run(self, seconds: float) -> None:
        self.network.run(self.network.now + seconds)

    def change(self, *lines: str, run: float = 1.0, **other: str) -> None:
        passwords = {line: f"secret-{line}" for line in lines} | other
        self.trunk.change(TrunkAccess(with_passwords(passwords)), self.network.now)
        self.run(run)

    def ours(self, line: str) -> list[str]:
        return [contact for contact in self.registrar.of(line, self.network.now) if HERE[0] in contact]

    def registered(self) -> dict[str, int]:
        """Lines with contacts of ours, and how many."""
        found = {line: len(self.ours(line)) for line in self.registrar.passwords}
        return {line: count for line, count in found.items() if count}

    def asked(self, line: str, since: float) -> list[int]:
        """The expiries that it asked for."""
        return [expires for at, each, expires in self.registrar.asked if each == line and at >= since]

    def hearing(self) -> dict[str, Hearing]:
        """The last word on each line that is one."""
        found: dict[str, Hearing] = {}
        for _, _, fact in self.network.facts:
            if isinstance(fact, LineChanged):
                found[fact.line] = fact.hearing
            elif isinstance(fact, LineGone):
                found.pop(fact.line, None)
        return found

    def said(self, line: str, since: float = 0.0) -> list[object]:
        return [
            fact for at, _, fact in self.network.facts
            if at >= since and isinstance(fact, LineChanged | LineGone) and fact.line == line
        ]  # fmt: skip

    def requests(self, method: str, since: float = 0.0) -> list[bytes]:
        """What we sent, again included."""
        mark = method.encode() + b" "
        return [data for at, _, to, data in self.network.log if at >= since and data.startswith(mark)]


class Office(Site):
    """The lines are watched, by an observer or each by itself."""

    def __init__(self, first: TrunkAccess, observer: str | None = "observed", **keys: Any) -> None:
        super().__init__(first, observe=("dialog-info",), **keys)
        accounts = dict(self.registrar.passwords)
        self.pbx = Notifier(accounts | ({"cti": observer} if observer else {}))
        self.network.join(PBX, self.pbx)

    def watched(self) -> dict[str, int]:
        """Subscriptions of ours that the PBX has, by line."""
        found: dict[str, int] = {}
        for known in self.pbx.known.values():
            if known.until > self.network.now:
                found[known.line] = found.get(known.line, 0) + 1
        return found


def held(of: object, seen: set[int] | None = None) -> int:
    """Things in all dicts, sets and lists of a machine, and of the machines that it has."""
    seen = set() if seen is None else seen
    if id(of) in seen or not type(of).__module__.startswith(("ctibridge", "builtins", "collections")):
        return 0
    seen.add(id(of))
    if isinstance(of, dict):
        return len(of) + sum(held(each, seen) for each in (*of.keys(), *of.values()))
    if isinstance(of, list | set | tuple | frozenset):
        return len(of) + sum(held(each, seen) for each in of)
    names = {name for kind in type(of).__mro__ for name in getattr(kind, "__slots__", ())} | getattr(
        of, "__dict__", {}
    ).keys()
    return sum(held(getattr(of, name, None), seen) for name in sorted(names))
