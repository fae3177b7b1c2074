"""A trunk as it runs, on loopback, against the virtual registrar behind real sockets."""

import asyncio
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import structlog

from ctibridge.sip.adapters import resolve
from ctibridge.sip.adapters import trunk as adapter
from ctibridge.sip.adapters.resolve import Reach
from ctibridge.sip.adapters.tls import CaFault
from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.events import Hearing
from ctibridge.sip.hop import datagram
from ctibridge.sip.settings import TrunkSettings
from tests.peers.authority import Authority
from tests.sip.adapters.running import ACCESS, Make
from tests.sip.adapters.stream_peers import OPTIONS, until


def serving(authority: Authority, *names: str) -> ssl.SSLContext:
    certificate = authority.certificate(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


# -- it registers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_it_registers_and_signs_off(make: Make, host: str, transport: str) -> None:
    running = make(host, transport)
    await running.serve()
    running.start()
    await running.registered()
    await running.service.stop()
    assert [expires for _, _, expires in running.registrar.asked] == [120, 120, 0]
    assert running.service.settings.name == "pbx"


@pytest.mark.peer("openssl")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_it_registers_over_tls(make: Make, authority: Authority, host: str) -> None:
    running = make(host, "tls", ca_file=authority.ca_file)
    await running.serve(serving(authority, host))
    running.start()
    await running.registered()
    await running.service.stop()
    assert running.registrar.asked[-1][2] == 0


@pytest.mark.peer("openssl")
async def test_a_certificate_that_nobody_trusts_is_told_and_no_line_registers(make: Make, authority: Authority) -> None:
    running = make("127.0.0.1", "tls")
    await running.serve(serving(authority, "127.0.0.1"))
    with structlog.testing.capture_logs() as logs:
        running.start()
        await until(lambda: any(each["event"] == "connection_failed" for each in logs))
    (failed,) = [each for each in logs if each["event"] == "connection_failed"]
    assert failed["why"] == "certificate of 127.0.0.1 is not trusted; give ca_file"
    assert running.registrar.asked == []


async def test_a_connection_that_breaks_is_opened_again(make: Make) -> None:
    running = make("127.0.0.1", "tcp")
    await running.serve()
    running.start()
    await running.registered()
    asked = len(running.registrar.asked)
    running.hang_up()
    await until(lambda: len(running.registrar.asked) > asked)


async def test_a_registrar_that_is_gone_does_not_hold_the_stop_for_ever(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "SIGN_OFF", 0.05)
    running = make()
    await running.serve()
    running.start()
    await running.registered()
    running.registrar.mute = True
    async with asyncio.timeout(1):
        await running.service.stop()


# -- the names ---------------------------------------------------------------------------------------------------------


async def test_a_second_look_at_the_name_disturbs_nobody(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "LATEST", 0.01)
    running = make()
    await running.serve()
    running.start()
    await running.registered()
    await asyncio.sleep(0.05)
    assert running.hearing() == [Hearing.REGISTERING, Hearing.REGISTERED]


@pytest.mark.parametrize("error", [socket.gaierror("no name"), TimeoutError()])
async def test_a_name_that_nobody_knows_makes_the_lines_deaf_and_is_asked_for_again(
    make: Make, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def unknown(*_: object) -> Reach:
        nonlocal asked
        asked += 1
        raise error

    monkeypatch.setattr(adapter, "reach_of", unknown)
    monkeypatch.setattr(adapter, "RESOLVE_RETRY", 0.005)
    running = make()
    await running.serve()
    with structlog.testing.capture_logs() as logs:
        running.start()
        await until(lambda: asked > 1)
    assert set(running.hearing()) == {Hearing.DEAF}
    assert {each["event"] for each in logs} == {"registrar_unresolved"}


async def test_the_last_good_addresses_outlive_an_answer_that_is_doubtful(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = make()
    await running.serve()
    answers = [Reach((datagram(*running.address),), frozenset({"127.0.0.1"}), again=0.005)]

    async def reach_of(*_: object) -> Reach:
        return answers[-1]

    monkeypatch.setattr(adapter, "reach_of", reach_of)
    running.start()
    await running.registered()
    trunk = running.service._trunk
    assert trunk is not None
    with structlog.testing.capture_logs() as logs:
        answers.append(Reach((datagram("192.0.2.9", 5060),), frozenset({"192.0.2.9"}), again=0.005, doubtful=True))
        await until(lambda: any(each["event"] == "registrar_doubtful" for each in logs))
    assert trunk.trusts("127.0.0.1")
    assert not trunk.trusts("192.0.2.9")
    answers.append(Reach(answers[1].targets, answers[1].trusted, again=0.005))
    await until(lambda: trunk.trusts("192.0.2.9"))


async def test_a_name_that_stands_for_another_address_is_registered_at_there_at_once(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the earlier address is trusted no more."""
    before, after = make(), make(host="127.0.0.2")
    await before.serve()
    await after.serve()
    places = [before.address]

    async def reach_of(*_: object) -> Reach:
        return Reach((datagram(*places[-1]),), frozenset({places[-1][0]}), again=0.005)

    monkeypatch.setattr(adapter, "reach_of", reach_of)
    settings = msgspec.structs.replace(before.service.settings, listen="0.0.0.0:0")
    before.service = TrunkService(settings, ACCESS, before.facts.append)
    before.start()
    await before.registered()
    places.append(after.address)
    await until(lambda: any("127.0.0." in contact for contact in after.registrar.of("6001", 0)))
    trunk = before.service._trunk
    assert trunk is not None
    assert (trunk.trusts("127.0.0.1"), trunk.trusts("127.0.0.2")) == (False, True)


# -- who comes in ------------------------------------------------------------------------------------------------------


async def test_what_arrived_before_we_knew_whom_to_trust_is_too_old_to_pop(make: Make) -> None:
    running = make()
    await running.serve()
    running.service.bind()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as early:
        early.sendto(b"x" * 100, running.service.address)
        adapter._discard_waiting(running.service._socket or early)
    with pytest.raises(BlockingIOError):
        (running.service._socket or early).recv(1)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_registrar_may_call_us_over_tcp_at_the_port_of_udp(make: Make, transport: str) -> None:
    running = make("127.0.0.1", transport)
    await running.serve()
    running.start()
    await running.registered()
    reader, writer = await asyncio.open_connection(*running.service.address)
    writer.write(OPTIONS)
    async with asyncio.timeout(5):
        answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"SIP/2.0 200 ")
    writer.transport.abort()


async def test_strangers_are_counted_and_said_once_a_minute(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "COUNT_EVERY", 0.02)
    running = make("127.0.0.1", "tcp")
    await running.serve()
    with structlog.testing.capture_logs() as logs:
        running.start()
        await running.registered()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.99", 0))
            for _ in range(5):
                stranger.sendto(OPTIONS, running.service.address)
                await asyncio.sleep(0.02)
        with socket.socket() as stranger:
            stranger.bind(("127.0.0.99", 0))
            stranger.setblocking(False)
            with suppress(ConnectionError):
                await asyncio.get_running_loop().sock_connect(stranger, running.service.address)
            await until(lambda: running.service.strangers == 6)
        await asyncio.sleep(0.05)
    said = [each for each in logs if each["event"] == "strangers"]
    assert len(said) == 1
    assert said[0].keys() == {"event", "log_level", "trunk", "count"}


async def test_what_the_kernel_dropped_is_said(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "COUNT_EVERY", 0.01)
    running = make()
    await running.serve()
    monkeypatch.setattr(adapter, "dropped", lambda _: 7)
    with structlog.testing.capture_logs() as logs:
        running.start()
        await until(lambda: any(each["event"] == "udp_dropped" for each in logs))
        await asyncio.sleep(0.05)
    (said,) = [each for each in logs if each["event"] == "udp_dropped"]
    assert said["count"] == 7
    assert "net.core.rmem_max" in said["mend"]
    running.service.close()
    await asyncio.sleep(0)
    assert running.service.dropped == 0


# -- what is refused ---------------------------------------------------------------------------------------------------


async def test_a_small_buffer_is_said(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "granted_buffer", lambda _: 1)
    running = make()
    await running.serve()
    with structlog.testing.capture_logs() as logs:
        running.service.bind()
    assert logs[0]["event"] == "udp_buffer_small"


async def test_an_address_in_use_is_an_os_error(make: Make) -> None:
    running = make()
    await running.serve()
    running.service.bind()
    taken = f"127.0.0.1:{running.service.address[1]}"
    second = TrunkService(TrunkSettings(name="b", registrar="sip:127.0.0.1", listen=taken), ACCESS, print)
    with pytest.raises(OSError, match="in use"):
        second.bind()


async def test_a_ca_file_that_is_not_there_is_told_before_anything_is_bound(make: Make, tmp_path: Path) -> None:
    running = make(ca_file=tmp_path / "absent.pem")
    await running.serve()
    with pytest.raises(CaFault, match=r"absent\.pem: no such file"):
        running.service.bind()
    assert running.service._socket is None
