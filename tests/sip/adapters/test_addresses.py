"""Names that answer, names that hang, and how little a hanging one takes."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ctibridge.sip.adapters import addresses
from ctibridge.sip.adapters.addresses import THREADS, AddressLookup

V4, V6 = socket.AF_INET, socket.AF_INET6


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Names that begin with `hang` wait until the returned function is called."""
    release = threading.Event()

    def getaddrinfo(name: str, *_: Any, family: int, **__: Any) -> list[tuple[object, ...]]:
        if name.startswith("hang"):
            release.wait(5)
        if name == "none":
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(family, 2, 17, "", ("192.0.2.1", 0)), (family, 2, 17, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return release.set


def threads() -> int:
    return sum(thread.name == "ctibridge-addresses" for thread in threading.enumerate())


async def until_no_thread_is_left() -> None:
    async with asyncio.timeout(5):
        while threads():  # noqa: ASYNC110 - threads tell nobody that they end
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(("family", "address"), [(V4, "127.0.0.1"), (V6, "::1")])
async def test_the_systems_own_answer(family: socket.AddressFamily, address: str) -> None:
    assert await AddressLookup().addresses(address, family) == (address,)


async def test_the_hosts_file_counts() -> None:
    assert await AddressLookup().addresses("localhost", V4) == ("127.0.0.1",)


@pytest.mark.usefixtures("hanging")
async def test_each_address_once_and_no_thread_stays() -> None:
    lookup = AddressLookup()
    assert await lookup.addresses("a", V4) == ("192.0.2.1",)
    with pytest.raises(socket.gaierror):
        await lookup.addresses("none", V4)
    await until_no_thread_is_left()
    assert await lookup.addresses("a", V4) == ("192.0.2.1",)


async def test_a_name_that_cannot_be_one() -> None:
    with pytest.raises(UnicodeError):
        await AddressLookup().addresses("a" * 70 + ".example", V4)


async def test_a_name_that_hangs_neither_stops_the_loop_nor_takes_more_than_its_threads(
    hanging: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "LIMIT", 0.05)
    lookup, began = AddressLookup(), time.monotonic()
    asked = [lookup.addresses(f"hang{number}", V4) for number in range(10)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(result) for result in results] == [TimeoutError] * 10
    assert threads() == THREADS
    assert time.monotonic() - began < 4, "it waited for the names"
    assert await asyncio.to_thread(lambda: "free") == "free"
    hanging()
    assert await lookup.addresses("a", V4) == ("192.0.2.1",)
    await until_no_thread_is_left()


async def test_what_waits_is_bounded(hanging: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "WAITING", 1)
    lookup = AddressLookup()
    tasks = [asyncio.create_task(lookup.addresses(f"hang{number}", V4)) for number in range(20)]
    async with asyncio.timeout(5):
        while not any(task.done() for task in tasks):  # noqa: ASYNC110 - tasks of another
            await asyncio.sleep(0.005)
    hanging()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} == {tuple, TimeoutError}
    await until_no_thread_is_left()


def test_an_answer_that_comes_when_the_loop_is_gone_disturbs_nobody(hanging: Callable[[], None]) -> None:
    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(AddressLookup().addresses("hang", V4), 0.02)

    asyncio.run(give_up())
    hanging()
    asyncio.run(until_no_thread_is_left())
