"""One desk as bytes: what goes in comes out, what is too much stays behind, and bytes of anybody are nobody's desk."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.delivery import moving
from ctibridge.delivery.kept import KeptDesk
from ctibridge.delivery.moving import Fact, MovingDesk
from tests.delivery import examples as ex
from tests.delivery.kept_examples import event, kept, note, pop

CALLS = (
    kept(1, of=ex.ended(ex.call(1)), pop=pop(1), notes=(note("she calls back"),), newest=b'{"call":{}}'),
    kept(2, accounts=None, revision=3),
)
EVENTS = tuple(event(sequence, accounts=None if sequence == 4 else frozenset({"acme"})) for sequence in range(3, 8))
DESK = MovingDesk(KeptDesk("ana", "e1", 7, 3, 5, CALLS), EVENTS, (Fact("asked", "01JDX001", b"{}"),))


def test_it_comes_back_as_it_went() -> None:
    assert moving.read(moving.written(DESK)) == DESK
    quiet = MovingDesk(KeptDesk("ben", "e2", 0, 1, 0))
    assert moving.read(moving.written(quiet)) == quiet


def test_without_its_events_nothing_can_be_replayed() -> None:
    found = moving.read(moving.written(MovingDesk(KeptDesk("ana", "e1", 7, 3, 5))))
    assert found is not None
    assert (found.desk.floor, found.desk.sequence) == (8, 7)


def test_the_oldest_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "ROOM", 2 * len(EVENTS[0].data))
    found = moving.read(moving.written(DESK))
    assert found is not None
    assert (found.desk.floor, [one.sequence for one in found.events]) == (6, [6, 7])
    assert [one.pop for one in found.desk.calls] == [None, None]
    assert len(moving.written(MovingDesk(DESK.desk, tuple(event(n) for n in range(1, 1500))))) < 200_000


def test_what_is_none_of_ours() -> None:
    fields = msgspec.msgpack.decode(moving.written(DESK))
    for place, wrong in ((0, 2), (2, ""), (3, 2), (4, 8), (5, "x"), (6, [["01JDX001", "[", b"{}", None, None]])):
        assert moving.read(msgspec.msgpack.encode([*fields[:place], wrong, *fields[place + 1 :]])) is None
    assert moving.read(msgspec.msgpack.encode([*fields, "of a later version"])) == DESK
    assert moving.read(bytes(moving.MOST_BYTES + 1)) is None
    assert "Regula" not in repr(DESK)


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    assert moving.read(body) is None
