"""The trunks of a configuration take their ports together, and give them back."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterator
from typing import ClassVar, Literal

import pytest

from ctibridge.installation import StartError
from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.events import Event, LineGone
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from ctibridge.trunks import Trunks, not_ours
from tests.peers.ports import Loopback

ACCESS = TrunkAccess((LineAccess("6001", "6001", "secret", ("ana",)),))


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{busy.getsockname()[1]}"


def of(name: str, listen: str, ring: Literal["hold", "decline"] = "hold") -> TrunkSettings:
    return TrunkSettings(name=name, registrar="sip:127.0.0.9:5099", listen=listen, ring=ring)


def nobody(event: Event) -> None:
    raise AssertionError(event)


def test_what_is_bound_before_a_refusal_is_closed_with_the_rest(taken: str) -> None:
    trunks = Trunks(nobody, "instance")
    with pytest.raises(StartError, match=f"trunk b listen: {taken} is in use"):
        trunks.bind([of("a", "127.0.0.1:0"), of("b", taken)], {"a": ACCESS, "b": ACCESS})
    assert len(trunks) == 1
    trunks.close()


async def test_they_run_until_they_are_stopped() -> None:
    heard: list[Event] = []
    trunks = Trunks(heard.append, "instance")
    trunks.bind([of("a", "127.0.0.1:0"), of("b", "127.0.0.1:0")], {"a": ACCESS, "b": ACCESS})
    running = asyncio.create_task(trunks.run())
    while len({getattr(fact, "trunk", "") for fact in heard}) < 2:  # noqa: ASYNC110 - both say that they ask
        await asyncio.sleep(0)
    running.cancel()
    await trunks.stop()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (OSError(errno.EADDRINUSE, ""), "in use by another program"),
        (OSError(errno.EADDRNOTAVAIL, ""), "no address of this machine"),
        (socket.gaierror(-2, ""), "no address of this machine"),
        (OSError(errno.EACCES, "Permission denied"), "Permission denied"),
    ],
)
def test_why_we_cannot_listen_is_said_with_the_mend(error: OSError, mend: str) -> None:
    assert mend in not_ours("[web] listen", "127.0.0.1:80", error)


# -- another configuration ---------------------------------------------------------------------------------------------


class Service(TrunkService):
    """Signs off as long as is said, and says what is done to it."""

    done: ClassVar[list[str]] = []
    leaving: ClassVar[asyncio.Event]

    def bind(self) -> None:
        super().bind()
        self.done.append(f"bind {self.settings.name}")

    def change(self, access: TrunkAccess) -> None:
        super().change(access)
        self.done.append(f"change {self.settings.name}")

    async def stop(self) -> None:
        await self.leaving.wait()
        await super().stop()
        self.done.append(f"stop {self.settings.name}")


Places = tuple[str, str]


@pytest.fixture
def places(loopback: Loopback) -> Places:
    host = loopback.address()
    return f"{host}:{loopback.port(host)}", f"{host}:{loopback.port(host)}"


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
async def running(monkeypatch: pytest.MonkeyPatch, places: Places, told: list[Event]) -> AsyncIterator[Trunks]:
    """Trunks a and b, at these places."""
    monkeypatch.setattr("ctibridge.trunks.TrunkService", Service)
    monkeypatch.setattr("ctibridge.sip.adapters.trunk.SIGN_OFF", 0.0)  # nobody answers
    Service.leaving = asyncio.Event()
    Service.leaving.set()
    made = Trunks(told.append, "instance")
    made.bind([of("a", places[0]), of("b", places[1])], {"a": ACCESS, "b": ACCESS})
    keeping = asyncio.create_task(made.run())
    await asyncio.sleep(0)
    Service.done.clear()
    yield made
    Service.leaving.set()
    keeping.cancel()
    await made.stop()
    await asyncio.gather(keeping, return_exceptions=True)
    await asyncio.sleep(0)  # a transport lets go of its socket one turn of the loop later


async def take(trunks: Trunks, *settings: TrunkSettings) -> list[str]:
    accesses = {each.name: ACCESS for each in settings}
    await trunks.change(trunks.prepare(settings, accesses), accesses)
    return Service.done


async def test_a_trunk_that_stays_is_not_touched_but_for_its_lines(running: Trunks, places: Places) -> None:
    assert await take(running, of("a", places[0]), of("b", places[1])) == ["change a", "change b"]


async def test_one_comes_and_one_goes(running: Trunks, places: Places) -> None:
    assert await take(running, of("c", "127.0.0.1:0"), of("b", places[1])) == ["bind c", "change b", "stop a"]
    assert len(running) == 2


async def test_a_trunk_that_becomes_another_one_takes_its_port_behind_itself(running: Trunks, places: Places) -> None:
    assert await take(running, of("a", places[0], "decline"), of("b", places[1])) == ["change b", "stop a", "bind a"]


async def test_two_that_change_places(running: Trunks, places: Places) -> None:
    assert await take(running, of("a", places[1]), of("b", places[0])) == ["stop a", "stop b", "bind a", "bind b"]


async def test_a_port_of_somebody_else_refuses_all_and_changes_nothing(running: Trunks, taken: str) -> None:
    free = of("c", "127.0.0.1:0")
    with pytest.raises(StartError, match=f"trunk d listen: {taken} is in use"):
        running.prepare([free, of("d", taken)], {"c": ACCESS, "d": ACCESS})
    assert Service.done == ["bind c"], "and it is closed: pytest would say else"
    assert len(running) == 2


async def test_a_stop_in_the_middle_of_a_change_leaves_nothing_running(running: Trunks) -> None:
    """What had been prepared began in a group of tasks that was ending."""
    Service.leaving.clear()
    changing = asyncio.create_task(take(running, of("c", "127.0.0.1:0")))
    while "bind c" not in Service.done:  # noqa: ASYNC110 - then it waits for those that leave
        await asyncio.sleep(0)
    stopping = asyncio.create_task(running.stop())
    await asyncio.sleep(0)
    Service.leaving.set()
    assert await changing == ["bind c", "stop a", "stop b"]
    await stopping
    assert len(running) == 0


async def test_a_change_behind_the_stop_is_given_up(running: Trunks) -> None:
    await running.stop()
    Service.done.clear()
    assert await take(running, of("c", "127.0.0.1:0")) == ["bind c"]


async def test_a_port_that_was_lost_costs_its_own_trunk_alone(
    running: Trunks, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trunks behind it had given up their ports, too, and did not come back."""
    bind = Service.bind

    def quicker(self: Service) -> None:
        if self.settings.name == "a":
            raise OSError(errno.EADDRINUSE, "")
        bind(self)

    monkeypatch.setattr(Service, "bind", quicker)
    with pytest.raises(StartError, match=f"trunk a listen: {places[0]} is in use"):
        await take(running, of("a", places[0], "decline"), of("b", places[1], "decline"))
    assert [each.settings.name for each in running] == ["b"]


