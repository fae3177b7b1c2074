"""What is said of the page, by table."""

import pytest

from ctibridge.cli.checks import page
from ctibridge.cli.checks.page import Heard
from ctibridge.delivery.settings import SignInSettings, WebSettings
from ctibridge.domain.finding import Kind

HERE = "127.0.0.1:8137"


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (None, [(Kind.GOOD, f"not asked: {HERE} is another port with each start")]),
        (Heard(), [(Kind.GOOD, HERE)]),
        (Heard(free=True), [(Kind.NOTE, f"nobody listens at {HERE}: ctibridge is not running")]),
        (Heard(fault="no answer within 5 s"), [(Kind.MEND, f"{HERE}: no answer within 5 s")]),
        (Heard(("starting", "outbox")), [(Kind.MEND, "not ready: starting"), (Kind.MEND, "not ready: outbox")]),
        (Heard(remarks=("restart: later",)), [(Kind.NOTE, "restart: later"), (Kind.GOOD, HERE)]),
        (Heard(remarks=("trunk pbx: deaf",)), [(Kind.GOOD, HERE)]),
    ],
)
def test_is_it_ready(heard: Heard | None, expected: list[tuple[Kind, str]]) -> None:
    assert [(one.kind, one.text) for one in page.answer(heard, HERE, running=False)] == expected


def test_a_daemon_that_runs_elsewhere_is_not_said_to_be_away() -> None:
    (row,) = page.answer(Heard(free=True), HERE, running=True)
    assert "ctibridge runs" in row.text
    assert row.mend == "wait until it is ready; where it is, systemctl restart ctibridge"


@pytest.mark.parametrize(
    ("web", "kinds"),
    [
        (WebSettings(), [Kind.GOOD]),
        (WebSettings(listen="[::1]:8137"), [Kind.GOOD]),
        (WebSettings(listen="0.0.0.0:8137"), [Kind.NOTE]),
        (WebSettings(sign_in=SignInSettings()), [Kind.MEND]),
        (WebSettings(sign_in=SignInSettings(), public_url="https://desk.example.net"), [Kind.GOOD]),
        (WebSettings(sign_in=SignInSettings(), allowed_origins=("https://desk.example.net",)), [Kind.GOOD]),
        (WebSettings(public_url="https://desk.example.net"), [Kind.GOOD]),
        (WebSettings(public_url="http://desk.example.net"), [Kind.NOTE]),
        (WebSettings(public_url="http://localhost:8137"), [Kind.GOOD]),
        (WebSettings(allowed_origins=("https://tools.example.net",)), [Kind.GOOD]),
        (WebSettings(allowed_origins=("http://tools.example.net",)), [Kind.GOOD, Kind.NOTE]),
    ],
)
def test_addresses(web: WebSettings, kinds: list[Kind]) -> None:
    assert [one.kind for one in page.addresses(web)] == kinds
