"""The demo's telephony in virtual time: PBX, own phones and the daemon's own trunk machine on one network."""

from ctibridge.demo.incoming import Incoming
from ctibridge.demo.own_phone import OwnPhone
from ctibridge.demo.pbx import Pbx
from ctibridge.sip.hop import datagram
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.trunk import Trunk
from ctibridge.softphone.orders import Order
from tests.sip.dialling import counted
from tests.sip.network import Network

PBX = ("127.0.0.1", 5060)
DAEMON = ("127.0.0.1", 5066)
AUDIO = ("127.0.0.1", 4000)
LINES = ("6001", "6002")
CALLED = "+49301234560"


class Floor:
    """Two lines, a phone on each, and the daemon beside them; from second 5 on all are signed on."""

    def __init__(self, loss: float = 0.0, seed: int = 1) -> None:
        self.network = Network(loss, seed)
        passwords = {line: f"secret-{line}" for line in LINES}
        self.pbx = Pbx(passwords, PBX, AUDIO, counted("pbx"))
        self.network.join(PBX, self.pbx)
        self.phones = {line: self._phone(line, 5070 + index) for index, line in enumerate(LINES)}
        self.network.run(2.0)
        settings = TrunkSettings(name="demo", registrar="sip:127.0.0.1:5060")
        accesses = tuple(LineAccess(line, line, passwords[line]) for line in LINES)
        self.trunk = Trunk(settings, TrunkAccess(accesses), DAEMON, counted("daemon"))
        self.trunk.reach((datagram(*PBX),), frozenset({PBX[0]}))
        self.network.join(DAEMON, self.trunk)
        self.trunk.start(2.0)
        self.network.run(5.0)

    def call(self, number: str = "+498912345678", answered: Order | None = None, **more: object) -> str:
        """Somebody calls both lines now; the order's phone is the second line's."""
        call_id = answered.call_id if answered else "call-1"
        incoming = Incoming(call_id, LINES, CALLED, number, **more)  # type: ignore[arg-type]
        if answered:
            self.phones["6002"].expect(answered)
        self.pbx.dial(incoming, self.network.now)
        return call_id

    def _phone(self, line: str, port: int) -> OwnPhone:
        where = ("127.0.0.1", port)
        phone = OwnPhone(line, f"secret-{line}", where, PBX, AUDIO, counted(f"phone{line}"))
        self.network.join(where, phone)
        phone.start(0.0)
        return phone
