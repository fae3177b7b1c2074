import pytest

from ctibridge.delivery import frames


@pytest.mark.parametrize("frame", [frames.Auth("ctb_secret"), frames.NoteFrame("c1", "ctb_secret")])
def test_a_token_and_what_an_agent_writes_do_not_print(frame: frames.ClientFrame) -> None:
    assert "ctb_secret" not in repr(frame)
