"""What happened at a line is known over short absences and restarts, and written rarely."""

from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.domain import line_evidence
from ctibridge.domain.line import LineState
from ctibridge.domain.line_evidence import LineEvidence
from ctibridge.flow.line_evidence import AWAY, KEEP_EVERY, MOST, RINGS_EVERY, Evidence
from ctibridge.sip.events import Hearing, Identity, LineChanged, RingStarted, View, Withheld

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LINES = [("pbx", "6001"), ("pbx", "6002")]


class World:
    """The evidence of one process after the other, with the store between them."""

    def __init__(self) -> None:
        self.at = AT
        self.kept: dict[tuple[str, str], bytes] = {}
        self.evidence = Evidence()
        self.evidence.configure(LINES, self.at)

    def restart(self, lines: list[tuple[str, str]] = LINES, *, after: timedelta = MINUTE) -> None:
        self.at += after
        self.evidence = Evidence()
        self.evidence.configure(lines, self.at)
        of_lines = {key: text for (kind, key), text in self.kept.items() if kind == line_evidence.KIND}
        self.evidence.restore(of_lines, self.kept.get((line_evidence.SEEN, "")))

    def becomes(self, hearing: Hearing, why: str = "", others: int | None = None, line: str = "6001") -> None:
        self.evidence.hear(LineChanged("pbx", line, hearing, why, others), self.at)

    def registers(self, others: int = 1) -> None:
        self.becomes(Hearing.REGISTERED, "registered", others)

    def rings(self, line: str = "6001", view: View = View.CONTACT) -> None:
        who = Identity("030111", "Ana", Withheld.NO, "From")
        self.evidence.hear(RingStarted("pbx", line, "leg", ("c", "t"), None, who, ("1",), view), self.at)

    def keep(self, *, everything: bool = False) -> list[str]:
        """The keys of what was written."""
        written = self.evidence.to_keep(self.at, everything=everything)
        for kind, key, text in written:
            if text is None:
                self.kept.pop((kind, key), None)
            else:
                self.kept[kind, key] = text
        return [key for kind, key, _ in written if kind == line_evidence.KIND]

    def of(self, line: str = "6001") -> LineEvidence:
        return next(one for one in self.evidence.all() if one.line == line)


@pytest.fixture
def world() -> World:
    return World()


def test_each_configured_line_is_known_from_the_start(world: World) -> None:
    assert [(one.trunk, one.line, one.state, one.since) for one in world.evidence.all()] == [
        ("pbx", "6001", LineState.REGISTERING, AT),
        ("pbx", "6002", LineState.REGISTERING, AT),
    ]


def test_what_the_registrar_said_of_a_line(world: World) -> None:
    world.becomes(Hearing.REGISTERING, "asks the registrar")
    world.at += MINUTE
    world.registers(others=2)
    assert world.of() == LineEvidence("pbx", "6001", LineState.REGISTERED, "registered", world.at, world.at, others=2)
    world.at += MINUTE
    world.becomes(Hearing.DEAF, "registrar does not answer")
    found = world.of()
    assert (found.state, found.since, found.away_since) == (LineState.DEAF, world.at, world.at)
    assert found.others == 2, "as it was listed last"
    world.becomes(Hearing.ALONE, "alone", others=0)
    assert world.of().others == 0


@pytest.mark.parametrize(("away", "anew"), [(AWAY, False), (AWAY + MINUTE, True)])
def test_a_short_absence_is_none(world: World, away: timedelta, anew: bool) -> None:
    world.registers()
    world.at += timedelta(days=2)
    world.becomes(Hearing.DEAF, "registrar does not answer")
    world.at += away / 2
    world.becomes(Hearing.DEAF, "registrar says 503")
    world.at += away / 2
    world.registers()
    assert world.of().registered_since == (world.at if anew else AT)
    assert world.of().away_since is None


def test_rings_by_either_view_and_at_no_line_of_ours(world: World) -> None:
    world.rings()
    world.at += MINUTE
    world.rings(view=View.DIALOG_INFO)
    world.rings(line="6009")
    assert (world.of().last_rang, world.of().phone_rang) == (AT, world.at)
    assert (world.of("6002").last_rang, world.of("6002").phone_rang) == (None, None)


def test_a_change_is_written_at_once_a_ring_once_a_minute_and_the_rest_twice_a_day(world: World) -> None:
    assert world.keep() == ["pbx/6001", "pbx/6002"]
    assert world.keep() == []
    world.rings()
    world.at += RINGS_EVERY / 2
    assert world.keep() == []
    world.becomes(Hearing.DEAF, "registrar says 403", line="6002")
    assert world.keep() == ["pbx/6002"]
    world.at += RINGS_EVERY / 2
    assert world.keep() == ["pbx/6001"]
    assert world.keep(everything=True) == ["pbx/6001", "pbx/6002"]


