"""A daemon is scraped after real calls: what is said is the catalogue, right, and about nobody."""

import asyncio
import re
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest
from prometheus_client import parser as plain
from prometheus_client.openmetrics import parser as open_metrics

from ctibridge.metrics import catalogue
from tests import leaks
from tests.e2e.daemon import Daemon
from tests.e2e.house import ACME, FLEURON, REGULA, MakeHouse
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def scraped(daemon: Daemon, accept: str = "") -> str:
    with closing(HTTPConnection(daemon.host, daemon.port, timeout=10)) as connection:
        connection.request("GET", "/metrics", headers={"accept": accept})
        return connection.getresponse().read().decode()


def values(text: str, parser: Any = plain) -> dict[str, float]:
    """By name and labels: `calls_total{account="acme",outcome="abandoned"}`."""
    found = {}
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = float(sample.value)
    return found


async def told(daemon: Daemon, **wanted: float) -> dict[str, float]:
    """The scrape once it says that, of a loop that was measured.

    A call is counted when its desk has been told, and a scrape holds for a second. The loop is looked at five times
    a second: two quick calls are over before it first was.
    """
    async with asyncio.timeout(15):
        while True:
            found = values(await asyncio.to_thread(scraped, daemon))
            said = all(found.get(name) == value for name, value in wanted.items())
            if said and found["ctibridge_loop_lag_seconds_count"] > 0:
                return found
            await asyncio.sleep(0.2)


async def test_what_a_daemon_says_after_real_calls(house: MakeHouse) -> None:
    desk_service = await house("6001", "6003")
    for called, number in ((ACME, REGULA), (FLEURON, "+33199009999")):
        calls = desk_service.sipp.start(Invite(called, number=number))
        await desk_service.ana.ringing(called__number=called)
        await desk_service.phones["6001"].answer()
        await desk_service.ana.ended()
        calls.end()
        await calls.done()
    found = await told(desk_service.daemon, ctibridge_open_calls=0, ctibridge_invite_to_frame_seconds_count=4)
    assert {name: value for name, value in found.items() if name.startswith("ctibridge_calls_total")} == {
        'ctibridge_calls_total{account="acme",outcome="answered_elsewhere"}': 1,
        'ctibridge_calls_total{account="fleuron",outcome="answered_elsewhere"}': 1,
    }
    assert found['ctibridge_resolutions_total{status="identified"}'] == 1
    assert found['ctibridge_resolutions_total{status="unknown"}'] == 1
    assert 0 < found["ctibridge_invite_to_frame_seconds_sum"] < 4
    assert found['ctibridge_lines{state="registered",trunk="pbx"}'] == 2
    assert found["ctibridge_agents_connected"] == found['ctibridge_desk_connections{state="signed_in"}'] == 2
    assert found["ctibridge_ready"] == found["ctibridge_index_ready"] == 1
    assert found["ctibridge_live_only"] == 0
    assert found["ctibridge_directory_accounts"] == 3
    assert found["ctibridge_directory_people"] > 30
    assert (
        found["ctibridge_newest_import_timestamp_seconds"] >= found["ctibridge_oldest_import_timestamp_seconds"] > 1e9
    )

    text, other = (scraped(desk_service.daemon, accept) for accept in ("", OPENMETRICS))
    # Behind a decimal point stands chance, which has 00000001 in it every now and then; numbers in full stay.
    leaks.scan(re.sub(r"(?m)\.\d+$", "", text + other), "the scrape")
    for personal in (REGULA, "33199009999", "6001", "6003", "ana", "chloe"):
        assert f'"{personal}"' not in text + other
    types = dict(line.split()[2:] for line in text.splitlines() if line.startswith("# TYPE"))
    alone = [one for one in catalogue.ALL if not one.name.startswith("ctibridge_cluster_")]
    assert types == {one.name: "gauge" if one.kind == "info" else one.kind for one in alone}
    assert values(other, open_metrics).keys() == values(text).keys(), "both texts say the same"
