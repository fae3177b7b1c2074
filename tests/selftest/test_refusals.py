"""What the PBX said instead of ringing, in words and with a mend."""

import pytest

from ctibridge.domain.finding import Kind
from ctibridge.selftest.refusals import refused, silent
from ctibridge.selftest.timeline import LineSeen
from tests.selftest import scenes
from tests.selftest.scenes import expected, timeline


@pytest.mark.parametrize(
    ("status", "before", "why", "text", "mend"),
    [
        (403, (), "", "forbids the call (403)", "allow 6099"),
        (403, (407,), "", "(403) of 6099, whose password it had asked for", "compare username and password"),
        (404, (), "", "does not know the number (404)", "selftest.dial"),
        (486, (), "", "says busy (486)", "call waiting"),
        (480, (), "", "nobody is there (480)", "sign a phone on"),
        (488, (), "", "takes no such media (488)", "G.711"),
        (302, (), "", "sends us elsewhere (302)", "registrar"),
        (503, (), "", "has a fault of its own (503)", "log"),
        (499, (), "", "refuses the call (499)", "log"),
        (407, (407,), 'refuses the password (realm "pbx.test")', 'realm "pbx.test") of 6099 (407)', "compare username"),
        (401, (), "asks for a password, and there is none", "asks for a password (401)", "give [trunk.selftest]"),
        (401, (), "asks for a digest weaker than SHA-256", "weaker than SHA-256 of 6099 (401)", "digest_minimum"),
    ],
)
def test_each_refusal_has_its_mend(status: int, before: tuple[int, ...], why: str, text: str, mend: str) -> None:
    found = refused(status, expected(), scenes.refused(status, *before, why=why))
    assert found.kind is Kind.MEND
    assert text in found.text
    assert mend in (found.mend or "")


def test_a_line_that_the_daemon_does_not_hear_explains_that_nobody_is_there() -> None:
    lines = (LineSeen("6001", "alone", why="no other device is there"),)
    found = refused(480, expected(), scenes.refused(480, lines=lines))
    assert found.text.endswith("(480), and line 6001 is alone: no other device is there")
    assert 'alone = "stay"' in (found.mend or "")
    assert "call waiting" in (refused(486, expected(), scenes.refused(486, lines=lines)).mend or "")


def test_silence_names_the_way_that_was_tried() -> None:
    assert silent(timeline()).text == "nothing came back from 192.0.2.9:5060 over UDP"


def test_a_callers_own_number_is_not_told_whole() -> None:
    found = refused(404, expected(user="+41790000017"), scenes.refused(404))
    assert "+41790000017" not in f"{found.text} {found.mend}"
