"""pyVoIP at a real PBX: on the line while it is wanted, and a reason where it cannot play."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import outbox_tables
from ctibridge.domain import line_evidence
from ctibridge.domain.line import LineState
from ctibridge.domain.line_evidence import LineEvidence
from ctibridge.selftest.adapters import other_phone
from ctibridge.selftest.adapters.other_phone import OtherPhone, answering
from ctibridge.sip.settings import LineAccess, TrunkSettings
from ctibridge.softphone import process
from tests.peers.plugin import MakeKamailio
from tests.softphone.softphones import needs_softphone

LINE = LineAccess("6001", "account-1", "one")


NOWHERE = Path("/nonexistent")
AT = datetime(2026, 11, 22, 8, tzinfo=UTC)


async def on(registrar: str, line: LineAccess = LINE, state_dir: Path = NOWHERE) -> OtherPhone:
    async with answering(TrunkSettings(name="pbx", registrar=registrar), line, state_dir) as phone:
        return phone


def keep(state_dir: Path, *lines: LineEvidence) -> None:
    """As the daemon does."""
    db, _ = outbox_tables.connect(state_dir / outbox_tables.FILE)
    with closing(db):
        for one in lines:
            row = line_evidence.KIND, line_evidence.key(one.trunk, one.line), line_evidence.write(one), AT.timestamp()
            db.execute("INSERT INTO desk_fact VALUES (?, ?, ?, ?)", row)


@pytest.mark.e2e
@pytest.mark.peer("kamailio")
@needs_softphone
async def test_it_is_on_the_line_for_as_long_as_it_is_wanted(kamailio: MakeKamailio) -> None:
    pbx = await kamailio(users={"6001": "one"}, usernames={"6001": "account-1"})
    trunk = TrunkSettings(name="pbx", registrar=pbx.registrar, domain="pbx.test")
    async with answering(trunk, LINE, NOWHERE) as phone:
        assert phone.name == "pyVoIP 1.6.8, on line 6001"
        (contact,) = await pbx.contacts("6001")
        assert contact.expires <= other_phone.EXPIRES
    await pbx.wait_contacts("6001", 0)
    wrong = await on(pbx.registrar, LineAccess("6001", "account-1", "wrong"))
    assert wrong.name is None
    assert "could not sign on at line 6001" in wrong.why


async def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "is_here", lambda: False)
    assert await on("sip:127.0.0.9:5099") == OtherPhone(None, "pyVoIP is not installed (extra softphone)")


async def test_a_line_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an observer watches it."""
    monkeypatch.setattr(process, "is_here", lambda: True)
    phone = await on("sip:127.0.0.9:5099", LineAccess("6001", "6001", ""))
    assert phone == OtherPhone(None, "line 6001 has no password for pyVoIP")


@pytest.mark.parametrize("registrar", ["sip:127.0.0.9:5099;transport=tcp", "sip:127.0.0.9:5099;transport=tls"])
async def test_a_trunk_that_it_cannot_speak(registrar: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "is_here", lambda: True)
    phone = await on(registrar)
    assert phone.name is None
    assert "UDP" in phone.why


@needs_softphone
async def test_a_pbx_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_phone, "SIGN_ON", 0.3)
    monkeypatch.setattr(process, "SIGN_OFF", 0.1)
    assert (await on("sip:127.0.0.9:5099")).name is None


@pytest.mark.parametrize(("others", "why"), [(1, "another device is"), (2, "2 other devices are")])
async def test_it_stays_away_from_a_line_with_another_device(
    others: int, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PBX of one contact would throw that one off."""
    monkeypatch.setattr(process, "is_here", lambda: True)
    one = LineEvidence("pbx", "6001", LineState.REGISTERED, "registered", AT, others=others)
    keep(tmp_path, replace(one, line="6002", others=0), replace(one, trunk="old", others=9), one)
    phone = await on("sip:127.0.0.9:5099", state_dir=tmp_path)
    assert phone == OtherPhone(None, f"{why} on line 6001, which pyVoIP might throw off")
