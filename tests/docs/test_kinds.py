import pytest

from tests.docs.kinds import ends, place


@pytest.mark.parametrize(
    ("command", "where"),
    [
        ("ctibridge check", "here"),
        ("systemctl reload ctibridge", "machine"),
        ("apt install ./dist/ctibridge_1_amd64.deb", "machine"),
        ("make demo", "project"),
        ("makefile", "here"),
        ("pip install websockets", "package"),
        ("echo pip install", "here"),
    ],
)
def test_a_command_has_its_place(command: str, where: str) -> None:
    assert place(command) == where


def test_what_goes_on_is_known() -> None:
    assert not ends("CTIBRIDGE_TOKEN=x python examples/desk.py ws://127.0.0.1:8137/v1/desk")
    assert not ends("ctibridge watch --json")
    assert not ends("python -m http.server 8000")
    assert ends("ctibridge check --json")
