"""Fixtures of the booted machine."""

from collections.abc import Iterator

import pytest

from tests.peers.process import PeerError
from tests.systemd.machine import UNBOOTED, Machine, why_not


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A Debian of this test file's own, booted and untouched. Skipped, and said so, where none can be booted; what goes
    wrong where it can is a failure."""
    if (reason := why_not()) is not None:
        pytest.skip(f"{UNBOOTED}: {reason}")
    folder = tmp_path_factory.mktemp("machine")
    try:
        made = Machine(folder)
    except PeerError as error:
        pytest.skip(f"{UNBOOTED}: {error}")
    with made:
        yield made
