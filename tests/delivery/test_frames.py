import json
import typing
from pathlib import Path

import msgspec
import pytest

from ctibridge.delivery import decode, frames
from tests.delivery.golden_files import GOLDEN


@pytest.mark.parametrize("frame", [frames.Auth("ctb_secret"), frames.NoteFrame("c1", "ctb_secret")])
def test_a_token_and_what_an_agent_writes_do_not_print(frame: frames.ClientFrame) -> None:
    assert "ctb_secret" not in repr(frame)


def test_every_frame_has_a_word_of_its_own() -> None:
    kinds = typing.get_args(frames.ClientFrame)
    assert {kind.__struct_config__.tag for kind in kinds} == {
        "auth", "shown", "ack", "ping", "sit", "note", "choose", "select", "search", "take", "done", "today",
        "colleagues",
    }  # fmt: skip
    assert all(issubclass(kind, msgspec.Struct) for kind in kinds)


def test_who_does_not_say_that_he_can_ring_does_not() -> None:
    assert not frames.Auth("t").rings


@pytest.mark.parametrize("path", sorted((GOLDEN / "desk").glob("*.json")), ids=lambda path: path.stem)
def test_what_is_written_down_of_a_desk_is_read(path: Path) -> None:
    read = decode.client_frame(path.read_bytes())
    assert isinstance(read, typing.get_args(frames.ClientFrame))
    assert read.__struct_config__.tag == path.stem.split(".")[0]
    assert msgspec.to_builtins(read).items() >= json.loads(path.read_text()).items()
