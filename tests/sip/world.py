"""A trunk of some lines facing a registrar, both on virtual time."""

from ctibridge.sip.digest import Credentials
from ctibridge.sip.events import Datagram, Hearing, LineChanged
from ctibridge.sip.hop import Hop
from ctibridge.sip.lines import Lines
from ctibridge.sip.mark import Mark
from ctibridge.sip.message import Request, parse
from ctibridge.sip.registration import Account, Registration
from ctibridge.sip.uplink import Uplink
from tests.sip.network import Network
from tests.sip.registrar import Registrar
from tests.sip.scripts import HERE, PBX, counted


class Endpoint:
    """`Lines` as a machine at an address: responses come as bytes."""

    def __init__(self, count: int, leave_alone: bool, nodes: bytes | None) -> None:
        fresh = counted()
        registrations = {}
        self.tokens: dict[str, str] = {}
        for number in range(count):
            line = f"l{number}"
            mark = None if nodes is None else Mark(nodes, f"sip:{line}@pbx")
            self.tokens[line] = fresh.token() if mark is None else mark.on(fresh.token())
            contact = f"sip:{self.tokens[line]}@{HERE[0]}:{HERE[1]}"
            account = Account(line, f"sip:{line}@pbx", "sip:pbx", contact, Credentials(line, "secret"), 120, mark=mark)
            registrations[line] = Registration(account, fresh)
        self.uplink = Uplink(HERE, fresh, ("sip:l0@pbx", "sip:pbx"))
        self.lines = Lines("pbx", registrations, self.uplink, self._contact, leave_alone=leave_alone)
        self.most = 0

    @property
    def deadline(self) -> float | None:
        self.most = max(self.most, self.uplink.in_flight)
        return min((time for time in (self.lines.deadline, self.uplink.deadline) if time is not None), default=None)

    def drain(self) -> list[LineChanged | Datagram]:
        return [*self.lines.drain(), *self.uplink.drain()]

    def start(self, now: float) -> None:
        self.lines.start()
        self.uplink.start(now)

    def stop(self, now: float) -> None:
        self.lines.stop({line for _, line in self.uplink.stop()})
        self.uplink.pump(now)

    def wake(self, now: float) -> None:
        self.uplink.wake(now)
        self.lines.wake(now)
        self.uplink.pump(now)

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        response = parse(data)
        assert not isinstance(response, Request)
        self.uplink.receive(response, now)
        self.uplink.pump(now)

    def _contact(self, line: str) -> str:
        host, port = self.uplink.contact_at
        return f"sip:{self.tokens[line]}@{host}:{port}"


class World:
    """A trunk of some lines, its registrar, a network between them."""

    def __init__(
        self, count: int = 3, *, leave_alone: bool = False, loss: float = 0.0, nodes: bytes | None = None
    ) -> None:
        self.endpoint = Endpoint(count, leave_alone, nodes)
        self.lines = self.endpoint.lines
        self.registrar = Registrar({f"l{number}": "secret" for number in range(count)})
        self.network = Network(loss)
        self.network.join(HERE, self.endpoint)
        self.network.join(PBX, self.registrar)
        self.endpoint.uplink.reach((PBX,))

    def start(self, until: float) -> None:
        self.endpoint.start(self.network.now)
        self.network.run(until)

    def heard(self) -> dict[str, Hearing]:
        """The newest word on each line."""
        changes = [fact for _, _, fact in self.network.facts if isinstance(fact, LineChanged)]
        return {change.line: change.hearing for change in changes}

    def why(self, line: str) -> list[str]:
        return [fact.why for _, _, fact in self.network.facts if isinstance(fact, LineChanged) and fact.line == line]

    def all_are(self, hearing: Hearing) -> bool:
        return set(self.heard().values()) == {hearing}

    def ours(self, line: str) -> int:
        return sum(HERE[0] in contact for contact in self.registrar.of(line, self.network.now))

    def asked_since(self, start: float) -> int:
        return sum(at >= start for at, _, _ in self.registrar.asked)
