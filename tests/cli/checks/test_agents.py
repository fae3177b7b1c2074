"""Agents, lines, grants and shares against each other, by table."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.cli.checks.agents import Seats, findings
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.finding import Finding, Kind
from ctibridge.lookup.snapshot import build
from tests.lookup.examples import ACME, AT, BEN

ANA = replace(BEN, id="ana")
SEATS: Seats = {"pbx": {"6001": ("ana", "ben")}}
GRANTS = (Grant("ana", "acme"), Grant("ben", "acme"))
SHARES = (RoleShare("acme"),)
SOON, LATER, BEFORE = AT + timedelta(days=14), AT + timedelta(days=15), AT - timedelta(days=1)


def found(
    seats: Seats = SEATS,
    agents: Iterable[Agent] = (ANA, BEN),
    grants: Iterable[Grant] = GRANTS,
    shares: Iterable[RoleShare] = SHARES,
) -> list[Finding]:
    return list(findings(build(accounts=(ACME,), agents=agents, grants=grants, shares=shares), seats, AT))


def odd(all_of: Iterable[Finding]) -> list[tuple[str, Kind]]:
    return [(one.what, one.kind) for one in all_of if not one.good]


def test_all_is_well() -> None:
    assert [(one.what, one.text) for one in found()] == [
        ("lines", "1 line, each with agents that are known"),
        ("grants", "2 agents, each with a grant"),
    ]


@pytest.mark.parametrize(
    ("lines", "what", "kind", "text"),
    [
        ({"6001": ("ana", "ben", "eva")}, "lines", Kind.MEND, "6001 (eva)"),
        ({"6001": ("ana", "ben"), "6002": ()}, "lines empty", Kind.NOTE, "1 line, whose calls pop nowhere: 6002"),
        ({"6001": ("ana", "ben"), "6002": ("off",)}, "lines empty", Kind.NOTE, "whose calls pop nowhere: 6002"),
        ({"6001": ("ana",)}, "agents", Kind.NOTE, "no line rings for 1 agent: ben"),
    ],
)
def test_lines(lines: dict[str, tuple[str, ...]], what: str, kind: Kind, text: str) -> None:
    every = found({"pbx": lines}, (ANA, BEN, replace(BEN, id="off", disabled=True)))
    assert odd(every) == [(what, kind)]
    (one,) = [one for one in every if not one.good]
    assert text in one.text


def test_without_a_trunk_nobody_misses_a_line() -> None:
    assert odd(found({})) == []


def test_who_is_disabled_needs_neither_line_nor_grant() -> None:
    assert odd(found({"pbx": {"6001": ("ana",)}}, (ANA, replace(BEN, disabled=True)), GRANTS[:1])) == []


def test_no_agents_at_all() -> None:
    (one,) = found({}, (), ())
    assert one.mend == "ctibridge import agents.csv"


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (Grant("ben", "acme", ends_at=BEFORE), [("grants", Kind.NOTE)]),
        (Grant("ben", "acme", starts_at=SOON), []),
        (Grant("ben", "acme", ends_at=SOON), [("grants end", Kind.NOTE)]),
        (Grant("ben", "acme", ends_at=LATER), []),
        (Grant("ben", "acme", starts_at=SOON, ends_at=SOON), []),
    ],
)
def test_grants(grant: Grant, expected: list[tuple[str, Kind]]) -> None:
    assert odd(found(grants=(GRANTS[0], grant))) == expected


def test_a_grant_that_ends_with_its_share_is_told_once() -> None:
    every = found(grants=(GRANTS[0], Grant("ben", "acme", ends_at=SOON)), shares=(RoleShare("acme", ends_at=SOON),))
    assert odd(every) == [("shares end", Kind.NOTE)]
    assert every[-1].mend == "ctibridge share acme --until T"
