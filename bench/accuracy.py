"""`python -m bench.accuracy`: the labelled case file of the ranking, scored: how many are right, how long one takes.

Each case says what is stored of one caller's number, what was claimed and chosen, who looks, and what a person who
knows the callers expects: the status, and who stands first. It is timed from rows to status, order and evidence.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from ctibridge.domain.account import Account
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.private import Private
from ctibridge.domain.resolution import Grade, Status
from ctibridge.lookup.choices import ChoiceRow, Choices, counting
from ctibridge.lookup.claims import Claim, Claimants, ClaimRow
from ctibridge.lookup.contacts import ContactRow, Contacts, last
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.matching import evidence, matches, named
from ctibridge.lookup.ranking import Ranking, rank
from ctibridge.lookup.snapshot import build
from ctibridge.lookup.visibility import Visible, visible_to

CASES = Path(__file__).parents[1] / "tests" / "lookup" / "ranking_cases.jsonl"
ACCOUNTS = ("acme", "fleuron", "khalij")
AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
SHARED_NUMBER_PEOPLE = 5
CHOICE_DAYS = 90
REPEATS = 200


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account: str
    person: str
    disabled: bool = False


class NumberLine(_Line, frozen=True):
    label: str = "mobile"
    grade: Grade = Grade.EXACT
    imported: bool = False

    @property
    def row(self) -> NumberRow:
        return NumberRow(
            self.account, self.person, self.label, self.disabled, self.imported, "+491713920017", self.grade
        )  # fmt: skip


class ClaimLine(_Line, frozen=True):
    kind: str = "employee_id"

    @property
    def row(self) -> ClaimRow:
        return ClaimRow(self.account, self.person, self.disabled, Claim(self.kind, Private("A-17")))


class ChoiceLine(_Line, frozen=True):
    """days: ago; called: the account that was called then."""

    days: float = 3
    called: str | None = None

    @property
    def row(self) -> ChoiceRow:
        return ChoiceRow(
            self.account, self.person, self.disabled, "ana", AT - timedelta(days=self.days), self.called
        )  # fmt: skip


class ContactLine(_Line, frozen=True):
    days: float = 3

    @property
    def row(self) -> ContactRow:
        return ContactRow(self.account, self.person, AT - timedelta(days=self.days))


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the file. caller: his story; first: `ACCOUNT/PERSON`, or null where nobody is listed; short: an
    extension calls."""

    caller: str
    status: Status
    first: str | None
    rows: list[NumberLine] = []
    called: str | None = None
    claims: list[ClaimLine] = []
    choices: list[ChoiceLine] = []
    contacts: list[ContactLine] = []
    visible: tuple[str, ...] = ACCOUNTS
    short: bool = False

    def question(self) -> Callable[[], Ranking]:
        """What is done for one call and one agent, behind the reading."""
        holders, claimants = Holders(line.row for line in self.rows), Claimants(line.row for line in self.claims)
        choices, contacts = Choices(line.row for line in self.choices), Contacts(line.row for line in self.contacts)
        visible = _visible(self.visible)

        def ask() -> Ranking:
            called = self.called
            claimed = named(claimants.seen_by(visible), called, SHARED_NUMBER_PEOPLE)
            chosen = counting(choices.seen_by(visible), called, AT, CHOICE_DAYS, short=self.short)
            spoken = last(contacts.seen_by(visible))
            found = matches(holders.seen_by(visible), called)
            ranking = rank(found, called, SHARED_NUMBER_PEOPLE, claimed, chosen, spoken)
            for match in ranking.matches:
                evidence(match)
            return ranking

        return ask

    def verdict(self, ranking: Ranking) -> tuple[Status, str | None]:
        """As the file writes it."""
        first = ranking.matches[0].person if ranking.matches else None
        return ranking.status, None if first is None else f"{first.account}/{first.id}"


@dataclass(frozen=True, slots=True)
class Score:
    """wrong: the callers' stories, each with what was said of him; p50 and p99: microseconds over all cases."""

    cases: int
    wrong: tuple[str, ...]
    p50: float
    p99: float

    @property
    def accuracy(self) -> float:
        """0 to 1."""
        return 1 - len(self.wrong) / self.cases

    def __str__(self) -> str:
        right = self.cases - len(self.wrong)
        return (
            f"{right} of {self.cases} cases right ({self.accuracy:.1%}); p50 {self.p50:.1f} µs, p99 {self.p99:.1f} µs"
        )


def read(path: Path = CASES) -> list[Case]:
    """Raises msgspec.MsgspecError for a line that is no case."""
    return msgspec.json.Decoder(Case).decode_lines(path.read_bytes())


def score(cases: list[Case] | None = None, repeats: int = REPEATS) -> Score:
    """Asks each case once for its verdict, then `repeats` times for its time."""
    cases = read() if cases is None else cases
    asked = [(case, case.question()) for case in cases]
    wrong = tuple(text for case, ask in asked for text in _wrong(case, ask()))
    taken = sorted(_microseconds(ask) for _ in range(repeats) for _, ask in asked)
    return Score(len(cases), wrong, taken[len(taken) // 2], taken[len(taken) * 99 // 100])


def _wrong(case: Case, ranking: Ranking) -> Iterator[str]:
    status, first = case.verdict(ranking)
    if (status, first) != (case.status, case.first):
        yield f"{case.caller}: {case.status}, {case.first} expected; {status}, {first} said"


def _microseconds(ask: Callable[[], Ranking]) -> float:
    start = time.perf_counter_ns()
    ask()
    return (time.perf_counter_ns() - start) / 1000


def _visible(accounts: Iterable[str]) -> Visible:
    snapshot = build(
        accounts=[Account(account, account) for account in ACCOUNTS],
        agents=[Agent("ana", "Ana")],
        shares=map(RoleShare, ACCOUNTS),
        grants=[Grant("ana", account) for account in accounts],
    )
    return visible_to("ana", snapshot, AT)


def main() -> int:
    found = score()
    print("\n".join([*found.wrong, str(found)]))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
