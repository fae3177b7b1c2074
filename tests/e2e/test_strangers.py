"""Who may not be heard is not, whatever he sends and however much; and what the PBX says is heard in any crowd."""

import asyncio
import socket
import statistics
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import burst
from tests.e2e.conftest import MakeDaemon, MakeDesk
from tests.e2e.daemon import PASSWORD, Daemon, TrunkOf
from tests.e2e.desk import Desk, Frame
from tests.e2e.house import ACME
from tests.peers.flood import Flood
from tests.peers.kamailio import Kamailio
from tests.peers.plugin import MakeFlood, MakeKamailio, MakeSipp
from tests.peers.ports import Loopback
from tests.peers.process import Process, until
from tests.peers.sipp import Calls, Invite, Sipp
from tests.peers.sipvicious import Sipvicious

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio")]

LINE = {"users": {"6001": PASSWORD}, "numbers": {ACME: ["6001"]}}
BURST = 5000  # calls in one second


async def serving(kamailio: MakeKamailio, daemon: MakeDaemon, **more: Any) -> tuple[Kamailio, Daemon]:
    pbx = await kamailio(**LINE)
    running = await daemon(
        TrunkOf(pbx.registrar, {"6001": ["ana"]}, more={"domain": pbx.address, "alone": "stay", **more})
    )
    await pbx.wait_contacts("6001", 1)
    return pbx, running


async def contact_of(pbx: Kamailio) -> str:
    (contact,) = await pbx.contacts("6001")
    return contact.uri


def strangers(daemon: Daemon) -> list[int]:
    return [line["count"] for line in daemon.log if line["event"] == "strangers"]


# -- who is not the PBX ------------------------------------------------------------------------------------------------


@pytest.mark.peer("svmap", "svwar", "sipp")
async def test_scanners_find_nothing_and_are_one_line_in_the_log(
    kamailio: MakeKamailio, daemon: MakeDaemon, desk: MakeDesk, sipvicious: Sipvicious, sipp: MakeSipp
) -> None:
    pbx, running = await serving(kamailio, daemon)
    ana = await desk(running, "ana")
    at = (running.sip_host, running.sip_port)
    scans = await asyncio.gather(
        *(sipvicious.svmap(*at, method=method) for method in ("OPTIONS", "INVITE", "REGISTER")),
        *(sipvicious.svwar(*at, "6000-6010", method=method) for method in ("OPTIONS", "INVITE", "REGISTER")),
    )
    assert [(scan.found, scan.answered) for scan in scans] == [({}, 0)] * len(scans)
    assert all(scan.sent for scan in scans)
    await until(lambda: bool(strangers(running)), "the line that counts them", timeout=12)
    assert strangers(running) == [sum(scan.sent for scan in scans)]
    assert ana.events == []
    sipp(pbx).start(Invite(ACME), patience=0.5)
    assert (await ana.ended())["call"]["outcome"] == "abandoned", "the PBX is heard all the same"


async def test_a_stranger_at_the_tcp_port_is_sent_away_at_once(
    kamailio: MakeKamailio, daemon: MakeDaemon, loopback: Loopback
) -> None:
    _, running = await serving(kamailio, daemon)
    for _ in range(50):
        assert await said_over_tcp(running, loopback.address()) == b""


async def said_over_tcp(to: Daemon, own: str) -> bytes:
    """Until the connection ends, which it does by itself, perhaps before it stands."""
    with suppress(ConnectionError):
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(to.sip_host, to.sip_port, local_addr=(own, 0))
            try:
                return await reader.read()
            finally:
                writer.transport.abort()
    return b""


async def test_the_address_of_the_pbx_alone_is_not_enough(
    kamailio: MakeKamailio, daemon: MakeDaemon, desk: MakeDesk, loopback: Loopback, tmp_path: Path
) -> None:
    """It may be another service of that machine, or forged: without the contact's token nothing rings."""
    pbx, running = await serving(kamailio, daemon)
    ana = await desk(running, "ana")
    source, target = (pbx.address, loopback.port(pbx.address)), (running.sip_host, running.sip_port)
    forged = Flood(tmp_path / "forged.log", source, target, rate=100, seconds=0.5, called="6001")
    await forged.start()
    flooded = await forged.done()
    assert flooded.answers == {404: flooded.sent}
    assert ana.events == []
    assert strangers(running) == []


# -- floods ------------------------------------------------------------------------------------------------------------


