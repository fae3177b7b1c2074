"""What is too old leaves the file's bytes, too, and nobody waits for it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.choices import Choice
from tests.lookup.adapters.directories import Small, fill
from tests.lookup.examples import ACME, AT, FLEURON, REGULA

NUMBER = "+4915207788990"
TRACE = number_key.pack(NUMBER).to_bytes(6, "big")


@pytest.fixture
async def learned(tmp_path: Path) -> AsyncIterator[Learned]:
    connection = await open_file(tmp_path / FILE)
    fill(tmp_path / FILE, Small((ACME, FLEURON), (REGULA,)))
    made = await Learned.open(tmp_path / FILE, 90, AT)
    await made.choose(Choice(NUMBER, "acme", REGULA.key.id, "ana", AT, "acme", "c1"))
    # As after a checkpoint that came by itself: it stands in the file, and its end will stand in the log.
    await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    await connection.close()
    yield made
    await made.close()


def is_there(folder: Path) -> bool:
    return any(TRACE in file.read_bytes() for file in folder.glob("ctibridge.db*"))


async def test_no_byte_stays(learned: Learned, tmp_path: Path) -> None:
    await learned.age(AT + timedelta(days=89))
    assert is_there(tmp_path)
    await learned.age(AT + timedelta(days=91))
    assert not is_there(tmp_path)


async def test_who_reads_meanwhile_is_not_waited_for_and_it_is_tried_again(learned: Learned, tmp_path: Path) -> None:
    reader = await open_file(tmp_path / FILE)
    try:
        await reader.execute("BEGIN")
        await reader.execute_fetchall("SELECT * FROM directory_choice")
        await learned.age(AT + timedelta(days=91))
        assert is_there(tmp_path)
        await reader.execute("COMMIT")
        await learned._empty_log()
        assert not is_there(tmp_path)
    finally:
        await reader.close()


async def test_what_is_too_old_when_somebody_chooses_leaves_the_log_with_the_next_batch(
    learned: Learned, tmp_path: Path
) -> None:
    await learned.choose(Choice("+4930999", "acme", REGULA.key.id, "ana", AT + timedelta(days=91), "acme", "c2"))
    await learned._empty_log()
    assert not is_there(tmp_path)
