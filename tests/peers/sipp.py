"""The caller: SIPp, one process for each group of equal calls.

Comes in: what the INVITE says of caller and called, and how long the caller waits and talks. Goes out: the statuses
that each call saw, live, and SIPp's own figures at the end. A test may also end a call when it likes: it sends SIPp
an INFO with the Call-ID, which the scenario takes as "now" (see scenarios/call.xml).
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.ports import IPV6_LOOPBACK, Loopback, family_of, host_port
from tests.peers.process import PeerError, PeerTimeout, Process, until

SCENARIO = Path(__file__).with_name("scenarios") / "call.xml"
# Final answers that end a call normally for the caller; 487 stands in the scenario where it is awaited.
_FINALS = (400, 403, 404, 405, 408, 410, 477, 480, 481, 482, 483, 484, 486, 488, 491, 500, 502, 503, 504, 600, 603, 604)
_FOREVER = 3600.0
_SINGLE_RATE = 200  # SIPp waits one period before the first call: 5 ms
_VIDEO = 2  # SIPp takes a second media port by itself, that far above the one which it is given
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Invite:
    """What the caller's INVITE says. Header values go out as written; `{n}` in them is the number of the call."""

    called: str  # user part of the Request-URI
    number: str = "+4989123456"  # user part of From
    display: str = ""  # display name of From, quoted and escaped for you
    from_header: str | None = None  # From as a whole, without tag, instead of number and display
    to_header: str | None = None  # To as a whole; default: the called number at the PBX
    asserted: Sequence[str] = ()  # P-Asserted-Identity, one line each
    privacy: str | None = None
    diversion: Sequence[str] = ()
    headers: Sequence[tuple[str, str]] = ()  # any others, in this order

    def header_lines(self) -> list[tuple[str, str]]:
        lines = [("P-Asserted-Identity", value) for value in self.asserted]
        if self.privacy is not None:
            lines.append(("Privacy", self.privacy))
        lines += [("Diversion", value) for value in self.diversion]
        return [*lines, *self.headers]


@dataclass(frozen=True, slots=True)
class Result:
    """SIPp's count at the end of a run."""

    successful: int
    failed: int
    retransmissions: int


@dataclass(slots=True)
class _Log:
    """SIPp's short message log, read as it grows: which statuses to INVITE each call received."""

    path: Path
    offset: int = 0
    statuses: dict[str, list[int]] = field(default_factory=dict)

    def read(self) -> dict[str, list[int]]:
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self.offset)
                lines = file.read()
            complete = lines[: lines.rfind(b"\n") + 1]
            self.offset += len(complete)
            for line in complete.decode("utf-8", "replace").splitlines():
                self._take(line.split("\t"))
        return self.statuses

    def _take(self, cells: Sequence[str]) -> None:
        # date, time, epoch, R or S (received, sent), Call-ID, CSeq, first line
        if len(cells) == 7 and cells[3] == "R" and cells[5].endswith(" INVITE") and cells[6].startswith("SIP/2.0 "):
            self.statuses.setdefault(cells[4], []).append(int(cells[6].split()[1]))


class Calls:
    """A running SIPp: calls 1 to `count`, all alike."""

    def __init__(self, process: Process, address: str, port: int, log: Path, statistics: Path, count: int) -> None:
        self.process = process
        self.count = count
        self._at = (address, port)
        self._log = _Log(log)
        self._statistics = statistics

    def call_id(self, number: int = 1) -> str:
        """The SIP Call-ID of one of the calls."""
        return f"{number}-{self.process.pid}@{self._at[0]}"

    def statuses(self, number: int = 1) -> list[int]:
        """Every status to the INVITE that this call received so far, repetitions included."""
        return list(self._log.read().get(self.call_id(number), ()))

    def status(self, number: int = 1) -> int | None:
        """The final one."""
        return next((status for status in self.statuses(number) if status >= 200), None)

    async def saw(self, status: int, number: int = 1, timeout: float = 10.0, *, times: int = 1) -> None:
        """Return when the call has received this status (so many times)."""

        def seen() -> bool:
            return self.statuses(number).count(status) >= times

        try:
            await until(lambda: seen() or not self.process.running, f"SIPp sees {status}", timeout)
        except PeerTimeout as error:
            raise self._error(f"{error}; call {number} saw {self.statuses(number)}") from error
        if not seen():
            raise self._error(f"ended without {status}; call {number} saw {self.statuses(number)}")

    async def ringing(self, number: int = 1, timeout: float = 10.0, *, devices: int = 1) -> None:
        """Return when so many devices ring: the PBX passes on the 180 of each."""
        await self.saw(180, number, timeout, times=devices)

    async def answered(self, number: int = 1, timeout: float = 10.0) -> None:
        await self.saw(200, number, timeout)

    def end(self, number: int = 1) -> None:
        """The caller hangs up (if answered) or gives up (if not). Only for a call that rings or talks."""
        host = host_port(*self._at)
        info = (
            f"INFO sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP {host};branch=z9hG4bKtest\r\n"
            f"From: <sip:test@{host}>;tag=test\r\nTo: <sip:{host}>\r\n"
            f"Call-ID: {self.call_id(number)}\r\nCSeq: 9 INFO\r\nContent-Length: 0\r\n\r\n"
        )
        with socket.socket(family_of(self._at[0]), socket.SOCK_DGRAM) as teller:
            teller.sendto(info.encode(), self._at)

    async def done(self, timeout: float = 30.0, *, check: bool = True) -> Result:
        """Wait until all calls are over; with `check`, a call that did not run as a call should is an error."""
        code = await self.process.wait(timeout)
        result = self._result()
        if check and (code != 0 or result.failed):
            raise self._error(f"exit code {code}, {result}")
        return result

    def _result(self) -> Result:
        rows = [line.split(";") for line in self._statistics.read_text(encoding="utf-8").splitlines()]
        last = dict(zip(rows[0], rows[-1], strict=False))
        return Result(int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), int(last["Retransmissions(C)"]))

    def _error(self, what: str) -> PeerError:
        errors = self._statistics.with_name("errors.log")
        said = errors.read_text(encoding="utf-8", errors="replace") if errors.exists() else ""
        return PeerError(f"{self.process.error(what)}\n--- {errors} ---\n{said}")


