"""A trunk of some lines facing a registrar, both on virtual time."""

from ctibridge.sip.digest import Credentials
from ctibridge.sip.events import Hearing, LineChanged
from ctibridge.sip.lines import Lines
from ctibridge.sip.message import Request, parse
from ctibridge.sip.registration import Account, Registration
from ctibridge.sip.via import Address
from tests.sip.network import Network
from tests.sip.registrar import Registrar
from tests.sip.scripts import HERE, PBX, counted


class Endpoint:
    """`Lines` as a machine at an address: responses come as bytes."""

    def __init__(self, count: int, leave_alone: bool) -> None:
        fresh = counted()
        registrations = {}
        for number in range(count):
            line = f"l{number}"
            contact = f"sip:{fresh.token()}@{HERE[0]}:{HERE[1]}"
            account = Account(line, f"sip:{line}@pbx", "sip:pbx", contact, Credentials(line, "secret"), 120)
            registrations[line] = Registration(account, fresh)
        self.lines = Lines("pbx", registrations, fresh, HERE, leave_alone=leave_alone)
        self.drain = self.lines.drain
        self.wake = self.lines.wake
        self.most = 0

    @property
    def deadline(self) -> float | None:
        self.most = max(self.most, self.lines.in_flight)
        return self.lines.deadline

    def receive(self, data: bytes, source: Address, now: float) -> None:
        response = parse(data)
        assert not isinstance(response, Request)
        self.lines.receive(response, now)


class World:
    """A trunk of some lines, its registrar, a network between them."""

    def __init__(self, count: int = 3, *, leave_alone: bool = False, loss: float = 0.0) -> None:
        self.endpoint = Endpoint(count, leave_alone)
        self.lines = self.endpoint.lines
        self.registrar = Registrar({f"l{number}": "secret" for number in range(count)})
        self.network = Network(loss)
        self.network.join(HERE, self.endpoint)
        self.network.join(PBX, self.registrar)
        self.lines.reach((PBX,))

    def start(self, until: float) -> None:
        self.lines.start(self.network.now)
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
