"""pyVoIP in its own process at a real PBX: signed on in its domain, answering whoever calls, gone with its input."""

import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from ctibridge.softphone.orders import Handset, Roster, SignedOn
from ctibridge.softphone.process import Softphone
from tests.peers.plugin import MakeKamailio
from tests.softphone.softphones import needs_softphone

USERS = {"6001": "one"}


async def test_one_that_breaks_has_nothing_to_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pyVoIP.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    softphone = await Softphone.start(Roster("127.0.0.1", 9, ()))
    assert await asyncio.wait_for(softphone.signed_on(), 10) is None
    await softphone.stop()
    assert softphone.ended


async def test_the_folder_where_it_was_typed_holds_no_program_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Root may type it in a folder that is everybody's."""
    (tmp_path / "msgspec.py").write_text("open('ran', 'w')")
    monkeypatch.chdir(tmp_path)
    softphone = await Softphone.start(Roster("127.0.0.1", 9, ()))
    await softphone.stop()
    assert not (tmp_path / "ran").exists()


@pytest.mark.e2e
@pytest.mark.peer("kamailio")
@needs_softphone
async def test_it_signs_on_by_another_account_and_off_with_the_end_of_its_input(kamailio: MakeKamailio) -> None:
    """Also where who started it was killed: its end of the pipe closes by itself."""
    pbx = await kamailio(users=USERS, usernames={"6001": "account-1"})
    softphone = await Softphone.start(
        Roster(pbx.address, pbx.port, (Handset("6001", "one", "account-1"),), "pbx.test", 60)
    )
    assert await asyncio.wait_for(softphone.signed_on(), 10) == SignedOn("6001")
    (contact,) = await pbx.wait_contacts("6001", 1)
    assert "pyVoIP" in contact.user_agent
    assert 50 < contact.expires <= 60
    await softphone.stop()
    assert softphone.process.returncode == 0
    await pbx.wait_contacts("6001", 0)


@pytest.mark.e2e
@pytest.mark.peer("kamailio")
@needs_softphone
async def test_it_signs_off_where_nobody_is_left_to_hear_that_it_signed_on(kamailio: MakeKamailio) -> None:
    """Who started it was killed meanwhile: both ends of its pipes are closed."""
    pbx = await kamailio(users=USERS)
    roster = Roster(pbx.address, pbx.port, (Handset("6001", "one"),), "pbx.test", 60)
    command = [sys.executable, "-P", "-m", "ctibridge.softphone"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(msgspec.json.encode(roster) + b"\n")
        process.stdin.close()
        try:
            assert await asyncio.to_thread(process.wait, 10) == 0
        finally:
            process.kill()
    assert pbx.process.output().count("REGISTER") >= 2, "it had begun"
    await pbx.wait_contacts("6001", 0)


@pytest.mark.e2e
@pytest.mark.peer("kamailio")
@needs_softphone
async def test_a_wrong_password_is_shown_once(kamailio: MakeKamailio) -> None:
    """Its own three times in a row are an attack to fail2ban."""
    pbx = await kamailio(users=USERS)
    softphone = await Softphone.start(Roster(pbx.address, pbx.port, (Handset("6001", "wrong"),)))
    assert await asyncio.wait_for(softphone.signed_on(), 10) is None
    assert await asyncio.wait_for(softphone.process.wait(), 5) == 1
    assert pbx.process.output().count("REGISTER") == 2
    await softphone.stop()
