"""A desks' file that comes out of a backup: no desk goes on with the numbers that it has."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.delivery.adapters import outbox_restored, outbox_start, outbox_tables
from ctibridge.delivery.adapters.outbox_start import Started

AT = datetime(2026, 11, 23, tzinfo=UTC)


def start(folder: Path, *epochs: str) -> Started:
    """A run that begins, with these fresh words, and ends clean."""
    words = iter(("run", *epochs))
    started = outbox_start.start(folder, lambda: next(words), AT, "boot", 8)
    started.file.end()
    started.file.close()
    if started.marks is not None:
        started.marks.close()
    return started


def test_each_desk_gets_a_new_epoch_also_after_a_clean_stop_and_with_the_marks_of_that_run(tmp_path: Path) -> None:
    start(tmp_path)
    with closing(outbox_tables.connect(tmp_path / outbox_tables.FILE)[0]) as db:
        db.execute("INSERT INTO desk VALUES (0, 'ana', 'before', 41, 1, 40)")
    (desk,) = start(tmp_path).desks
    assert (desk.epoch, desk.sequence) == ("before", 41), "as it goes on without a restore"
    with closing(outbox_tables.connect(tmp_path / outbox_tables.FILE)[0]) as db:
        outbox_restored.begin_anew(db)
    (desk,) = start(tmp_path, "fresh").desks
    assert (desk.agent, desk.epoch, desk.sequence, desk.acked) == ("ana", "fresh", 0, 0)
