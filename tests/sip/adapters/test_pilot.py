"""One line is tried at a real registrar, and leaves nothing there."""

import errno
import os
import re
import socket
from typing import Any

import pytest

from ctibridge.fields import Secret
from ctibridge.sip.adapters import pilot
from ctibridge.sip.adapters import trunk as trunk_adapter
from ctibridge.sip.adapters.pilot import Word
from ctibridge.sip.events import Hearing, View
from ctibridge.sip.settings import LineAccess, ObserverAccess, ObserverSettings, TrunkAccess, TrunkSettings
from tests.peers.kamailio import Kamailio
from tests.peers.plugin import MakeKamailio
from tests.peers.ports import Loopback, host_port

kamailio_peer = pytest.mark.peer("kamailio")
PHONE = "sip:phone@127.0.0.9:5999"
USERS = {"6001": "secret", "6002": "secret"}
OBSERVER = ObserverSettings("cti", Secret(file="unread"))


def trunk(registrar: str, loopback: Loopback, **keys: Any) -> TrunkSettings:
    address = loopback.address()
    return TrunkSettings(name="pbx", registrar=registrar, listen=host_port(address, loopback.port(address)), **keys)


def access(line: str = "6001", password: str = "secret", observer: ObserverAccess | None = None) -> TrunkAccess:
    return TrunkAccess((LineAccess(line, line, password), LineAccess("6002", "6002", password)), observer)


def registers(pbx: Kamailio, settings: TrunkSettings) -> int:
    host = re.escape(settings.our_side.host)
    return len(re.findall(rf"REGISTER \S+ from {host}:", pbx.process.output()))


async def asked(settings: TrunkSettings, lines: TrunkAccess, instance: str | None = "i") -> list[Word]:
    return [word async for word in pilot.ask(settings, lines, instance)]


@kamailio_peer
async def test_beside_a_phone_alone_refused_and_unknown(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS)
    await pbx.add_contact("6001", PHONE)
    here = trunk(pbx.registrar, loopback)
    (word,) = await asked(here, access())
    assert word.heard is not None
    assert (word.line, word.view, word.heard.hearing, word.heard.others) == (
        "6001", View.CONTACT, Hearing.REGISTERED, 1,
    )  # fmt: skip
    assert [contact.uri for contact in await pbx.contacts("6001")] == [PHONE], "we signed off"
    assert not await pbx.contacts("6002"), "one line is enough"
    (word,) = await asked(here, access("6002"))
    assert word.heard is not None
    assert (word.heard.hearing, word.heard.others) == (Hearing.ALONE, 0)
    assert not await pbx.contacts("6002")
    before = registers(pbx, here)
    for line in ("6001", "6009"):
        (word,) = await asked(here, access(line, "wrong"))
        assert word.heard is not None
        assert word.heard.why == 'registrar refuses the password (realm "pbx.test")'
    assert registers(pbx, here) - before == 4, "each is asked, and shows its password once"


@pytest.mark.peer("kamailio/presence.so")
async def test_each_view_by_itself_and_none_behind_a_refused_one(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, presence=True, observers={"cti": "watches"})
    await pbx.add_contact("6001", PHONE)
    here = trunk(pbx.registrar, loopback, observe=("contact", "dialog-info"), domain="pbx.test", observer=OBSERVER)
    words = await asked(here, access(observer=ObserverAccess("cti", "cti", "watches")))
    assert [(word.view, word.heard and word.heard.hearing) for word in words] == [
        (View.CONTACT, Hearing.REGISTERED),
        (View.DIALOG_INFO, Hearing.REGISTERED),
    ]
    words = await asked(here, access(observer=ObserverAccess("cti", "cti", "wrong")))
    assert [word.heard and word.heard.hearing for word in words] == [Hearing.REGISTERED, Hearing.DEAF]
    words = await asked(here, access(password="wrong", observer=ObserverAccess("cti", "cti", "watches")))
    assert [word.view for word in words] == [View.CONTACT]


async def test_a_registrar_that_says_nothing(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "PATIENCE", 0.2)
    monkeypatch.setattr(trunk_adapter, "SIGN_OFF", 0.1)
    dead = loopback.address()
    words = await asked(trunk(f"sip:{host_port(dead, loopback.port(dead))}", loopback), access())
    assert [word.heard for word in words] == [None]


async def test_an_address_that_another_program_has(loopback: Loopback) -> None:
    here = trunk("sip:127.0.0.9:5060", loopback)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((here.our_side.host, here.our_side.port or 0))
        with pytest.raises(OSError, match=os.strerror(errno.EADDRINUSE)):
            await asked(here, access())
