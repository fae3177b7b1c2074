"""Room that is kept for a start on a full disk, and descriptors before they are used up."""

import asyncio
import os
import resource
from pathlib import Path

import pytest

from ctibridge import resources
from ctibridge.health import Health
from ctibridge.resources import RESERVE, RESERVED, descriptors, give_back, reserve
from tests.peers.process import until


def test_the_reserve_is_real_room_for_the_service_alone_and_given_back_once(tmp_path: Path) -> None:
    reserve(tmp_path)
    found = (tmp_path / RESERVE).stat()
    assert (found.st_size, found.st_mode & 0o777) == (RESERVED, 0o600)
    assert found.st_blocks * 512 >= RESERVED
    assert give_back(tmp_path)
    assert not give_back(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_is_taken_once_and_not_at_all_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", full)
        reserve(tmp_path)
        assert list(tmp_path.iterdir()) == [], "an empty one would be taken for room"
    reserve(tmp_path)
    monkeypatch.setattr(os, "posix_fallocate", full)
    reserve(tmp_path)
    assert (tmp_path / RESERVE).stat().st_size == RESERVED
    reserve(tmp_path / "no folder")


@pytest.mark.parametrize(("open_now", "most", "is_said"), [(44, 1024, False), (972, 1024, False), (973, 1024, True)])
def test_descriptors_are_said_before_the_last_one_is_used(open_now: int, most: int, *, is_said: bool) -> None:
    said = descriptors(open_now, most)
    assert (said is not None) == is_said
    assert said is None or (f"{open_now} of {most} " in said and "LimitNOFILE=" in said)


async def test_what_is_used_up_is_said_until_it_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "LOOK_EVERY", 0.001)
    health = Health()
    health.started()
    looking = asyncio.create_task(resources.keep_looking(tmp_path, health))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        # Below what is open already: whoever looks gets no descriptor for it.
        resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
        await until(lambda: bool(health.reasons()), "it is said", poll=0.001)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    await until(lambda: not health.reasons(), "it is taken back", poll=0.001)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert (tmp_path / RESERVE).exists()