class TimedDesk(Desk):
    """heard: when each call's pop came, by the caller as he was signalled; wall clock."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.heard: dict[str, float] = {}

    async def _take(self, frame: Frame) -> None:
        if frame.get("type") == "call.ringing":
            self.heard.setdefault(frame["data"]["caller"]["raw"], time.time())
        await super()._take(frame)


def sent_at(calls: Calls) -> list[float]:
    """When SIPp sent the first INVITE of each call, in order."""
    first: dict[str, float] = {}
    for row in calls.process.log.with_name("short.log").read_text(encoding="utf-8").splitlines():
        cells = row.split("\t")
        if len(cells) == 7 and cells[3] == "S" and cells[5].endswith(" INVITE") and cells[6].startswith("INVITE"):
            first.setdefault(cells[4], float(cells[2]))
    return [first[calls.call_id(number)] for number in range(1, calls.count + 1)]


async def series(caller: Sipp, desk: TimedDesk, prefix: str) -> list[float]:
    """Seconds from SIPp's INVITE to the pop of each of 20 calls; each pops once."""
    rung = desk.count("call.ringing")
    invite = Invite(ACME, from_header=f"<sip:{prefix}{{n}}@10.1.1.1>")
    calls = caller.start(invite, count=20, rate=10, patience=1.0)
    await calls.done()
    await desk.settled()
    numbers = [f"{prefix}{n}" for n in range(1, 21)]
    assert desk.count("call.ringing") == rung + 20, "each once"
    return [desk.heard[number] - at for number, at in zip(numbers, sent_at(calls), strict=True)]


@pytest.mark.peer("sipp")
async def test_a_flood_of_a_stranger_leaves_the_calls_of_the_pbx_alone(
    kamailio: MakeKamailio, daemon: MakeDaemon, sipp: MakeSipp, flood: MakeFlood
) -> None:
    pbx, running = await serving(kamailio, daemon)
    caller = sipp(pbx)
    async with TimedDesk(running.web, running.token("ana")) as ana:
        quiet = await series(caller, ana, "+4930231901")
        flooding = await flood(running.sip_host, running.sip_port, rate=5000, seconds=3.5)
        loud = await series(caller, ana, "+4930231902")
        flooded = await flooding.done()
    assert flooded.answers == {}
    assert flooded.sent > 0
    assert len(strangers(running)) <= 1
    ratio = statistics.median(loud) / statistics.median(quiet)
    rate = flooded.sent / flooded.seconds
    sys.stdout.write(
        f"flood {rate:.0f}/s: median delay of a pop {ratio:.2f} x that without "
        f"({statistics.median(quiet) * 1000:.2f} ms), longest {max(loud) / max(quiet):.2f} x\n"
    )


def dropped_at(daemon: Daemon) -> int | None:
    """Datagrams for which its socket had no room (proc(5)); None where this system does not say."""
    where = f"{int.from_bytes(socket.inet_aton(daemon.sip_host), sys.byteorder):08X}:{daemon.sip_port:04X}"
    with suppress(OSError):
        for row in Path("/proc/self/net/udp").read_text(encoding="ascii").splitlines():
            cells = row.split()
            if cells[1] == where:
                return int(cells[-1])
    return None


def ends(daemon: Daemon) -> int:
    """Of calls, in its log."""
    return daemon.process.output().count('"event":"ended"')


async def test_a_second_full_of_calls_pops_each_of_them_once(
    kamailio: MakeKamailio, daemon: MakeDaemon, loopback: Loopback, peer_processes: list[Process], tmp_path: Path
) -> None:
    pbx, running = await serving(kamailio, daemon, ring_expiry="10s")
    source = (pbx.address, loopback.port(pbx.address))
    sender = Process(burst.command(source, await contact_of(pbx), ACME, BURST), log=tmp_path / "burst.log")
    peer_processes.append(sender)
    async with TimedDesk(running.web, running.token("ana")) as ana:
        try:
            sender.start()
            assert await sender.wait(90) == 0, sender.output()
            done = burst.read(sender.output())
            assert done.answered == BURST
            await until(lambda: ana.count("call.ringing") >= BURST, "every call pops", timeout=60)
            dropped = dropped_at(running)
            await until(lambda: ends(running) >= BURST, "nothing rings for ever", timeout=60, poll=0.5)
        finally:
            sender.kill()
    rung = Counter(event["data"]["caller"]["raw"] for event in ana.events if event["type"] == "call.ringing")
    assert rung == Counter({f"+49301{number:07d}": 1 for number in range(BURST)})
    calls = {event["subject"] for event in ana.events if event["type"] == "call.ringing"}
    assert len(calls) == ends(running) == BURST
    sys.stdout.write(f"{done}, dropped by the kernel: {dropped}\n")
