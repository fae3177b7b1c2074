import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from jeepney import DBusAddress, Message, new_method_call
from jeepney.bus_messages import message_bus

from ctibridge.watch.adapters import session_bus as session_bus_module
from ctibridge.watch.adapters.session_bus import BusError, NoAnswer, NoBus, Refused, SessionBus, socket_of
from tests.peers import desktop as peer
from tests.peers.desktop import Desktop
from tests.watch.recorder import until

ASKED = new_method_call(peer.SERVICE, "GetCapabilities")
GREETING = b"OK 0123456789abcdef0123456789abcdef\r\n"


def ignored(_signal: Message) -> None:
    """No signal is looked at here."""


def lost() -> None:
    """Nor is the end."""


@asynccontextmanager
async def answering(folder: Path, *answers: bytes) -> AsyncIterator[str]:
    """The path of a socket where each thing that is said gets the next of these answers; behind them, silence."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(1 << 12)
            writer.write(answer)
        await over.wait()
        writer.close()

    path = str(folder / "socket")
    async with await asyncio.start_unix_server(serve, path):
        yield path
        over.set()


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("unix:path=/run/user/1000/bus", "/run/user/1000/bus"),
        ("unix:path=/run/a%20b/bus,guid=0123", "/run/a b/bus"),
        ("unix:abstract=/tmp/dbus-x", "\0/tmp/dbus-x"),
        ("tcp:host=x,port=1;unix:path=/second", "/second"),
    ],
)
def test_the_address_that_the_session_names(address: str, path: str) -> None:
    assert socket_of({"DBUS_SESSION_BUS_ADDRESS": address}) == path


@pytest.mark.parametrize("address", ["tcp:host=desk.example,port=1", "unix:runtime=yes", "unix", "x", "unix:path", ";"])
def test_an_address_that_is_no_socket_is_one_line(address: str) -> None:
    with pytest.raises(
        NoBus, match="DBUS_SESSION_BUS_ADDRESS names no socket of this machine; it is written unix:path="
    ):
        socket_of({"DBUS_SESSION_BUS_ADDRESS": address})


def test_without_an_address_the_users_own_bus(tmp_path: Path) -> None:
    with pytest.raises(NoBus, match="this is no desktop session"):
        socket_of({"XDG_RUNTIME_DIR": str(tmp_path)})
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "bus"))
        assert socket_of({"XDG_RUNTIME_DIR": str(tmp_path)}) == str(tmp_path / "bus")


@pytest.mark.peer("dbus-daemon")
async def test_a_call_is_answered_refused_given_up_and_lost(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = await SessionBus.open(socket_of(desktop.bus.environment), ignored, lost)
    assert await bus.call(ASKED) == (["body", "body-markup"],)
    with pytest.raises(Refused) as refused:
        await bus.call(new_method_call(DBusAddress("/x", bus_name="nobody.there", interface="a.b"), "C"))
    assert refused.value.name == "org.freedesktop.DBus.Error.ServiceUnknown"

    monkeypatch.setattr(session_bus_module, "PATIENCE", 0.05)
    desktop.hangs = True
    late = list[Message]()
    for _ in range(2):
        with pytest.raises(NoAnswer):
            await bus.call(ASKED, late.append)
    monkeypatch.undo()
    await desktop.answer_all()
    await until(lambda: len(late) == 2)

    desktop.hangs = True
    asking = asyncio.create_task(bus.call(ASKED, pytest.fail))
    await until(lambda: desktop.held)
    await desktop.bus.stop()
    with pytest.raises(BusError, match="the session's bus was lost"):
        await asking
    assert bus.lost
    with pytest.raises(BusError, match="the session's bus was lost"):
        await bus.call(ASKED)
    bus.tell(ASKED)
    await bus.close()


@pytest.mark.peer("dbus-daemon")
async def test_who_never_answers_is_left(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_bus_module, "PATIENCE", 0.001)
    bus = await _opened(desktop, monkeypatch)
    desktop.hangs = True
    for _ in range(32):
        with pytest.raises(NoAnswer):
            await bus.call(ASKED)
    with pytest.raises(BusError, match="the session's bus was lost"):
        await bus.call(ASKED)
    await until(lambda: bus.lost)


async def _opened(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> SessionBus:
    with monkeypatch.context() as patient:
        patient.setattr(session_bus_module, "PATIENCE", 5.0)
        return await SessionBus.open(socket_of(desktop.bus.environment), ignored, lost)


def _return(size: int) -> bytes:
    """The head of an answer with a body of that many bytes."""
    return struct.pack("<cBBBIII", b"l", 2, 0, 1, size, 1, 0)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ((b"REJECTED EXTERNAL\r\n",), "lets us not in; is it another user's?"),
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "lets us not in"),
        ((b"x" * 10_000,), "lets us not in"),
        ((GREETING, _return(1 << 27)), "the session's bus was lost"),
        ((GREETING, _return(70_000)), "the session's bus was lost"),
        ((GREETING, os.urandom(1) + b"\xff" * 64), "the session's bus was lost"),
        (
            (GREETING, b"l\x02\x00\x01" + bytes(4) + b"\x01\0\0\0" + b"\x08\0\0\0" + b"\x63\x01g\0" + b"\x04\0\0\0"),
            "lost",
        ),
    ],
)
async def test_who_is_no_bus_is_left_before_he_is_read_whole(
    tmp_path: Path, answers: tuple[bytes, ...], why: str
) -> None:
    async with answering(tmp_path, *answers) as path:
        with pytest.raises(BusError, match=why):
            await SessionBus.open(path, ignored, lost)


@pytest.mark.parametrize("answers", [(), (GREETING,), (GREETING, _return(60_000))])
async def test_who_says_nothing_is_waited_for_no_longer_than_five_seconds(
    tmp_path: Path, answers: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_bus_module, "PATIENCE", 0.05)
    async with answering(tmp_path, *answers) as path:
        with pytest.raises(NoAnswer, match="the session's bus does not answer"):
            await SessionBus.open(path, ignored, lost)


async def test_where_nobody_listens(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with pytest.raises(BusError, match=r"the session's bus is not there \(No such file or directory\)"):
        await SessionBus.open(str(path), ignored, lost)
    path.touch()
    with pytest.raises(BusError, match=r"the session's bus is not there \(Connection refused\)"):
        await SessionBus.open(str(path), ignored, lost)


@pytest.mark.peer("dbus-daemon")
async def test_signals_are_heard(desktop: Desktop) -> None:
    heard = list[Message]()
    bus = await SessionBus.open(socket_of(desktop.bus.environment), heard.append, lost)
    await bus.call(message_bus.AddMatch(f"type='signal',interface='{peer.NAME}'"))
    await desktop.dismiss(9)
    await until(lambda: (9, 2) in [signal.body for signal in heard])
    await bus.close()
