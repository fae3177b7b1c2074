"""What has to be seen: by the directory's answer, and by the configuration."""

import pytest

from ctibridge.selftest.expected import Known, of_answer, of_settings
from ctibridge.sip.settings import SelftestSettings, TrunkSettings
from tests.delivery import examples as ex

TEST = SelftestSettings("6099", "+493023125100", account="acme", answer=False)


def test_the_directorys_answer() -> None:
    assert of_answer(ex.IDENTIFIED) == Known(
        ex.IDENTIFIED.caller.number.value if ex.IDENTIFIED.caller.number else None,
        "acme", "identified", ("acme/p17",), ex.IDENTIFIED.language.tag,
    )  # fmt: skip


def test_of_a_withheld_caller_there_is_nothing_to_expect() -> None:
    known = of_answer(ex.WITHHELD)
    assert (known.number, known.people, known.status) == (None, (), "withheld")


def test_what_stands_in_the_configuration() -> None:
    made = of_settings(TrunkSettings("pbx", "sip:192.0.2.9"), TEST, "ana", "6001")
    assert (made.agent, made.line, made.user, made.account, made.patience) == ("ana", "6001", "6099", "acme", 10.0)
    assert (made.trunk, made.answers) == ("pbx", False)
    assert made.known is None


@pytest.mark.parametrize(
    ("ring", "observe", "sees"),
    [("hold", ("contact",), True), ("decline", ("contact",), False), ("decline", ("contact", "dialog-info"), True)],
)
def test_whoever_declines_sees_no_end_unless_he_watches(ring: str, observe: tuple[str, ...], sees: bool) -> None:
    trunk = TrunkSettings("pbx", "sip:192.0.2.9", ring=ring, observe=observe)  # type: ignore[arg-type]
    assert of_settings(trunk, TEST, "ana", None).sees_end is sees
