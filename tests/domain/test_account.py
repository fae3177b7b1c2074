from ctibridge.domain.account import Account, AccountRef, Announcement, ServiceNumber, Site, Text


def test_a_reference_is_what_an_event_shows_of_an_account() -> None:
    assert Account("acme", "ACME AG", country="DE").ref == AccountRef("acme", "ACME AG")


def test_texts_of_two_accounts_are_not_one() -> None:
    first, second = Account("a", "A"), Account("b", "B")
    assert first.briefing is not second.briefing
    assert ServiceNumber("+1", "a", "A").greetings is not ServiceNumber("+2", "b", "B").greetings


def test_sites_of_one_name_in_two_accounts_are_two() -> None:
    assert Site("acme", "Berlin") != Site("fleuron", "Berlin")


def test_what_a_customer_writes_does_not_print() -> None:
    assert "Frei" not in repr(Text("de", "Frau Frei fragen"))
    assert "Frei" not in repr(Announcement("acme", "a1", {"de": "Frau Frei fragen"}))
