"""Status and order: the contract's rules as a table, and each decision that ranking's docstring explains."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Grade, Status
from ctibridge.lookup import ranking as reasons
from ctibridge.lookup.choices import ChoiceRow, counting
from ctibridge.lookup.claims import ClaimRow
from ctibridge.lookup.contacts import ContactRow, last
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.index import MOST_PEOPLE
from ctibridge.lookup.matching import matches, named
from ctibridge.lookup.ranking import Ranking, rank
from tests.lookup.examples import AT, MOBILE, row


def choice(
    account: str = "acme",
    person: str = "p17",
    days: float = 3,
    called: str | None = None,
    by: str = "ana",
    *,
    disabled: bool = False,
) -> ChoiceRow:
    """days: how long ago."""
    return ChoiceRow(account, person, disabled, by, AT - timedelta(days=days), called)


def contact(account: str = "acme", person: str = "p17", days: float = 3) -> ContactRow:
    return ContactRow(account, person, AT - timedelta(days=days))


A1, A2, A3 = row("acme", "a1"), row("acme", "a2"), row("acme", "a3")
F1, F2 = row("fleuron", "f1"), row("fleuron", "f2")
K1 = row("khalij", "k1")
OFF_A = row("acme", "a9", disabled=True)
OFF_F = row("fleuron", "f9", disabled=True)


def ranked(
    rows: Sequence[NumberRow],
    called: str | None = None,
    shared: int = 5,
    claims: Sequence[ClaimRow] = (),
    choices: Sequence[ChoiceRow] = (),
    contacts: Sequence[ContactRow] = (),
) -> Ranking:
    """Choices count for 90 days."""
    chosen = counting(choices, called, AT, 90)
    return rank(matches(rows, called), called, shared, named(claims, called, shared), chosen, last(contacts))


def people(ranking: Ranking) -> list[str]:
    return [match.person.id for match in ranking.matches]


def crowd(account: str, size: int, *, disabled: bool = False) -> list[NumberRow]:
    return [row(account, f"{account}{number}", "work", disabled=disabled) for number in range(size)]


@pytest.mark.parametrize(
    ("rows", "called", "status", "account", "order"),
    [
        # one
        ([], None, "unknown", None, []),
        ([A1], None, "identified", "acme", ["a1"]),
        ([A1], "acme", "identified", "acme", ["a1"]),
        ([A1], "fleuron", "identified", "acme", ["a1"]),  # who calls another customer's desk is still who he is
        # several of one company
        ([A2, A1], None, "ambiguous", "acme", ["a1", "a2"]),
        ([A2, A1], "acme", "ambiguous", "acme", ["a1", "a2"]),
        (crowd("acme", 4), None, "ambiguous", "acme", ["acme0", "acme1", "acme2", "acme3"]),
        # one number, two companies: the company called decides
        ([A1, F1], "acme", "identified", "acme", ["a1", "f1"]),
        ([A1, F1], "fleuron", "identified", "fleuron", ["f1", "a1"]),
        ([A1, F1], "khalij", "ambiguous", None, ["a1", "f1"]),
        ([A1, F1], None, "ambiguous", None, ["a1", "f1"]),
        ([A1, F1, F2], "acme", "identified", "acme", ["a1", "f1", "f2"]),
        ([A1, F1, F2], "fleuron", "ambiguous", "fleuron", ["f1", "f2", "a1"]),
        ([A1, F1, K1], "khalij", "identified", "khalij", ["k1", "a1", "f1"]),
        # disabled people come last and are never meant
        ([OFF_A], None, "unknown", None, ["a9"]),
        ([OFF_A], "acme", "unknown", None, ["a9"]),
        ([OFF_A, A1], None, "identified", "acme", ["a1", "a9"]),
        ([OFF_A, F1], "acme", "identified", "fleuron", ["f1", "a9"]),
        ([OFF_A, A1, A2], "acme", "ambiguous", "acme", ["a1", "a2", "a9"]),
        ([A1, A2, OFF_F], None, "ambiguous", "acme", ["a1", "a2", "f9"]),  # nor do they name a company
        ([OFF_F, OFF_A], "fleuron", "unknown", None, ["f9", "a9"]),
        (crowd("acme", 5, disabled=True), None, "unknown", None, [f"acme{n}" for n in range(5)]),
        ([*crowd("acme", 5), OFF_F], None, "shared", "acme", []),  # nor a switchboard's company
        ([*crowd("acme", 5), OFF_F], "fleuron", "shared", "acme", []),
        ([row("acme", "a9", "general", disabled=True), A1], "acme", "shared", "acme", []),  # his label is the line's
        # shared: the company only
        (crowd("acme", 5), None, "shared", "acme", []),
        ([*crowd("acme", 4), *crowd("fleuron", 4)], None, "ambiguous", None, None),
        ([*crowd("acme", 5), F1], None, "shared", None, []),
        ([*crowd("acme", 5), F1], "acme", "shared", "acme", []),
        ([*crowd("acme", 5), F1], "fleuron", "shared", "fleuron", []),
        ([*crowd("acme", 5), F1], "khalij", "shared", None, []),
        (crowd("acme", 5), "fleuron", "shared", "acme", []),
        ([row("acme", "a1", "general")], None, "shared", "acme", []),
        ([row("acme", "a1", "general"), A2], "acme", "shared", "acme", []),
        ([row("acme", "a1", "general"), row("acme", "a1", "work")], None, "shared", "acme", []),
        # a fax is nobody
        ([row("acme", "a1", "fax")], None, "unknown", None, []),
        ([row("acme", "a1", "fax"), A2], None, "identified", "acme", ["a2"]),
        ([*(row("acme", f"a{n}", "fax") for n in range(9)), A2], None, "identified", "acme", ["a2"]),
    ],
)
def test_rules(
    rows: list[NumberRow], called: str | None, status: str, account: str | None, order: list[str] | None
) -> None:
    ranking = ranked(rows, called)
    assert (ranking.status, ranking.account) == (status, account)
    assert order is None or people(ranking) == order


def test_many_is_what_the_settings_say() -> None:
    assert ranked(crowd("acme", 2), shared=2).status is Status.SHARED
    assert ranked(crowd("acme", 9), shared=10).status is Status.AMBIGUOUS


@pytest.mark.parametrize("active", range(1, 5))
def test_a_desk_handed_on_by_those_who_left_is_no_switchboard(active: int) -> None:
    """One active and four disabled people gave `shared` and no candidate, though only one can be calling."""
    there, left = crowd("acme", active), [row("acme", f"z{n}", disabled=True) for n in range(4)]
    for called in ("acme", "fleuron", None):
        ranking = ranked([*left, *there], called)
        assert (ranking.status is Status.IDENTIFIED) is (active == 1)
        assert ranking.status is not Status.SHARED
        assert people(ranking) == [*(f"acme{n}" for n in range(active)), "z0", "z1", "z2", "z3"]
        assert [match.disabled for match in ranking.matches] == [False] * active + [True] * 4
    assert ranked([*left, *crowd("acme", 5)], "acme").status is Status.SHARED


def test_of_those_who_left_the_first_of_each_account_are_listed() -> None:
    """Of each account: were it of all, one would come in when another account goes out of sight."""
    many = reasons.MOST_LEAVERS + 3
    left = [row(account, f"{account}{n:02}", disabled=True) for account in ("acme", "fleuron") for n in range(many)]
    ranking = ranked([*left, A1], "acme")
    assert (ranking.status, ranking.account) == ("identified", "acme")
    assert people(ranking)[:2] == ["a1", "acme00"]
    assert [match.person.account for match in ranking.matches[1:]] == ["acme"] * 10 + ["fleuron"] * 10
    assert people(ranking)[-1] == "fleuron09"
    assert reasons.MORE_LEFT in ranking.reasons
    alone = ranked(left[: reasons.MOST_LEAVERS], "acme")
    assert (alone.status, len(alone.matches)) == ("unknown", reasons.MOST_LEAVERS)
    assert reasons.MORE_LEFT not in alone.reasons


def test_where_no_more_people_are_read_nobody_is_named_for_those_behind_them() -> None:
    left = [row("acme", f"z{n}", disabled=True) for n in range(MOST_PEOPLE - 1)]
    ranking = ranked([*left, A1], "acme")
    assert (ranking.status, ranking.account, ranking.reasons) == ("shared", "acme", (reasons.UNREAD,))
    assert ranked([*left[1:], A1], "acme").status is Status.IDENTIFIED


def test_where_number_ends_alike_those_who_left_make_no_crowd() -> None:
    left = [row("acme", f"z{n}", grade=Grade.SUFFIX, disabled=True) for n in range(4)]
    ranking = ranked([*left, weak("acme", "a1")], "acme")
    assert (ranking.status, people(ranking)[0], len(ranking.matches)) == ("ambiguous", "a1", 5)


def test_choices_of_people_who_left_since_make_no_switchboard() -> None:
    gone = [choice("acme", f"z{n}", disabled=True) for n in range(4)]
    ranking = ranked([A1], "acme", choices=gone)
    assert (ranking.status, people(ranking)[0]) == ("identified", "a1")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (row(person="z", label="mobile"), row(person="a", label="work")),
        (row(person="z", label="work"), row(person="a", label="home")),
        (row(person="z", label="home"), row(person="a", label="pager")),
        (row("acme", "z", "work", imported=True), row("acme", "a", "work")),
        (row("acme", "z", "work"), row("fleuron", "a", "mobile")),  # acme was called: stronger than any label
        (row(person="z", label="other"), row(person="a", label="mobile", disabled=True)),
        (row(person="a"), row(person="z")),  # nothing else tells them apart
    ],
)
def test_better_comes_before_worse(better: NumberRow, worse: NumberRow) -> None:
    assert people(ranked([worse, better], "acme")) == [better.person, worse.person]


def test_identified_names_the_one() -> None:
    identified = ranked([A1, F1], "acme").identified
    assert identified is not None
    assert identified.person.id == "a1"
    assert ranked([A1, F1]).identified is None


def weak(account: str, person: str, label: str = "mobile") -> NumberRow:
    return row(account, person, label, grade=Grade.SUFFIX)


def again(account: str, person: str, called: str | None = None) -> list[ChoiceRow]:
    """Chosen twice."""
    return [choice(account, person, 3, called), choice(account, person, 5, called, "ben")]


@pytest.mark.parametrize(
    ("rows", "called", "status", "account", "order", "reason"),
    [
        # the end of a number names nobody, and no company but the one called
        ([weak("acme", "a1")], None, "ambiguous", None, ["a1"], reasons.WEAK),
        ([weak("acme", "a1")], "acme", "ambiguous", "acme", ["a1"], reasons.WEAK),
        ([weak("acme", "a1")], "fleuron", "unknown", None, [], reasons.NOBODY),
        ([weak("acme", "a1"), weak("fleuron", "f1")], None, "ambiguous", None, ["a1", "f1"], reasons.WEAK),
        ([weak("acme", "a1"), weak("fleuron", "f1")], "fleuron", "ambiguous", "fleuron", ["f1"], reasons.WEAK),
        ([weak("acme", "a1", "general")], "acme", "unknown", None, [], reasons.NOBODY),
        # and neither outweighs nor spoils a whole number
        ([weak("acme", "a1"), F1], "acme", "identified", "fleuron", ["f1", "a1"], reasons.ONLY_ONE),
        ([weak("acme", "a1"), A2], "acme", "identified", "acme", ["a2", "a1"], reasons.ONLY_ONE_CALLED),
        ([weak("acme", "a1"), OFF_A], "acme", "ambiguous", "acme", ["a1", "a9"], reasons.WEAK),
        # an extension names within the company called
        ([row("acme", "a1", grade=Grade.EXTENSION)], "acme", "identified", "acme", ["a1"], reasons.ONLY_ONE_CALLED),
        ([row("acme", "a1", grade=Grade.EXTENSION)], None, "unknown", None, [], reasons.NOBODY),
        # one line in two spellings is of both
        (
            [row("acme", "a1", grade=Grade.REWRITTEN), A2], "acme",
            "ambiguous", "acme", ["a2", "a1"], reasons.SEVERAL,
        ),
        ([A1, A2], "acme", "ambiguous", "acme", ["a1", "a2"], reasons.EQUALLY),
        ([OFF_A], None, "unknown", None, ["a9"], reasons.LEFT),
        (crowd("acme", 5), None, "shared", "acme", [], reasons.MANY),
        ([row("acme", "a1", "general")], None, "shared", "acme", [], reasons.GENERAL),
    ],
)  # fmt: skip
def test_grades(
    rows: list[NumberRow], called: str | None, status: str, account: str | None, order: list[str], reason: str
) -> None:
    ranking = ranked(rows, called)
    assert (ranking.status, ranking.account, people(ranking)) == (status, account, order)
    assert reason in ranking.reasons


def test_where_the_end_of_a_number_fits_many_of_one_company_it_fits_none_of_them() -> None:
    ends = [weak("acme", f"a{number}") for number in range(5)]
    ranking = ranked([*ends, weak("fleuron", "f1")])
    assert (ranking.status, people(ranking)) == ("ambiguous", ["f1"])
    assert reasons.SUFFIX_CROWD in ranking.reasons
    assert ranked(ends).status is Status.UNKNOWN
    assert len(people(ranked(ends[1:]))) == 4


@pytest.mark.parametrize(
    ("rows", "choices", "called", "status", "account", "order", "reason"),
    [
        # nobody has the number: whom agents found by search
        ([], [choice("acme", "a1")], None, "identified", "acme", ["a1"], reasons.CHOSEN),
        ([], [choice("acme", "a1", called="acme")], "acme", "identified", "acme", ["a1"], reasons.CHOSEN),
        ([], [choice("acme", "a1"), choice("acme", "a2")], "acme",
         "ambiguous", "acme", ["a1", "a2"], reasons.CHOICES_DIFFER),
        ([], [*again("acme", "a2"), choice("acme", "a1")], "acme",
         "ambiguous", "acme", ["a2", "a1"], reasons.CHOICES_DIFFER),
        ([], [choice("acme", "a1"), choice("fleuron", "f1")], "fleuron",
         "identified", "fleuron", ["f1", "a1"], reasons.CHOSEN),
        ([], [choice("acme", "a9", disabled=True)], None, "unknown", None, ["a9"], reasons.LEFT),
        ([], [choice("acme", "a1", days=91)], None, "unknown", None, [], reasons.NOBODY),
        # a choice for another company is told, and names nobody
        ([], [choice("acme", "a1", called="acme")], "fleuron", "ambiguous", None, ["a1"], reasons.WEAK),
        ([], [choice("fleuron", "f1", called="acme")], "fleuron", "ambiguous", "fleuron", ["f1"], reasons.WEAK),
        # of a family or a team: once is who called then, twice is whose telephone it is
        ([A1, A2], [choice("acme", "a2")], "acme", "ambiguous", "acme", ["a2", "a1"], reasons.NOT_REPEATED),
        ([A1, A2], again("acme", "a2"), "acme", "identified", "acme", ["a2", "a1"], reasons.CHOSEN_AGAIN),
        ([A1, A2], again("acme", "a2"), None, "identified", "acme", ["a2", "a1"], reasons.CHOSEN_AGAIN),
        ([A1, A2], again("acme", "a2", "fleuron"), "acme", "ambiguous", "acme", ["a2", "a1"], reasons.SEVERAL),
        ([A1, A2], [*again("acme", "a2"), choice("acme", "a1")], "acme",
         "ambiguous", "acme", ["a2", "a1"], reasons.CHOICES_DIFFER),
        ([A1, F1], again("fleuron", "f1"), "khalij", "identified", "fleuron", ["f1", "a1"], reasons.CHOSEN_AGAIN),
        # the company called decides, whatever was chosen
        ([A1, F1], again("fleuron", "f1"), "acme", "identified", "acme", ["a1", "f1"], reasons.ONLY_ONE_CALLED),
        # he has the number at one customer, and was found by search at the other
        ([F1], [choice("acme", "a1", called="acme")], "acme", "identified", "acme", ["a1", "f1"], reasons.CHOSEN),
        # number against choice: both are told
        ([A1], again("acme", "a2"), "acme", "ambiguous", "acme", ["a2", "a1"], reasons.CHOICE_AGAINST_NUMBER),
        ([A1], [choice("acme", "a1")], "acme", "identified", "acme", ["a1"], reasons.ONLY_ONE_CALLED),
        # the number of somebody who has left was found to be another's
        ([OFF_A], [choice("acme", "a1")], "acme", "identified", "acme", ["a1", "a9"], reasons.CHOSEN),
        # a switchboard's last caller is not its next one
        (crowd("acme", 5), again("acme", "acme3"), "acme", "shared", "acme", [], reasons.MANY),
        ([row("acme", "a1", "general")], again("acme", "a2"), "acme", "shared", "acme", [], reasons.GENERAL),
    ],
)  # fmt: skip
def test_choices(
    rows: list[NumberRow],
    choices: list[ChoiceRow],
    called: str | None,
    status: str,
    account: str | None,
    order: list[str],
    reason: str,
) -> None:
    ranking = ranked(rows, called, choices=choices)
    assert (ranking.status, ranking.account, people(ranking)) == (status, account, order)
    assert reason in ranking.reasons


def test_a_number_from_which_agents_chose_many_people_is_a_switchboard_that_no_record_knows() -> None:
    choices = [choice("acme", f"a{number}") for number in range(5)]
    assert ranked([], None, choices=choices).status is Status.SHARED
    assert ranked([], "fleuron", choices=choices).account == "acme"
    assert ranked([A1], "acme", choices=choices[:4]).status is Status.AMBIGUOUS
    assert ranked([row("acme", "a7")], "acme", choices=choices[:4]).status is Status.SHARED


def test_a_switchboard_is_of_those_who_have_it_and_not_of_whom_was_chosen_for_it() -> None:
    assert ranked(crowd("acme", 5), "fleuron", choices=[choice("fleuron", "f1")]).account == "acme"


def test_the_last_contact_orders_equals_and_nothing_else() -> None:
    assert people(ranked([A1, A2], "acme", contacts=[contact("acme", "a2")])) == ["a2", "a1"]
    assert ranked([A1, A2], "acme", contacts=[contact("acme", "a2")]).status is Status.AMBIGUOUS
    home = row("acme", "a2", "home")
    assert people(ranked([A1, home], "acme", contacts=[contact("acme", "a2")])) == ["a1", "a2"]
    both = [contact("acme", "a1", 9), contact("acme", "a1", 1), contact("acme", "a2", 3)]
    assert people(ranked([A1, A2], "acme", contacts=both)) == ["a1", "a2"]
    assert people(ranked([], "acme", contacts=both)) == []  # a contact makes nobody a candidate


def test_why_not_says_of_each_what_put_him_behind() -> None:
    rows = [A1, row("acme", "a2", "home"), F1, weak("acme", "a3"), OFF_A]
    ranking = ranked(rows, "acme")
    assert {person.id: why.partition(":")[0] for person, why in ranking.why_not().items()} == {
        "a2": "a label less personal than that of the one before",
        "f1": "of another company than the one called",
        "a3": "suffix only",
        "a9": "disabled",
    }
    assert ranked([A1]).why_not() == {}
    assert ranked([weak("acme", "a3")]).why_not() == {PersonKey("acme", "a3"): "suffix only: too weak to name anybody"}


def test_reasons_say_nothing_personal() -> None:
    ranking = ranked([A1, A2, weak("acme", "a3")], "acme", choices=again("acme", "a2"))
    said = " ".join([*ranking.reasons, *ranking.why_not().values()])
    assert not any(word in said for word in (MOBILE, "a1", "a2", "a3", "acme", "ana"))
