"""The trunks of a configuration take their ports together, and give them back."""

import asyncio
import errno
import socket
from collections.abc import Iterator

import pytest

from ctibridge.installation import StartError
from ctibridge.sip.events import Event
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from ctibridge.trunks import Trunks, not_ours

ACCESS = TrunkAccess((LineAccess("6001", "6001", "secret", ("ana",)),))


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{busy.getsockname()[1]}"


def of(name: str, listen: str) -> TrunkSettings:
    return TrunkSettings(name=name, registrar="sip:127.0.0.9:5099", listen=listen)


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
    assert running.cancelled() or running.cancelling()


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
