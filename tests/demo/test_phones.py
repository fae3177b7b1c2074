"""The other phones on real sockets: signed on, answering, refused a call in time, signed off."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ctibridge.demo import phones as module
from ctibridge.demo.exchange import Exchange
from ctibridge.demo.incoming import Incoming
from ctibridge.demo.phones import NoPhone, Phones
from ctibridge.softphone import process
from ctibridge.softphone.orders import Handset, Order
from tests.softphone.softphones import needs_softphone

PASSWORDS = {"6001": "a", "6002": "b", "6003": "c"}
HANDSETS = [Handset(line, password) for line, password in PASSWORDS.items()]


@asynccontextmanager
async def signed_on(handsets: list[Handset]) -> AsyncIterator[tuple[Exchange, Phones]]:
    async with Exchange.open(PASSWORDS) as exchange:
        known = exchange.devices
        phones = Phones(exchange.address, exchange.audio, handsets[:2], handsets[2:], lambda line: known(line) > 0)
        async with phones:
            yield exchange, phones
        assert [exchange.devices(line) for line in PASSWORDS] == [0, 0, 0]


async def calls(exchange: Exchange, phones: Phones) -> None:
    """Answered and hung up by the caller, by the phone, given up, and given up before the phone would have answered."""
    orders = (Order("c1", "6002", 1.1), Order("c2", "6001", 1.1, talk=0.2), None, Order("c4", "6002", 5.0))
    for number, order in enumerate(orders, start=1):
        if order is not None:
            phones.expect(order)
        talk = None if order is not None and order.talk else 0.2
        ring = 10.0 if order is not None and order.after < 5.0 else 1.2
        call = Incoming(
            f"c{number}", tuple(PASSWORDS), "+49301234560", "+498912345678", "Zoë 山田", ring=ring, talk=talk
        )
        before = time.monotonic()
        await asyncio.wait_for(exchange.play(call), 5.0)
        assert time.monotonic() - before > 1.0, f"call {number}"


@pytest.mark.e2e
async def test_without_pyvoip_our_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "is_here", lambda: False)
    async with signed_on(HANDSETS) as (exchange, phones):
        assert phones.kind == "our own"
        await calls(exchange, phones)


async def test_a_pyvoip_that_cannot_be_imported_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pyVoIP.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(process, "is_here", lambda: True)
    before = time.monotonic()
    async with signed_on(HANDSETS) as (_, phones):
        assert phones.kind == "our own"
        assert time.monotonic() - before < module.SIGN_ON


async def test_a_phone_with_a_wrong_password_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "is_here", lambda: False)
    monkeypatch.setattr(module, "SIGN_ON", 0.3)
    with pytest.raises(NoPhone):
        async with signed_on([HANDSETS[0], HANDSETS[1], Handset("6003", "wrong")]):
            raise AssertionError("signed on")


@pytest.mark.e2e
@needs_softphone
async def test_pyvoip_answers() -> None:
    async with signed_on(HANDSETS) as (exchange, phones):
        assert phones.kind == "pyVoIP"
        await calls(exchange, phones)