def test_what_was_kept_and_is_gone_is_kept_again(world: World) -> None:
    """Where desks.db was deleted, `check` knew nothing of lines for twelve hours."""
    world.registers()
    world.keep(everything=True)
    assert world.keep() == []
    world.evidence.lost()
    assert sorted(world.keep()) == ["pbx/6001", "pbx/6002"]
    assert world.keep() == []


def test_what_does_not_change_is_written_again_before_it_is_removed_as_old() -> None:
    many = [("pbx", str(number)) for number in range(150)]
    world = World()
    world.restart(many)
    written = dict.fromkeys(world.keep(), world.at)
    assert len(written) == len(many)
    ages: list[timedelta] = []
    for _ in range(26 * 60):
        world.at += MINUTE
        keys = world.keep()
        assert len(keys) <= 3, "never all at once"
        for key in keys:
            ages.append(world.at - written[key])
            written[key] = world.at
    assert len(ages) == 2 * len(many)
    assert KEEP_EVERY <= min(ages) <= max(ages) <= KEEP_EVERY + timedelta(hours=1)


def test_ten_thousand_lines_that_change_together_are_written_bit_by_bit(world: World) -> None:
    many = [("pbx", str(number)) for number in range(MOST * 2 + 1)]
    world.restart(many)
    assert [len(world.keep()) for _ in range(4)] == [MOST, MOST, 1, 0]


def test_when_it_looked_last_is_kept_each_minute_also_after_the_clock_went_back(world: World) -> None:
    def looked() -> datetime | None:
        world.keep()
        return line_evidence.read_moment(world.kept[line_evidence.SEEN, ""])

    assert looked() == AT
    world.at += RINGS_EVERY / 2
    assert looked() == AT
    world.at += RINGS_EVERY / 2
    assert looked() == world.at
    world.at -= timedelta(days=1)
    assert looked() == world.at


def test_a_restart_forgets_nothing(world: World) -> None:
    world.registers(others=2)
    world.rings()
    world.rings(view=View.DIALOG_INFO)
    world.at += timedelta(days=3)
    world.keep(everything=True)
    world.restart()
    found = world.of()
    assert (found.state, found.since) == (LineState.REGISTERING, world.at)
    assert (found.last_rang, found.phone_rang, found.others) == (AT, AT, 2)
    world.restart()
    world.keep(everything=True)
    world.registers(others=2)
    assert (world.of().registered_since, world.of().away_since) == (AT, None)


def test_a_daemon_that_was_stopped_for_long_has_not_heard_the_line(world: World) -> None:
    world.registers()
    world.at += timedelta(days=3)
    world.keep(everything=True)
    world.restart(after=AWAY + MINUTE)
    world.registers()
    assert world.of().registered_since == world.at


def test_a_process_that_was_killed_knows_within_a_minute_when_it_was_alive(world: World) -> None:
    world.registers()
    world.keep()
    world.at += timedelta(days=3)
    world.keep()
    world.restart(after=AWAY / 2)
    world.registers()
    assert world.of().registered_since == AT


def test_a_line_that_left_the_configuration_is_forgotten(world: World) -> None:
    world.registers()
    world.keep()
    world.restart([("pbx", "6001")])
    world.keep()
    assert sorted(key for _, key in world.kept) == ["", "pbx/6001"]
    world.evidence.configure([("pbx", "6003")], world.at)
    world.keep()
    assert [one.line for one in world.evidence.all()] == ["6003"]
    assert [trunk_and_state[:2] for trunk_and_state in world.evidence.heard()] == [("pbx", "registering")]
    assert sorted(key for _, key in world.kept) == ["", "pbx/6003"]
    world.becomes(Hearing.REGISTERED)
    world.rings()
    assert world.keep() == [], "what is still said of it is of nobody"


def test_a_line_that_stays_keeps_what_is_known_of_it(world: World) -> None:
    world.registers()
    world.evidence.configure([*LINES, ("pbx", "6003")], world.at + MINUTE)
    assert world.of().registered_since == AT
    assert world.of("6003").since == AT + MINUTE


def test_what_cannot_be_read_is_begun_anew(world: World) -> None:
    world.kept = {(line_evidence.KIND, "pbx/6001"): b"{", (line_evidence.SEEN, ""): b"yesterday"}
    world.restart()
    assert world.of().registered_since is None
    assert "pbx/6001" in world.keep()


def test_nothing_of_a_caller_is_kept(world: World) -> None:
    world.rings()
    world.keep(everything=True)
    assert not any(b"030111" in text or b"Ana" in text for text in world.kept.values())
