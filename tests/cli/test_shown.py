import pytest

from ctibridge.cli.shown import shown


@pytest.mark.parametrize(
    ("text", "on_the_terminal"),
    [
        ("  Jürgen Weiß, 日本", "  Jürgen Weiß, 日本"),
        ("a\x1b[31mred\x07", "a[31mred"),
        ("\x9b2Jgone\x7f", "2Jgone"),
        ("one\r\ntwo\tthree\u2028four", "one two three four"),
        ("Anna\u202e7.1p\u2066", "Anna7.1p"),
        ("no \udcfftext", "no text"),
    ],
)
def test_shown(text: str, on_the_terminal: str) -> None:
    assert shown(text) == on_the_terminal
