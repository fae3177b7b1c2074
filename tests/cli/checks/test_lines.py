"""What the evidence of real calls says of a trunk's lines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ctibridge.cli.checks import lines
from ctibridge.cli.checks.lines import SILENT, STALE, STARTS
from ctibridge.domain.finding import Finding, Kind
from ctibridge.domain.line import LineState
from ctibridge.domain.line_evidence import LineEvidence
from ctibridge.sip.authorization import refused_by
from ctibridge.sip.lines import ALONE_WHY
from ctibridge.sip.settings import SelftestSettings, TrunkSettings

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
REFUSED = f"registrar {refused_by('asterisk')}"


def trunk(**keys: Any) -> TrunkSettings:
    return TrunkSettings(name="pbx", registrar="sip:10.0.0.5", **keys)


def heard(line: str, days: float = 30, rang: float | None = 1, **more: Any) -> LineEvidence:
    """Registered for so many days, and rang so many days ago; None: never."""
    since = AT - days * DAY
    last_rang = None if rang is None else AT - rang * DAY
    keys = {"others": 1, "last_rang": last_rang, "why": "registered"} | more
    return LineEvidence("pbx", line, LineState.REGISTERED, since=since, registered_since=since, **keys)


def unheard(line: str, why: str, state: LineState = LineState.DEAF, ago: timedelta = HOUR) -> LineEvidence:
    return LineEvidence("pbx", line, state, why, AT - ago)


def judged(*known: LineEvidence, of: TrunkSettings | None = None, also: tuple[str, ...] = ()) -> list[Finding]:
    configured = [one.line for one in known if one.trunk == "pbx"]
    return list(lines.findings(of or trunk(), [*configured, *also], known, AT))


def only(found: list[Finding]) -> Finding:
    """The one row besides that all are heard."""
    (one,) = [row for row in found if row.mend is not None]
    assert len(found) == 1 or found[0].text.endswith(" heard")
    return one


def test_all_is_well_in_one_row() -> None:
    assert judged(heard("6001"), heard("6002")) == [Finding("lines heard", "trunk pbx: 2 of 2 lines heard")]


def test_lines_that_are_deaf_for_the_same_reason_are_one_row() -> None:
    many = [unheard(f"60{number:02}", REFUSED, ago=number * MINUTE + HOUR) for number in range(33)]
    row = only(judged(*many))
    assert row.text == (
        "trunk pbx: 6000, 6001, 6002, 6003, 6004, 6005, 6006, 6007 and 25 more (33 of 33 lines) "
        'not heard since 2026-11-22 06:28 UTC: registrar refuses the password (realm "asterisk")'
    )
    assert row.kind is Kind.MEND
    assert str(row.mend).startswith("compare username and password")


def test_two_reasons_are_two_rows() -> None:
    found = judged(heard("6001"), unheard("6002", REFUSED), unheard("6003", "registrar says 404"))
    assert [row.kind for row in found] == [Kind.MEND, Kind.MEND]
    assert [text.text.partition(" not heard")[0] for text in found] == [
        "trunk pbx: 6002 (1 of 3 lines)",
        "trunk pbx: 6003 (1 of 3 lines)",
    ]


def test_a_phone_that_is_signed_off_can_wait_but_not_all_of_them() -> None:
    away = unheard("6002", ALONE_WHY, LineState.ALONE)
    row = only(judged(heard("6001"), away))
    assert row.kind is Kind.NOTE
    assert ": no other device is on the line" in row.text
    assert "; " not in row.text
    assert "sign its phone on" in str(row.mend)
    assert only(judged(away)).kind is Kind.MEND


def test_at_night_all_phones_may_be_signed_off() -> None:
    """Where none was ever heard, or for longer than a weekend, something is wrong."""
    lately, long_ago = (
        replace(unheard("6001", ALONE_WHY, LineState.ALONE), registered_since=AT - 30 * DAY, away_since=AT - away)
        for away in (62 * HOUR, SILENT)
    )
    assert only(judged(lately, unheard("6002", ALONE_WHY, LineState.ALONE))).kind is Kind.NOTE
    assert only(judged(long_ago)).kind is Kind.MEND
    deaf = replace(lately, state=LineState.DEAF, why="registrar says 404")
    assert only(judged(deaf)).kind is Kind.MEND


def test_a_line_that_still_asks_has_a_few_minutes() -> None:
    asks = "asks the registrar"
    (row,) = judged(heard("6001"), unheard("6002", asks, LineState.REGISTERING, STARTS - MINUTE))
    assert row == Finding("lines heard", "trunk pbx: 1 of 2 lines heard so far, the registrar is being asked")
    (row,) = judged(heard("6001"), unheard("6002", asks, LineState.REGISTERING, STARTS))
    assert row.text == f"trunk pbx: 6002 (1 of 2 lines) not heard since 2026-11-22 07:55 UTC: {asks}"
    assert row.kind is Kind.MEND


def test_a_line_that_the_daemon_does_not_know() -> None:
    row = only(judged(heard("6001"), also=("6002",)))
    assert "has told nothing of 6002: it has an older configuration, just began, or desks.db was replaced" in row.text
    assert row.kind is Kind.NOTE
    assert row.mend == "systemctl reload ctibridge; where that changes nothing, restart it"


def test_lines_of_others_and_lines_that_are_gone_say_nothing() -> None:
    other = LineEvidence("other", "6001", LineState.DEAF, REFUSED, AT)
    found = list(lines.findings(trunk(), ["6001"], [other, heard("6001"), unheard("6009", REFUSED)], AT))
    assert found == [Finding("lines heard", "trunk pbx: 1 of 1 line heard")]


def test_one_view_of_two_is_refused() -> None:
    row = only(judged(heard("6001", why="registered, but not by dialog-info: PBX says 489")))
    assert row.text.endswith("6001: registered, but not by dialog-info: PBX says 489")
    assert "leave dialog-info out" in str(row.mend)


def test_a_line_without_phone_where_our_contact_stays() -> None:
    row = only(judged(heard("6001", others=0), of=trunk(alone="stay")))
    assert row.kind is Kind.NOTE
    assert "no other device" in row.text


def test_the_line_of_the_test_call_needs_no_phone() -> None:
    """The recipe of docs/selftest.md."""
    test = trunk(alone="stay", selftest=SelftestSettings("6099", "+493023125199", phone="6001"))
    assert judged(heard("6001", others=0), of=test) == [Finding("lines heard", "trunk pbx: 1 of 1 line heard")]
    row = only(judged(heard("6001", others=0), heard("6002", others=0), of=test))
    assert ": 6002: no other device" in row.text


# -- does the dial plan fork to us? ------------------------------------------------------------------------------------


def test_a_line_that_never_rang_while_others_did() -> None:
    row = only(judged(heard("6001", days=3, rang=None), heard("6002"), heard("6003")))
    assert row.text == (
        "trunk pbx: line 6001 has registered for 3 days and never rang, while 2 other lines did"
    )  # fmt: skip
    assert row.kind is Kind.NOTE
    assert "all contacts" in str(row.mend)
    assert "docs/pbx" in str(row.mend)


def test_none_of_them_ever_rang() -> None:
    row = only(judged(heard("6001", days=4, rang=None), heard("6002", days=9, rang=None)))
    assert row.text == "trunk pbx: lines 6001, 6002 have registered for 4 days and never rang"
    assert row.kind is Kind.MEND


def test_a_ring_of_before_it_registered_is_none() -> None:
    assert len(judged(heard("6001", days=4, rang=5))) == 2


@pytest.mark.parametrize("days", [0, 1, 2.9])
def test_three_days_are_awaited(days: float) -> None:
    assert len(judged(heard("6001", days=days, rang=None))) == 1
    assert timedelta(days=3) == SILENT


def test_its_phone_rings_and_our_contact_does_not() -> None:
    both = trunk(observe=("contact", "dialog-info"))
    row = only(judged(heard("6001", days=1, rang=None, phone_rang=AT - HOUR), heard("6002"), of=both))
    assert row.text == "trunk pbx: 6001: the phone rings, and our contact does not"
    assert row.kind is Kind.MEND
    assert len(judged(heard("6001", days=1, rang=0.5, phone_rang=AT - DAY / 2 + MINUTE), of=both)) == 1, "one call"
    assert len(judged(heard("6001", days=1, rang=None, phone_rang=AT - 2 * DAY), of=both)) == 1, "before"
    assert len(judged(heard("6001", days=9, rang=5, phone_rang=AT - DAY), of=both)) == 2, "no longer"


def test_a_line_that_is_only_watched_rings_where_its_phone_does() -> None:
    watched = trunk(observe=("dialog-info",))
    assert len(judged(heard("6001", rang=None, phone_rang=AT - DAY, others=None), of=watched)) == 1
    assert len(judged(heard("6001", rang=None, others=None), of=watched)) == 2


def test_a_line_that_is_deaf_says_nothing_of_the_dial_plan() -> None:
    assert [row.what for row in judged(heard("6001"), unheard("6002", REFUSED))] == ["lines heard"]


# -- is the daemon alive? ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "said"),
    [(STALE, "5 minutes"), (timedelta(hours=2), "2 hours"), (timedelta(days=1, hours=3), "1 day")],
)
def test_a_daemon_that_writes_no_more(age: timedelta, said: str) -> None:
    (row,) = lines.freshness(AT - age, AT)
    assert f" {said} ago" in row.text
    assert row.kind is Kind.MEND


@pytest.mark.parametrize("seen", [None, AT, AT - STALE + MINUTE, AT + DAY])
def test_one_that_writes_or_has_never_written(seen: datetime | None) -> None:
    assert not list(lines.freshness(seen, AT))