async def test_our_own_port_is_in_nobodys_way(running: Trunks, places: Places) -> None:
    """From one address to all of them, and back: it was said to be in use by another program."""
    everywhere = f"0.0.0.0:{places[0].rpartition(':')[2]}"
    await take(running, of("a", everywhere))
    assert [each.settings.listen for each in running] == [everywhere]
    await take(running, of("a", places[0]))
    assert [each.settings.listen for each in running] == [places[0]]


async def test_a_strange_address_is_refused_before_ours_is_given_up(running: Trunks, places: Places) -> None:
    port = places[0].rpartition(":")[2]
    await take(running, of("a", f"0.0.0.0:{port}"))
    strange = of("a", f"192.0.2.1:{port}")
    with pytest.raises(StartError, match=f"192.0.2.1:{port} is no address of this machine"):
        running.prepare([strange], {"a": ACCESS})
    assert len(running) == 1


async def test_lines_that_go_with_their_trunk_are_told(running: Trunks, places: Places, told: list[Event]) -> None:
    """When they came back with it as deaf as before, nobody heard that they were: it was no news."""
    other = TrunkAccess((LineAccess("6002", "6002", "secret"),))
    await running.change(running.prepare([of("b", places[1], "decline")], {"b": other}), {"b": other})
    assert [fact for fact in told if isinstance(fact, LineGone)] == [LineGone("a", "6001"), LineGone("b", "6001")]
