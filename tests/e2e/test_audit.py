"""Who saw whom, as a daemon keeps it and a customer's own days take it away: by real calls, in real files."""

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.daemon import Daemon
from tests.e2e.house import ACME, REGULA, MakeHouse, trunk_of
from tests.peers.process import until
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]

THREE_DAYS = 3 * 86_400
AGED = """
UPDATE desk_event SET at = at - :s; UPDATE desk_fact SET at = at - :s; UPDATE desk_sight SET at = at - :s;
UPDATE desk_call SET rang_at = rang_at - :s, ended_at = ended_at - :s
"""
DAYS = '\n[[privacy.account]]\nid = "acme"\ncall_log_days = 1\n'


def sights(daemon: Daemon, *options: str) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(daemon.command("audit", "--account", "acme", *options)))
    return [row for row in rows if row["kind"] == "sight"]


def kept(state: Path) -> bytes:
    return b"".join(path.read_bytes() for path in state.glob("desks.db*"))


async def test_who_was_seen_is_in_the_audit_until_his_customers_days_are_over(house: MakeHouse) -> None:
    here = await house("6001")
    state = here.daemon.folder / "state"
    here.sipp.start(Invite(ACME, number=REGULA), patience=1.0)
    pop = await here.ana.ringing()
    (candidate,) = pop["resolution"]["candidates"]
    call, person = pop["call"]["id"], candidate["person"]["id"]
    await here.ana.send(type="search", call=call, text="Frei")
    await here.ana.send(type="note", call=call, text="Regula calls again at five")
    await here.ana.ended()
    await until(lambda: {"pop", "search"} <= {row["how"] for row in sights(here.daemon)}, "both were written", 20)
    rows = sights(here.daemon, "--person", person)
    assert {(row["agent"], row["person"], row["call"]) for row in rows} == {("ana", person, call)}
    assert sorted(row["how"] for row in rows) == ["pop", "search"]
    assert sights(here.daemon, "--person", person, "--agent", "ben") == []
    assert REGULA[1:].encode() in kept(state)

    with closing(sqlite3.connect(state / "desks.db", isolation_level=None)) as db:
        for statement in AGED.split(";"):
            db.execute(statement, {"s": THREE_DAYS})
    assert len(sights(here.daemon)) >= 2, "the provider's 90 days are not over"
    here.daemon.configure(trunk_of(here.pbx, ("6001",)), more=DAYS)
    await here.daemon.reload()
    await until(lambda: sights(here.daemon) == [], "they left", 20)
    gone = (REGULA[1:].encode(), b"Regula", b"at five", person.encode())
    await until(lambda: [one for one in gone if one in kept(state)] == [], "nothing of them is in the file", 10)
