"""A trunk that registers and watches, facing a PBX that takes no password, on virtual time: fail2ban counts."""

import itertools
from collections import Counter
from typing import Literal

import pytest

from ctibridge.sip import digest, message, transaction
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import HeaderList, Request
from ctibridge.sip.settings import LineAccess, ObserverAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.trunk import Trunk
from tests.sip.network import Network
from tests.sip.scripts import HERE, PBX, counted

CHALLENGE: HeaderList = (("www-authenticate", 'Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"'),)


class Refuser:
    """shown: by whom and when a password was shown."""

    deadline = None

    def __init__(self) -> None:
        self.shown: list[tuple[str, float]] = []
        self._out: list[Datagram] = []

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        asked = message.parse(data)
        assert isinstance(asked, Request)
        if (given := asked.headers.first("authorization")) is not None:
            self.shown.append((digest.read_answer(given).username, now))
        status, extra = (200, ()) if asked.method == "OPTIONS" else (401, CHALLENGE)
        answer = transaction.reply(asked, status, source, "pbx", extra)
        self._out.append(Datagram(bytes(answer), transaction.reply_hop(asked, source)))

    def wake(self, now: float) -> None:
        """It waits for nothing."""

    def drain(self) -> list[Datagram]:
        out, self._out = self._out, []
        return out


def refused(count: int, until: float, alone: Literal["stay", "leave"], observer: ObserverAccess | None) -> Refuser:
    settings = TrunkSettings(
        name="pbx", registrar="sip:192.0.2.9", domain="pbx", observe=("contact", "dialog-info"), alone=alone
    )  # fmt: skip
    lines = tuple(LineAccess(f"l{number}", f"l{number}", "mistyped") for number in range(count))
    trunk = Trunk(settings, TrunkAccess(lines, observer), HERE, counted())
    trunk.reach((PBX,), frozenset({PBX.host}))
    network, pbx = Network(), Refuser()
    network.join(HERE, trunk)
    network.join(PBX, pbx)
    trunk.start(0.0)
    network.run(until)
    return pbx


@pytest.mark.parametrize("alone", ["stay", "leave"])
def test_both_views_together_show_a_lines_wrong_password_once_in_ten_minutes(alone: Literal["stay", "leave"]) -> None:
    pbx = refused(2, 595.0, alone, None)
    assert Counter(who for who, _ in pbx.shown) == {"l0": 1, "l1": 1}


@pytest.mark.parametrize("observer", [None, ObserverAccess("cti", "cti", "mistyped")])
def test_a_trunk_shows_a_wrong_password_once_a_minute_whosever_it_is(observer: ObserverAccess | None) -> None:
    pbx = refused(40, 3600.0, "stay", observer)
    assert len(pbx.shown) > 10
    times = [at for _, at in pbx.shown]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 59.0
    by_line: dict[str, list[float]] = {}
    for who, at in pbx.shown:
        by_line.setdefault(who, []).append(at)
    for who, at_once in by_line.items():
        pauses = [later - earlier for earlier, later in itertools.pairwise(at_once)]
        assert who == "cti" or all(pause >= 600.0 for pause in pauses)
