"""`cluster/registry.py`: the cases that the script in Redis is held to as well."""

import pytest

from ctibridge.cluster.beat import Beat, Change, Refused
from ctibridge.cluster.registry import Registry
from ctibridge.cluster.view import Info, View
from tests.cluster.registry_cases import RegistryCases


class Pure:
    """On virtual time."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.now = 100.0

    async def ask(self, beat: Beat) -> View | Refused:
        return self.registry.ask(beat, self.now)

    async def wait(self, seconds: float) -> None:
        self.now += seconds


class TestRegistry(RegistryCases):
    @pytest.fixture
    def table(self) -> Pure:
        return Pure()


def test_a_replica_stays_as_it_was() -> None:
    registry = Registry()
    behind = registry.copy()
    registry.ask(Beat("a", "a1", "", 1, 5.0, Info(), (Change("reclaim", 3, 2),)), 0.0)
    assert registry.record(3).node == "a"
    assert behind == Registry()
