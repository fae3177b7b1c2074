"""Whose records a hot call finds in memory."""

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup.adapters.recent import Recent

ONE, TWO, THREE = (Person(PersonKey("acme", f"p{number}"), None) for number in range(3))


def put(recent: Recent, person: Person, version: int) -> None:
    recent.put({person.key: person}, version)


def test_what_is_remembered_is_of_one_version() -> None:
    recent = Recent()
    put(recent, ONE, 1)
    assert recent.get([ONE.key, TWO.key], 1) == {ONE.key: ONE}
    assert recent.get([ONE.key], 2) == {}
    put(recent, TWO, 2)
    assert recent.get([ONE.key, TWO.key], 2) == {TWO.key: TWO}
    assert len(recent) == 1


def test_what_was_read_before_the_change_does_not_come_back() -> None:
    recent = Recent()
    put(recent, TWO, 2)
    put(recent, ONE, 1)
    assert recent.get([ONE.key], 1) == {}
    assert recent.get([ONE.key, TWO.key], 2) == {TWO.key: TWO}


def test_nothing_read_at_a_new_version_forgets_the_old_one_too() -> None:
    recent = Recent()
    put(recent, ONE, 1)
    recent.put({}, 2)
    assert len(recent) == 0


def test_people_who_did_not_ring_lately_leave_first() -> None:
    recent = Recent(size=2)
    put(recent, ONE, 1)
    put(recent, TWO, 1)
    recent.get([ONE.key], 1)
    put(recent, THREE, 1)
    assert recent.get([ONE.key, TWO.key, THREE.key], 1).keys() == {ONE.key, THREE.key}


def test_who_is_read_again_is_as_he_is_now_and_newest() -> None:
    recent, again = Recent(size=2), Person(ONE.key, None, disabled=True)
    put(recent, ONE, 1)
    put(recent, TWO, 1)
    put(recent, again, 1)
    put(recent, THREE, 1)
    assert recent.get([ONE.key, TWO.key], 1) == {ONE.key: again}
