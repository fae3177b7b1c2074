"""Few shards and few buckets: what is true of them is true of many."""

import pytest

from ctibridge.lookup.adapters.shared import layout as layouts


@pytest.fixture
def few_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "SHARDS", 4)
    monkeypatch.setattr(layouts, "FEWEST_BITS", 3)
