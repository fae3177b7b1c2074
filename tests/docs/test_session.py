from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.docs.session import Session, lives
from tests.peers.process import until


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    (tmp_path / "pasted").write_text("a token\n", encoding="utf-8")
    async with Session(tmp_path, tmp_path, tmp_path / "pasted") as shell:
        yield shell


async def test_folder_and_variables_stay_and_each_command_has_its_code_and_words(session: Session) -> None:
    assert await session.run("mkdir inner && cd inner && NAME=value") == (0, "")
    assert await session.run('basename "$PWD"; echo $NAME; cat; echo wrong >&2; (exit 3)') == (
        3,
        "inner\nvalue\na token\nwrong\n",
    )


async def test_what_goes_on_is_ended_with_all_that_it_started(session: Session, tmp_path: Path) -> None:
    assert await session.begin(f"sleep 600 & echo $! > {tmp_path}/child; echo up; wait") == (None, "up\n")
    child = (tmp_path / "child").read_text(encoding="utf-8").strip()
    # Whose child it is now reaps it when it likes.
    await until(lambda: not lives(int(child)), "it has ended")


async def test_what_ends_although_it_should_go_on_is_told(session: Session) -> None:
    assert await session.begin("echo no; (exit 4)") == (4, "no\n")
    assert await session.begin("(exit 5)") == (5, "")
