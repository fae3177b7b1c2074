"""`unshare … python -m tests.docs.inside FOLDER PAGE…`: the commands of these pages, run in the house.

Says on its last line, as JSON, of each page what was wrong: one text for each command.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.docs import house
from tests.docs.fences import Command, differs
from tests.docs.kinds import ends, place
from tests.docs.pages import shown
from tests.docs.preparing import prepared
from tests.docs.session import Session


async def wrong_in(page: Path, kept: Path) -> list[str]:
    """What of it is not as the page says; each with its line."""
    said = kept / "said" / str(page.relative_to(house.ROOT)).replace("/", "-")
    said.mkdir()
    complaints: list[str] = []
    with prepared(page, said) as there:
        async with Session(there, said, kept / "pasted") as session:
            for command in shown(page):
                if place(command.text) == "here":
                    complaints += await complaint(session, command)
    return [f"{page.name}:{text}" for text in complaints]


async def complaint(session: Session, command: Command) -> list[str]:
    """One or none."""
    try:
        code, said = await (session.run if ends(command.text) else session.begin)(command.text)
    except TimeoutError:
        return [f"{command.line}: does not end: {command.text}"]
    if code not in (command.code, None):
        return [f"{command.line}: ended with {code}, not {command.code}: {command.text}\n{said}"]
    other = differs(said, command.shown) if command.shown else None
    return [f"{command.line}: {command.text}\n{other}"] if other else []


async def main(kept: Path, pages: list[Path]) -> None:
    house.apart(kept)
    os.environ["HOME"] = str(kept / "home")
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    async with house.opened(kept):
        print(json.dumps({str(page): await wrong_in(page, kept) for page in pages}))  # noqa: T201 - to the test


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), [Path(page) for page in sys.argv[2:]]))
