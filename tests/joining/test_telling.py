"""`joining/telling.py`: what a node says of itself, once in a while."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ctibridge import __version__
from ctibridge.cluster.settings import RedisSettings
from ctibridge.cluster.view import Info
from ctibridge.joining import telling
from ctibridge.joining.telling import Telling
from tests.peers.process import until


async def test_the_others_hear_its_figures_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TELLS_EVERY", 0.01)
    told: list[Info] = []
    member = SimpleNamespace(
        alone=False,
        view=SimpleNamespace(nodes={"one": 1, "two": 2}),
        held={3: 1},
        tell=lambda info, _: told.append(info),
    )
    membership = SimpleNamespace(member=member, said=lambda: None)
    post = SimpleNamespace(traffic=SimpleNamespace(lag=0.5, behind=2.0, dropped=4, gaps=1))
    rooms = membership, post, SimpleNamespace(connections=(9, 8, 7)), ["a line", "another"], SimpleNamespace(edge=[1])
    settings = RedisSettings("redis://desks", weight=2.0, redundancy="both")
    one = Telling(settings, *cast("Any", (*rooms, lambda: True)))
    task = asyncio.create_task(one.run())
    await until(lambda: len(told) > 1, "told twice", 5)
    task.cancel()
    await asyncio.wait({task})
    figures = one.figures()
    assert (figures.nodes, figures.desks, figures.relayed, figures.dropped, figures.gaps) == (2, 7, 1, 4, 1)
    assert told[0] == Info(
        2.0,
        version=__version__,
        redundancy="both",
        figures={"lots": 1, "lines": 2, "desks": 7, "lag": 2.0, "lean": 1.0},
    )
    member.alone = True
    assert one.figures().nodes == 1
