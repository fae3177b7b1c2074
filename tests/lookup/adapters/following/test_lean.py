"""Whether a store goes without people."""

from pathlib import Path

import pytest

from ctibridge.lookup.adapters.following.lean import is_lean
from ctibridge.lookup.adapters.schema import FILE, open_file
from tests.lookup.adapters.following.copies import copy_in


@pytest.mark.parametrize("lean", [True, False])
async def test_a_nodes_store_says_it_of_itself(tmp_path: Path, lean: bool) -> None:
    (await copy_in(tmp_path, lean=lean)).close()
    assert is_lean(tmp_path / FILE) == lean


async def test_a_store_that_is_no_nodes_has_people(tmp_path: Path) -> None:
    await (await open_file(tmp_path / FILE)).close()
    assert not is_lean(tmp_path / FILE)
