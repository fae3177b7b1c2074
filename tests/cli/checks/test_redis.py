"""How the Redis of several nodes stands, in the words of `check`."""

import pytest

from ctibridge.cli.checks import redis
from ctibridge.cli.checks.redis_probe import People, Seen
from ctibridge.cluster.server import Server
from ctibridge.domain.finding import Finding, Kind

GOOD = Server("7.0.15", "standalone", "noeviction", 2048, 0, keeps=True)


def of(server: Server, round_trip: float = 0.0003) -> dict[str, Finding]:
    return {one.what: one for one in redis.findings(Seen("r:1", server=server, round_trip=round_trip))}


def test_all_is_good() -> None:
    rows = of(GOOD)
    assert [(row.kind, row.text) for row in rows.values()] == [
        (Kind.GOOD, "r:1 answers after 0.3 ms, standalone"),
        (Kind.GOOD, "7.0.15"),
        (Kind.GOOD, "noeviction; 2 KiB in use, no limit"),
        (Kind.GOOD, "it keeps an append-only file; nothing that was acknowledged lies there alone"),
        (Kind.GOOD, "this machine's and Redis's agree"),
    ]


def test_not_reached() -> None:
    (row,) = redis.findings(Seen("r:1", fault="r:1: nobody listens there; see that Redis runs"))
    assert (row.kind, row.text, row.mend) == (Kind.MEND, "r:1: nobody listens there", "see that Redis runs")


@pytest.mark.parametrize(
    ("server", "what", "kind"),
    [
        (Server("6.2.14", "standalone", "noeviction", 1, 0, keeps=True), "redis version", Kind.MEND),
        (Server("7.2", "cluster", "allkeys-lru", 1, 0, keeps=True), "eviction", Kind.MEND),
        (Server("7.2", "cluster", "noeviction", 1, 1 << 30, keeps=False), "redis disk", Kind.GOOD),
    ],
)
def test_what_is_to_be_mended(server: Server, what: str, kind: Kind) -> None:
    assert of(server)[what].kind is kind
    assert sum(row.kind is Kind.MEND for row in of(server).values()) == (kind is Kind.MEND)


def test_far_away_is_a_note() -> None:
    assert of(GOOD, 0.08)["redis"].kind is Kind.NOTE


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (3 * 3600, "this machine's is 180 minutes ahead of Redis's; tokens, grants and lists go by each node's own"),
        (-90_000, "this machine's is 1 day behind Redis's; tokens, grants and lists go by each node's own"),
    ],
)
def test_calendars_apart_are_a_note(ahead: float, text: str) -> None:
    (row,) = [one for one in redis.findings(Seen("r:1", server=GOOD, ahead=ahead)) if one.what == "clocks"]
    assert (row.kind, row.text, row.mend) == (Kind.NOTE, text, "set the one that is wrong")


@pytest.mark.parametrize(
    ("people", "kind", "text"),
    [
        (People(None, 0), Kind.NOTE, "there is no directory yet"),
        (People(None, 7), Kind.MEND, "Redis has none: who calls is named by the nodes alone that keep people on their"),
        (People(6, 7), Kind.NOTE, "in Redis as of version 6, and the directory is at 7"),
        (People(7, 7), Kind.GOOD, "in Redis, as the directory has them"),
    ],
)
def test_people_that_all_nodes_share(people: People, kind: Kind, text: str) -> None:
    (row,) = [one for one in redis.findings(Seen("r:1", server=GOOD, people=people)) if one.what == "people"]
    assert (row.kind, row.text.startswith(text)) == (kind, True)


def test_one_node() -> None:
    assert redis.NOT_IN_USE.good
