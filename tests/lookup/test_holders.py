from ctibridge.lookup.holders import NOBODY, Holders
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import AT, MOBILE, SNAPSHOT, row

ROWS = (row("acme", "p1"), row("fleuron", "e1"), row("acme", "p2"))


def test_only_what_may_be_seen_comes_out() -> None:
    holders = Holders(ROWS)
    assert set(holders.seen_by(visible_to("ben", SNAPSHOT, AT))) == {ROWS[1]}
    assert set(holders.seen_by(visible_to("ana", SNAPSHOT, AT))) == set(ROWS)
    assert holders.seen_by(visible_to("gone", SNAPSHOT, AT)) == ()
    assert NOBODY.seen_by(visible_to("ana", SNAPSHOT, AT)) == ()


def test_there_is_no_other_way_to_the_rows() -> None:
    """Nothing public but the filter; also nothing to iterate, count or print."""
    holders = Holders(ROWS)
    assert [name for name in dir(holders) if not name.startswith("_")] == ["hidden_accounts", "seen_by"]
    assert not hasattr(holders, "__iter__")
    assert not hasattr(holders, "__len__")
    assert not hasattr(holders, "__dict__")
    assert repr(holders) == "Holders(•••)"


def test_hidden_accounts_are_named_for_the_administrator() -> None:
    assert Holders(ROWS).hidden_accounts(visible_to("ben", SNAPSHOT, AT)) == ("acme",)


def test_a_switchboard_of_somebody_else_is_filtered_by_account_and_not_by_row() -> None:
    rows = [row("khalij", str(number), "work") for number in range(10_000)]
    assert Holders([*rows, row("acme")]).seen_by(visible_to("ana", SNAPSHOT, AT)) == (row("acme"),)


def test_the_number_is_not_printed() -> None:
    assert MOBILE not in repr(row())
