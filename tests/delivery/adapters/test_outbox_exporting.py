"""What `desks.db` has of one person, for herself: all of hers, and nobody else's."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import outbox_exporting
from ctibridge.delivery.adapters.outbox_tables import FILE, TooNew
from tests.delivery.adapters.outboxes import opened
from tests.delivery.adapters.test_outbox_erasing import speak
from tests.delivery.test_erased import TRACES


async def test_hers_from_each_desk(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    speak(outbox)
    speak(outbox, "ben")
    assert await outbox.flush()
    told = outbox_exporting.told_of(tmp_path / FILE, TRACES, "acme", "p17")
    await outbox.close()
    assert [(one["desk"], one["type"], one["call"]) for one in told["events"] if one["desk"] == "ben"] == [
        ("ben", "call.ringing", "01JDX001"),
        ("ben", "call.worked", "01JDX001"),
        ("ben", "notice", None),
        ("ben", "call.ringing", "01JDX003"),
    ]
    assert [(one["desk"], one["notes"][0]["text"]) for one in told["calls"]] == [
        ("ana", "Regula Frei"),
        ("ben", "Regula Frei"),
    ]
    assert [one["data"]["signalled"]["raw"] for one in told["facts"]] == ["0151 12345678"]
    assert [(one["agent"], one["how"]) for one in told["seen_by"]] == [("ana", "pop"), ("ben", "pop")]
    assert "p18" not in json.dumps(told)
    assert "stays" not in json.dumps(told)


def test_where_no_daemon_has_run_there_is_nothing(tmp_path: Path) -> None:
    told = outbox_exporting.told_of(tmp_path / FILE, TRACES, "acme", "p17")
    assert not any(told.values())
    assert not (tmp_path / FILE).exists()


async def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as db, db:
        db.execute("UPDATE schema_version SET version = 99 WHERE room = 'desks'")
    with pytest.raises(TooNew, match="99"):
        outbox_exporting.told_of(tmp_path / FILE, TRACES, "acme", "p17")
