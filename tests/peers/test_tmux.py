import pytest

from tests.peers.plugin import MakeTmux

pytestmark = pytest.mark.peer("tmux")


async def test_a_terminal_shows_text_and_says_what_was_made_of_it(tmux: MakeTmux) -> None:
    script = "printf '\\033]2;a title\\007\\033[31mred\\033[0m plain %s\\n' $NAME; read line; echo got $line; exit 3"
    terminal = await tmux(["sh", "-c", script], {"NAME": "Ana"})
    await terminal.shows("red plain Ana")
    assert "\x1b[31mred" in terminal.coloured
    assert terminal.says("pane_title") == "a title"
    terminal.press("hello", "Enter")
    await terminal.shows("got hello")
    assert await terminal.ended() == 3
