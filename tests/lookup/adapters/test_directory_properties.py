"""Random small directories and questions: every store answers as the naive one does."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctibridge.domain.person import Person
from tests.lookup.adapters.asking_all import answers, asked, random_held, random_people
from tests.lookup.adapters.directories import STORES, Held, Small
from tests.lookup.examples import ACME, FLEURON, KHALIJ


@pytest.mark.peer("redis-server")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(random_people, max_size=12, unique_by=lambda one: one.key),
    st.lists(random_held, max_size=16, unique_by=lambda one: (one.person, one.number, one.label)),
    st.lists(asked, min_size=1, max_size=4),
)
async def test_whatever_is_in_it_every_directory_answers_as_the_naive_one(
    tmp_path: Path, people: list[Person], held: list[Held], all_asked: list[dict[str, Any]]
) -> None:
    there = {one.key for one in people}
    small = Small((ACME, FLEURON, KHALIJ), tuple(people), tuple(one for one in held if one.person in there))
    naive, *others = [await make(small, tmp_path) for make in STORES]
    for one in all_asked:
        expected = await answers(naive, **one)
        for other in others:
            assert await answers(other, **one) == expected
    for other in others:
        await other.close()
