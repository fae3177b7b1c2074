"""Whoever asks gets answers of a whole directory, or none."""

from typing import Any

import pytest

from ctibridge.lookup.adapters.shared.asking import Command, PeopleMissing
from ctibridge.lookup.adapters.shared.layout import Layout
from ctibridge.lookup.adapters.shared.looking import TRIES, Looking
from tests.lookup.adapters.shared.asked import Told


class Generations:
    """The ones that count, one after the other, each as often as it is asked for; of which only some are whole."""

    def __init__(self, counting: list[str | None], whole: set[str]) -> None:
        self._counting, self._whole = counting, whole

    def answer(self, command: Command) -> Any:
        if command[0] == "HMGET":
            counts = self._counting.pop(0) if len(self._counting) > 1 else self._counting[0]
            return [None, None] if counts is None else [counts.encode(), b"6"]
        if command[0] == "EXISTS":
            return int(any(f":{one}:here" in str(command[1]) for one in self._whole))
        return str(command[1]).encode()


def question(layout: Layout) -> list[Command]:
    return [("GET", f"{{cti:d01}}:{layout.generation}:x"), ("GET", f"{{cti:d02}}:{layout.generation}:y")]


async def test_what_is_whole_is_answered_and_looked_for_once() -> None:
    redis = Told(Generations(["a"], {"a"}).answer)
    looking = Looking(redis, "cti")
    for _ in range(2):
        assert await looking.ask(question) == [b"{cti:d01}:a:x", b"{cti:d02}:a:y"]
    assert [len(row) for row in redis.rows] == [1, 4, 4]
    assert redis.rows[1][2:] == [("EXISTS", "{cti:d01}:a:here"), ("EXISTS", "{cti:d02}:a:here")]


async def test_a_generation_that_went_meanwhile_is_not_believed() -> None:
    redis = Told(Generations(["a", "b"], {"b"}).answer)
    assert await Looking(redis, "cti").ask(question) == [b"{cti:d01}:b:x", b"{cti:d02}:b:y"]


@pytest.mark.parametrize("counting", [[None], ["a"]])
async def test_where_there_is_no_whole_one_nobody_is_said_to_be_nobody(counting: list[str | None]) -> None:
    redis = Told(Generations(counting, set()).answer)
    with pytest.raises(PeopleMissing):
        await Looking(redis, "cti").ask(question)
    assert len(redis.rows) <= 2 * TRIES
