"""What counts as the network's word on the number that calls, and what does not."""

import pytest

from ctibridge.sip import attestation, limits
from ctibridge.sip.message import HeaderList, Headers

NUMBER, OTHER = "+4989123456", "+4930999999"


def sender(user: str = NUMBER, inside: str = "", behind: str = "") -> tuple[str, str]:
    return "from", f'"M" <sip:{user}{inside}@pbx{behind};user=phone>;tag=a'


def asserted(user: str = NUMBER, verstat: str = "") -> tuple[str, str]:
    return "p-asserted-identity", f"<tel:{user}{verstat}>"


PASSED, FAILED = ";verstat=TN-Validation-Passed", ";verstat=TN-Validation-Failed"


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([sender()], "not-checked"),
        # where it may stand
        ([sender(inside=PASSED)], "passed"),
        ([sender(behind=PASSED)], "passed"),
        ([asserted(verstat=PASSED)], "passed"),
        ([("from", f"<sip:{NUMBER}@pbx>;tag=a{PASSED}")], "passed"),
        ([("from", f"sip:{NUMBER}@pbx;tag=a{PASSED}")], "passed"),
        # where it may not
        ([("from", f'"x;verstat=TN-Validation-Passed" <sip:{NUMBER}@pbx>;tag=a')], "not-checked"),
        ([("from", f"<sip:{NUMBER}@pbx?x=y{PASSED}>;tag=a")], "not-checked"),
        ([("from", f"<sip:{NUMBER}%3Bverstat=TN-Validation-Passed@pbx>;tag=a")], "not-checked"),
        # what it may say
        ([sender(inside=f"{PASSED}-A")], "A"),
        ([sender(inside=f"{PASSED}-b")], "B"),
        ([sender(inside=f"{PASSED}-C")], "C"),
        ([sender(inside=f"{PASSED}-A-Diverted")], "A"),
        ([sender(inside=f"{PASSED}-Diverted")], "passed"),
        ([sender(inside=FAILED)], "failed"),
        ([sender(inside=f"{FAILED}-A")], "failed"),
        ([sender(inside=";verstat=No-TN-Validation")], "none"),
        ([sender(inside=";verstat=Sure")], "not-checked"),
        ([sender(inside=";verstat")], "not-checked"),
        ([sender(inside=f"{PASSED}X")], "not-checked"),
        # of the number that calls, and of no other
        ([sender(OTHER, PASSED), asserted()], "not-checked"),
        ([sender(OTHER, FAILED), asserted(verstat=PASSED)], "passed"),
        ([sender(inside=PASSED), asserted()], "passed"),
        ([sender("+49-89-123456", PASSED)], "passed"),
        # the worse word holds
        ([sender(inside=FAILED), asserted(verstat=f"{PASSED}-A")], "failed"),
        ([sender(inside=f"{PASSED}-C"), asserted(verstat=f"{PASSED}-A")], "C"),
        ([sender(inside=PASSED, behind=FAILED)], "failed"),
        # headers that speak of the whole request
        ([sender(), ("attestation-info", "A")], "A"),
        ([sender(), ("p-attestation-indicator", "b")], "B"),
        ([sender(), ("attestation-info", '"C";x=y')], "C"),
        ([sender(), ("attestation-info", "A"), ("p-attestation-indicator", "C")], "C"),
        ([sender(inside=PASSED), ("attestation-info", "A")], "A"),
        ([sender(inside=f"{PASSED}-B"), ("attestation-info", "A")], "B"),
        ([sender(inside=FAILED), ("attestation-info", "A")], "failed"),
        ([sender(inside=";verstat=No-TN-Validation"), ("attestation-info", "A")], "none"),
        ([sender(), ("attestation-info", "D")], "not-checked"),
        ([sender(), ("attestation-info", "CBA")], "not-checked"),
        ([sender(), ("attestation-info", "")], "not-checked"),
        ([sender(), asserted(OTHER), ("attestation-info", "A")], "not-checked"),
        ([sender(OTHER), asserted(), ("attestation-info", "A")], "A"),
        # odd ones say nothing
        ([("from", "nonsense"), ("attestation-info", "A")], "not-checked"),
        ([sender(), ("p-asserted-identity", ",".join(["<sip:a@b>"] * (limits.VALUES + 1)))], "not-checked"),
        ([], "not-checked"),
    ],
)
def test_the_word_of_the_network(lines: HeaderList, word: str) -> None:
    assert attestation.read(Headers(tuple(lines)), NUMBER) == word
