"""The lines of a running trunk change, behind real sockets."""

import asyncio
from pathlib import Path

import pytest

from ctibridge.sip.adapters import resolve
from ctibridge.sip.adapters import trunk as adapter
from ctibridge.sip.adapters.udp import UdpDriver
from ctibridge.sip.events import Hearing, LineChanged, LineGone
from ctibridge.sip.settings import LineAccess, TrunkAccess
from tests.peers.authority import Authority
from tests.sip.adapters.running import Make, Running
from tests.sip.adapters.stream_peers import until


def access(*lines: str) -> TrunkAccess:
    return TrunkAccess(tuple(LineAccess(line, line, "secret") for line in lines))


def heard(running: Running, line: str) -> list[object]:
    return [
        fact.hearing if isinstance(fact, LineChanged) else type(fact)
        for fact in running.facts
        if isinstance(fact, LineChanged | LineGone) and fact.line == line
    ]


async def serving(make: Make, transport: str = "udp") -> Running:
    running = make("127.0.0.1", transport)
    await running.serve()
    running.registrar.passwords["6002"] = "secret"
    return running


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_one_line_goes_and_another_comes_while_it_runs(make: Make, transport: str) -> None:
    running = await serving(make, transport)
    running.start()
    await running.registered()
    running.service.change(access("6002"))
    await until(lambda: Hearing.REGISTERED in heard(running, "6002"))
    await until(lambda: not running.registrar.of("6001", 0))
    assert heard(running, "6001")[-1] is LineGone
    await running.service.stop()
    assert running.registrar.of("6002", 0) == []


async def test_while_the_registrar_cannot_be_found_the_new_lines_wait_for_it(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = await serving(make)
    monkeypatch.setattr(adapter, "RESOLVE_RETRY", 0.01)

    async def nowhere(*_: object) -> object:
        raise OSError

    monkeypatch.setattr(adapter, "reach_of", nowhere)
    running.start()
    await until(lambda: heard(running, "6001") != [])
    running.service.change(access("6002"))
    assert heard(running, "6001")[-1] is LineGone
    await until(lambda: Hearing.DEAF in heard(running, "6002"))
    monkeypatch.setattr(adapter, "reach_of", resolve.reach_of)
    await until(lambda: Hearing.REGISTERED in heard(running, "6002"))
    assert [line for _, line, _ in running.registrar.asked] == ["6002", "6002"]


async def test_a_change_while_the_socket_opens_is_not_lost(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    running = await serving(make)
    opens, opened = asyncio.Event(), UdpDriver.open

    async def slowly(*given: object) -> object:
        opens.set()
        await asyncio.sleep(0)
        return await opened(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(UdpDriver, "open", slowly)
    running.start()
    await opens.wait()
    running.service.change(access("6002"))
    await until(lambda: Hearing.REGISTERED in heard(running, "6002"))
    await until(lambda: running.registrar.of("6001", 0) == [])
    assert Hearing.REGISTERED not in heard(running, "6001")


async def test_after_its_end_a_change_is_nothing(make: Make) -> None:
    running = await serving(make)
    running.start()
    await running.registered()
    await running.service.stop()
    asked = len(running.registrar.asked)
    running.service.change(access("6002"))
    await asyncio.sleep(0)
    assert len(running.registrar.asked) == asked
    assert heard(running, "6002") == []


@pytest.mark.peer("openssl")
async def test_a_reload_reads_the_authorities_again(make: Make, authority: Authority, tmp_path: Path) -> None:
    """They are renewed under the same name, and the trunk stays."""
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(authority.ca_file.read_bytes())
    running = make("127.0.0.1", "tls", ca_file=ca_file)
    await running.serve()
    running.service.bind()
    known = running.service._tls()
    ca_file.write_bytes(authority.ca_file.read_bytes() + authority.stranger.ca_file.read_bytes())
    assert running.service._tls() is known, "it is not read for each connection"
    running.service.change(access("6001"))
    assert len(running.service._tls().get_ca_certs()) == 2
