"""What desks taught a node whose store goes without people."""

from dataclasses import replace
from pathlib import Path

from ctibridge.lookup.adapters.learned import Learned
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.test_learned import ANA, BEN, ELODIE, URS, choice, chosen, learned, path, sql
from tests.lookup.examples import AT, MOBILE, REGULA, SNAPSHOT

__all__ = ["learned", "path"]


async def test_people_who_are_elsewhere_are_asked_there(learned: Learned, path: Path) -> None:
    sql(path, "DELETE FROM directory_person")
    left = replace(URS, disabled=True)
    for person in (REGULA, left, ELODIE):
        await learned.choose(choice(person, call=None))
    assert await chosen(learned) == []
    learned.people = FakeDirectoryStore(SNAPSHOT, {}, [REGULA, left]).people
    found = (await learned.choices(MOBILE, ANA)).seen_by(ANA)
    assert sorted((row.person, row.disabled) for row in found) == [("p17", False), ("p18", True)]
    assert (await learned.choices(MOBILE, BEN)).seen_by(BEN) == ()


async def test_contacts_with_people_who_are_elsewhere_are_written(learned: Learned, path: Path) -> None:
    sql(path, "DELETE FROM directory_person")
    learned.people = FakeDirectoryStore(SNAPSHOT, {}, [REGULA]).people
    learned.contact(REGULA.key, AT)
    await learned.close()
    assert sql(path, "SELECT account, person FROM directory_contact") == [("acme", "p17")]
