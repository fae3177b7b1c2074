from datetime import timedelta

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.contacts import NEVER, NO_CONTACTS, Contacts, last
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import AT, SNAPSHOT
from tests.lookup.test_ranking import contact


def test_only_what_may_be_seen_comes_out() -> None:
    contacts = Contacts([contact("acme"), contact("fleuron", "e1")])
    assert contacts.seen_by(visible_to("ben", SNAPSHOT, AT)) == (contact("fleuron", "e1"),)
    assert NO_CONTACTS.seen_by(visible_to("ana", SNAPSHOT, AT)) == ()
    assert repr(contacts) == "Contacts(•••)"
    assert not hasattr(contacts, "__dict__")


def test_the_newest_of_each_person_counts() -> None:
    rows = [contact(days=5), contact(days=1), contact(days=9), contact("fleuron", "p17", 7)]
    assert last(rows) == last(rows[::-1]) == {
        PersonKey("acme", "p17"): AT - timedelta(days=1),
        PersonKey("fleuron", "p17"): AT - timedelta(days=7),
    }  # fmt: skip
    assert last([]) == NEVER