class Sipp:
    """The trunk side: one address from which calls are made to one PBX (host:port)."""

    def __init__(
        self,
        directory: Path,
        loopback: Loopback,
        pbx: str,
        *,
        ipv6: bool = False,
        started: Callable[[Process], None] | None = None,
    ) -> None:
        self._own = loopback.address()
        self.address = IPV6_LOOPBACK if ipv6 else self._own
        self._directory = directory
        self._loopback = loopback
        self._pbx = pbx
        self._started = started  # told of each process, so that a failing test can show its log
        self._runs: list[Calls] = []

    def start(
        self,
        invite: Invite,
        *,
        patience: float = _FOREVER,
        hold: float = _FOREVER,
        count: int = 1,
        rate: int = _SINGLE_RATE,
        pbx: str | None = None,
    ) -> Calls:
        """Place `count` calls, `rate` of them a second; each rings for `patience` and talks for `hold` seconds."""
        directory = self._directory / f"run{len(self._runs) + 1}"
        directory.mkdir(parents=True)
        scenario = directory / "call.xml"
        # Odd bytes are allowed in header values: they are what some tests are about.
        scenario.write_bytes(_scenario(invite, pbx or self._pbx, patience, hold).encode("utf-8", "surrogateescape"))
        port = self._loopback.port(self.address)
        process = Process(self._command(directory, port, count, rate, pbx or self._pbx), log=directory / "sipp.log")
        short, statistics = directory / "short.log", directory / "statistics.csv"
        calls = Calls(process, self.address, port, short, statistics, count)
        self._runs.append(calls)
        if self._started is not None:
            self._started(process)
        process.start()
        return calls

    def close(self) -> None:
        for calls in self._runs:
            calls.process.kill()

    def _command(self, directory: Path, port: int, count: int, rate: int, pbx: str) -> list[str]:
        # The control socket, which is always IPv4, would otherwise be the same port for everybody.
        control, media = self._loopback.port(self._own), self._loopback.port(self._own, above=[_VIDEO])
        # Sound is offered on IPv4 always: a telephone without IPv6 refuses anything else with 488.
        here = ["-i", self.address, "-p", str(port), "-mi", self._own, "-mp", str(media)]
        here += ["-ci", self._own, "-cp", str(control)]
        much = ["-m", str(count), "-l", str(count), "-r", str(rate), "-nostdin"]
        # SIPp has no way to write a bracket: it would begin a keyword of its own.
        words = ["-key", "bracket", "["]
        said = ["-trace_err", "-error_file", str(directory / "errors.log")]
        said += ["-trace_msg", "-message_file", str(directory / "messages.log")]
        said += ["-trace_shortmsg", "-shortmessage_file", str(directory / "short.log")]
        said += ["-trace_stat", "-stf", str(directory / "statistics.csv"), "-fd", "1"]
        return ["sipp", pbx, "-sf", str(directory / "call.xml"), *here, *much, *words, *said]


def _scenario(invite: Invite, pbx: str, patience: float, hold: float) -> str:
    here = "[local_ip]:[local_port]"
    display = invite.display.replace("\\", "\\\\").replace('"', '\\"')
    from_default = f'"{display}" <sip:{invite.number}@' if display else f"<sip:{invite.number}@"
    values = {
        "called": _literal(invite.called),
        "pbx": _literal(pbx),
        "from": _literal(from_default) + f"{here}>" if invite.from_header is None else _literal(invite.from_header),
        "to": _literal(f"<sip:{invite.called}@{pbx}>" if invite.to_header is None else invite.to_header),
        "headers": "".join(f"{name}: {_literal(value)}\n" for name, value in invite.header_lines()),
        "finals": "\n".join(f'  <recv response="{status}" optional="true" next="refused"/>' for status in _FINALS),
        "patience_ms": str(max(1, round(patience * 1000))),
        "hold_ms": str(max(1, round(hold * 1000))),
    }
    return _PLACEHOLDER.sub(lambda match: values[match[1]], SCENARIO.read_text(encoding="utf-8"))


def _literal(text: str) -> str:
    return text.replace("[", "[bracket]").replace("{n}", "[call_number]")


async def gather_done(runs: Sequence[Calls], timeout: float = 30.0) -> list[Result]:
    """Wait for several runs at once."""
    return list(await asyncio.gather(*(calls.done(timeout) for calls in runs)))
