"""Every metric of the catalogue, read from real rooms, and no other."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client.metrics_core import Metric as Family

from ctibridge.cluster.figures import Figures
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.call import Outcome
from ctibridge.domain.last_call import LastCall
from ctibridge.domain.line import Line, LineState
from ctibridge.domain.moment import Moment
from ctibridge.metrics import catalogue
from ctibridge.metrics.collector import family
from ctibridge.metrics.disk import OnDisk
from tests.metrics.rooms import Measured, connection, measured, with_webhook

CLUSTER = Figures(True, 2, 128, 40, 9, 5, 0.25, 7, 3)
NOW = Moment(datetime(2026, 11, 21, 18, tzinfo=UTC), 100.0)


def read(of: Measured) -> dict[str, float]:
    """As `name{label="value"}`."""
    found = {}
    for one in of.collector.collect():
        for sample in one.samples:
            labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def test_what_is_read_is_the_catalogue(tmp_path: Path) -> None:
    async with measured(tmp_path) as of:
        of.rooms = replace(of.rooms, cluster=lambda: CLUSTER)
        families = {one.name: one for one in of.collector.collect()}
    for one in catalogue.OURS:
        kept = families.pop(one.name.removesuffix("_total").removesuffix("_info"))
        assert (kept.type, kept.documentation) == (one.kind, one.meaning)
        assert all(set(one.labels) == sample.labels.keys() - {"le"} for sample in kept.samples), one.name
    assert families == {}


async def test_of_several_nodes(tmp_path: Path) -> None:
    async with measured(tmp_path) as of:
        assert [name for name in read(of) if name.startswith("ctibridge_cluster")] == []
        of.rooms = replace(of.rooms, cluster=lambda: CLUSTER)
        found = {name: value for name, value in read(of).items() if name.startswith("ctibridge_cluster_")}
    assert found == {
        "ctibridge_cluster_alone": 1,
        "ctibridge_cluster_nodes": 2,
        "ctibridge_cluster_lots_held": 128,
        "ctibridge_cluster_relayed_desks": 5,
        "ctibridge_cluster_post_lag_seconds": 0.25,
        "ctibridge_cluster_post_dropped_total": 7,
        "ctibridge_cluster_post_gaps_total": 3,
    }


async def test_lines_count_by_trunk_and_state_also_those_that_nobody_told_of(tmp_path: Path) -> None:
    async with measured(tmp_path, lines=3) as of:
        assert read(of)['ctibridge_lines{state="registering",trunk="pbx"}'] == 3
        for state in (LineState.REGISTERED, LineState.DEAF, LineState.REGISTERED):
            of.rooms.desks.line_state("pbx", "0", state, NOW.at)
        of.rooms.desks.line_state("pbx", "1", LineState.DEAF, NOW.at)
        of.rooms.desks.line_state("pbx", "no line of ours", LineState.DEAF, NOW.at)
        found = read(of)
        states = {state: found[f'ctibridge_lines{{state="{state}",trunk="pbx"}}'] for state in LineState}
    assert states == {"registering": 1, "registered": 1, "alone": 0, "deaf": 1}


async def test_desks_and_what_they_have_not_taken(tmp_path: Path) -> None:
    async with measured(tmp_path) as of:
        desks, web = of.rooms.desks, of.rooms.web
        for number in range(3):
            desks.connected(number, NOW)
        desks.receive(1, '{"type": "auth", "token": "t"}', NOW)
        desks.admit(1, Token("id", Kind.DESK, "agent1", NOW.at, None, None), "agent1", NOW)
        for number, frames in ((1, 5), (2, 2)):
            slow = connection(number, frames)
            slow._blocked()
            web._waiting.note(slow)
        web.closed[CloseCode.TOKEN_REFUSED] += 4
        found = read(of)
    assert found['ctibridge_desk_connections{state="signed_in"}'] == 1
    assert found['ctibridge_desk_connections{state="signing_in"}'] == 2
    assert found["ctibridge_agents_connected"] == 1
    assert found["ctibridge_desk_backlog_frames"] == 7
    assert found["ctibridge_desk_backlog_worst_frames"] == 5
    assert found['ctibridge_desk_closes_total{code="4401"}'] == 4


async def test_a_receiver_of_webhooks_and_how_it_stands(tmp_path: Path) -> None:
    async with measured(tmp_path) as of:
        with with_webhook(of.rooms, "tool") as webhook:
            before = read(of)
            webhook.saying.outcomes["taken"] += 3
            webhook.saying.lost["dropped"] += 5
            webhook.pace.failed(0.0, 1.0, 0.5)
            during = read(of)
            webhook.pace.stopped = True
            after = read(of)
    for outcome in ("taken", "refused", "failed", "gone"):
        assert before[f'ctibridge_webhook_requests_total{{outcome="{outcome}",webhook="tool"}}'] == 0
    assert during['ctibridge_webhook_requests_total{outcome="taken",webhook="tool"}'] == 3
    assert during['ctibridge_webhook_lost_events_total{webhook="tool",why="dropped"}'] == 5
    assert during['ctibridge_webhook_behind_events{webhook="tool"}'] == 0
    stood = [
        {state for state in ("well", "waits", "stopped")
         if found[f'ctibridge_webhook_state{{state="{state}",webhook="tool"}}']}
        for found in (before, during, after)
    ]  # fmt: skip
    assert stood == [{"well"}, {"waits"}, {"stopped"}]


async def test_states_of_the_store(tmp_path: Path) -> None:
    async with measured(tmp_path) as of:
        assert read(of)["ctibridge_ready"] == 0, "it is starting"
        assert "ctibridge_directory_people" not in read(of), "nobody has counted them yet"
        of.rooms.health.started()
        of.rooms.desks.live_only = True
        of.disk.found = OnDisk(5, {"desks.db": 3}, 2, (9, 8))
        found = read(of)
    assert found["ctibridge_ready"] == found["ctibridge_live_only"] == 1
    assert found["ctibridge_state_free_bytes"] == 5
    assert found['ctibridge_store_bytes{file="desks.db"}'] == 3
    assert found["ctibridge_directory_people"] == 2
    assert found["ctibridge_newest_import_timestamp_seconds"] == 9
    assert found["ctibridge_oldest_import_timestamp_seconds"] == 8


async def test_the_last_test_call_of_each_trunk_that_has_a_selftest(tmp_path: Path) -> None:
    before, at = NOW.at - timedelta(days=1), NOW.at
    calls = (
        LastCall("pbx", None, before, None, 9),
        LastCall("pbx", "acme", at, "end", 12),
        LastCall("gone", None, at, None, 1),
    )
    async with measured(tmp_path) as of:
        assert not any(key.startswith("ctibridge_selftest") for key in read(of)), "none was made yet"
        of.disk.found = OnDisk(last_calls=calls)
        found = {key: value for key, value in read(of).items() if key.startswith("ctibridge_selftest")}
        assert found == {
            'ctibridge_selftest_success{trunk="pbx"}': 0,
            'ctibridge_selftest_pop_seconds{trunk="pbx"}': 0.012,
            'ctibridge_selftest_timestamp_seconds{trunk="pbx"}': at.timestamp(),
        }
        of.disk.found = OnDisk(last_calls=(LastCall("pbx", "acme", at, None, None),))
        assert read(of)['ctibridge_selftest_success{trunk="pbx"}'] == 1
        assert 'ctibridge_selftest_pop_seconds{trunk="pbx"}' not in read(of)


async def test_a_reload_that_takes_a_line_away_takes_it_from_the_count(tmp_path: Path) -> None:
    async with measured(tmp_path, lines=3) as of:
        of.rooms.desks.line_state("pbx", "2", LineState.DEAF, NOW.at)
        of.rooms.desks.set_lines([])
        assert {key: value for key, value in read(of).items() if key.startswith("ctibridge_lines{") and value} == {}


async def test_ten_thousand_lines_and_desks_and_five_thousand_companies_hold_the_loop_up_for_a_moment(
    tmp_path: Path,
) -> None:
    async with measured(tmp_path) as of:
        of.rooms.desks.set_lines(Line("pbx", str(number), (f"agent{number}",)) for number in range(10_000))
        for number in range(10_000):
            of.rooms.desks.connected(number, NOW)
        figures = of.rooms.flow.figures
        for account in range(5_000):
            for outcome in Outcome:
                figures.calls[figures._named(f"account{account}"), outcome] += 1
        took: list[float] = []
        found: dict[str, float] = {}
        for _ in range(5):
            began = time.perf_counter()
            found = {str(sample): sample.value for one in of.collector.collect() for sample in one.samples}
            took.append(time.perf_counter() - began)
    assert len(found) < 1_600, "bounded, however many companies"
    assert sum(found.values()) > 35_000, "and nothing of it is lost"
    assert min(took) < 0.05, "alone it takes 2 ms; docs/metrics.md"


def test_info_and_counters_have_their_family_name() -> None:
    made: Family = family(catalogue.BUILD, {("1", "3"): 1})
    assert (made.name, made.samples[0].name) == ("ctibridge_build", "ctibridge_build_info")
