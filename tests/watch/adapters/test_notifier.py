from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ctibridge.watch.adapters import notifier as notifier_module
from ctibridge.watch.adapters.notifier import Notifier
from ctibridge.watch.adapters.program import NoProgram
from tests.watch.recorder import Recorder, until
from tests.watch.said import ended, ring, updated, welcome

ACME: dict[str, Any] = {"called": {"name": "ACME"}, "language": {"endonym": "Deutsch"}}
NOTED = ["--app-name=ctibridge", "--category=call.incoming", "--expire-time=60000", "--print-id"]
CLOSED = [
    *("--user", "call", "org.freedesktop.Notifications", "/org/freedesktop/Notifications"),
    *("org.freedesktop.Notifications", "CloseNotification", "u"),
]


class Desktop(NamedTuple):
    shown: Recorder
    closed: Recorder


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    """Its notify-send numbers from 7 on, as a server does."""
    count = tmp_path / "count"
    number = f"n=$(cat {count} 2>/dev/null || echo 6); echo $((n + 1)) | tee {count}"
    return Desktop(Recorder(tmp_path, "notify-send", number), Recorder(tmp_path, "busctl"))


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


async def test_shown_when_it_rings_replaced_when_it_changes_closed_when_it_is_over(desktop: Desktop) -> None:
    async with Notifier(pytest.fail) as notifier:
        notifier.welcome(welcome())
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await until(lambda: "a 1" in notifier._shown)
        notifier.hear(updated(2, "a", **ACME), 0.0)
        notifier.hear(updated(3, "a", **(ACME | {"language": {"endonym": "Français"}})), 0.0)
        await until(lambda: notifier._shown["a 1"].note.body == "Français")
        notifier.hear(ended(4, "a"), 0.0)
        await until(lambda: desktop.closed.starts)
    assert desktop.shown.starts == [
        [*NOTED, "--", "ACME", "Deutsch"],
        [*NOTED, "--replace-id=7", "--", "ACME", "Français"],
    ]
    assert desktop.closed.starts == [[*CLOSED, "8"]]


async def test_a_name_is_a_word_behind_the_options(desktop: Desktop) -> None:
    async with Notifier(pytest.fail) as notifier:
        notifier.welcome(welcome())
        notifier.hear(ring(1, "a", called={"name": "--hint=string:x:$(id)"}, language={"endonym": "-w"}), 0.0)
        await until(lambda: desktop.shown.starts)
    assert desktop.shown.starts == [[*NOTED, "--", "--hint=string:x:$(id)", "-w"]]


async def test_what_still_stands_at_the_end_is_taken_away(desktop: Desktop) -> None:
    async with Notifier(pytest.fail) as notifier:
        notifier.welcome(welcome())
        notifier.hear(ring(1, "a", **ACME), 0.0)
        notifier.hear(ring(2, "b", **ACME), 0.0)
        await until(lambda: len(notifier._shown) == 2)
    assert {start[-1] for start in desktop.closed.starts} == {"7", "8"}


async def test_one_that_is_on_its_way_at_the_end_is_taken_away_too(desktop: Desktop) -> None:
    async with Notifier(pytest.fail) as notifier:
        notifier.welcome(welcome())
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await until(lambda: desktop.shown.starts)
    assert [start[-1] for start in desktop.closed.starts] == ["7"]


async def test_what_came_and_went_meanwhile_is_not_shown(desktop: Desktop) -> None:
    async with Notifier(pytest.fail) as notifier:
        notifier.welcome(welcome())
        for number in range(1, 41):
            notifier.hear(ring(number, str(number), **ACME), 0.0)
            notifier.hear(ended(number, str(number)), 0.0)
        notifier.hear(ring(50, "last", **ACME), 0.0)
        await until(lambda: "last 1" in notifier._shown)
    assert len(desktop.shown.starts) == 1


async def test_where_it_fails_one_line_says_so(tmp_path: Path) -> None:
    broken, closed, said = Recorder(tmp_path, "notify-send", "exit 1"), Recorder(tmp_path, "busctl"), list[str]()
    async with Notifier(said.append) as notifier:
        notifier.welcome(welcome())
        notifier.hear(ring(1, "a", **ACME), 0.0)
        notifier.hear(ring(2, "b", **ACME), 0.0)
        await until(lambda: len(notifier._shown) == 2)
    assert said == ["--notify: notify-send failed; is there a desktop session, with libnotify 0.8 or newer?"]
    assert len(broken.starts) == 2
    assert closed.starts == []


async def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier_module, "_PATIENCE", 0.3)
    hanging, said = Recorder(tmp_path, "notify-send", "exec sleep 60"), list[str]()
    async with Notifier(said.append) as notifier:
        notifier.welcome(welcome())
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await until(lambda: said)
    assert len(hanging.starts) == 1


async def test_without_notify_send_it_does_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoProgram, match="--notify: notify-send is not installed; on Debian it is in libnotify-bin"):
        await Notifier(pytest.fail).__aenter__()
