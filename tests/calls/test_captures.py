"""Calls captured at real PBXs, replayed to the facts that a desk lives by, and our answers beside an observer's.

`rx` is what an additional contact received, `tx` what it sent then (tests/captures). Its contact user was 6001.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from ctibridge.calls import intake
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Ended, Fact, Rang
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.sip import hand_over, identity, message
from ctibridge.sip.events import HandOver, RingEnded, RingStarted
from ctibridge.sip.hop import datagram
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.trunk import Trunk
from tests.calls.legs import at
from tests.sip import scripts
from tests.sip.scripts import NAME, NUMBER, counted, responses

CAPTURES = Path(__file__).parents[1] / "captures"
ADDRESS = {"asterisk": ("127.0.0.10", 5060), "kamailio": ("127.0.0.20", 5060)}
DESK, DIVERTER, GROUP = "+4930123456", "+4930123499", "201"
PAI, RPID = "P-Asserted-Identity", "Remote-Party-ID"
COMPANY = "Müller & Söhne 🏢 GmbH"
SHOWN, HIDDEN = Presentation.ALLOWED, Presentation.RESTRICTED
GAVE_UP, ELSEWHERE = Outcome.ABANDONED, Outcome.ANSWERED_ELSEWHERE


class Expected(NamedTuple):
    """raw None: withheld. called: in the trunk's order; to Asterisk everything is called like its line."""

    raw: str | None
    name: str | None
    presentation: Presentation
    source: str
    diverted_by: str | None
    called: tuple[str, ...]
    outcome: Outcome


TABLE = {
    "asterisk/plain_cancel": Expected(NUMBER, NAME, SHOWN, PAI, None, ("6001",), GAVE_UP),
    "asterisk/answered_elsewhere": Expected(NUMBER, NAME, SHOWN, PAI, None, ("6001",), ELSEWHERE),
    "asterisk/ring_group_answered": Expected(NUMBER, NAME, SHOWN, PAI, None, ("6001",), ELSEWHERE),
    "asterisk/pai": Expected(NUMBER, NAME, SHOWN, PAI, None, ("6001",), GAVE_UP),
    "asterisk/rpid": Expected(NUMBER, NAME, SHOWN, PAI, None, ("6001",), GAVE_UP),
    "asterisk/utf8_name": Expected(NUMBER, COMPANY, SHOWN, PAI, None, ("6001",), GAVE_UP),
    "asterisk/diversion_in": Expected(NUMBER, NAME, SHOWN, PAI, DIVERTER, (DIVERTER, "6001"), GAVE_UP),
    "asterisk/forwarded_pbx": Expected(NUMBER, NAME, SHOWN, PAI, DIVERTER, (DIVERTER, "6001"), GAVE_UP),
    "asterisk/anonymous": Expected(None, None, HIDDEN, PAI, None, ("6001",), GAVE_UP),
    "asterisk/anonymous_pai": Expected(None, None, HIDDEN, PAI, None, ("6001",), GAVE_UP),
    "kamailio/plain_cancel": Expected(NUMBER, NAME, SHOWN, "From", None, (DESK,), GAVE_UP),
    "kamailio/answered_elsewhere": Expected(NUMBER, NAME, SHOWN, "From", None, (DESK,), ELSEWHERE),
    "kamailio/ring_group_answered": Expected(NUMBER, NAME, SHOWN, "From", None, (GROUP,), ELSEWHERE),
    "kamailio/pai": Expected(NUMBER, NAME, SHOWN, PAI, None, (DESK,), GAVE_UP),
    "kamailio/rpid": Expected(NUMBER, NAME, SHOWN, RPID, None, (DESK,), GAVE_UP),
    "kamailio/utf8_name": Expected(NUMBER, COMPANY, SHOWN, "From", None, (DESK,), GAVE_UP),
    "kamailio/diversion_in": Expected(NUMBER, NAME, SHOWN, "From", DIVERTER, (DIVERTER, DESK), GAVE_UP),
    "kamailio/forwarded_pbx": Expected(NUMBER, NAME, SHOWN, "From", DIVERTER, (DIVERTER, "300"), GAVE_UP),
    "kamailio/anonymous": Expected(None, None, HIDDEN, "From", None, (DESK,), GAVE_UP),
    "kamailio/anonymous_pai": Expected(None, None, HIDDEN, PAI, None, (DESK,), GAVE_UP),
}


def replay(scenario: str) -> tuple[Trunk, list[Fact], list[Response]]:
    """The trunk afterwards, the facts at Ana's desk, and what we answered."""
    trunk, calls = scripts.trunk(fresh=counted("6001")), Calls()
    source = datagram(*ADDRESS[scenario.partition("/")[0]])
    trunk.reach((source,), frozenset({source.host}))
    facts: list[Fact] = []
    answers: list[Response] = []
    for clock, path in enumerate(sorted((CAPTURES / scenario).glob("*-rx-*.sip"))):
        trunk.receive(path.read_bytes(), source, float(clock))
        said = trunk.drain()
        answers += responses(said)
        for word in said:
            if isinstance(word, RingStarted):
                facts += calls.ring(intake.rang(word), frozenset({"ana"}), "c1", at(clock))
            if isinstance(word, RingEnded):
                facts += calls.end(intake.ended(word), at(clock))
    return trunk, facts, answers


def seen(who: Signalled, outcome: Outcome | None) -> Expected:
    return Expected(
        who.raw.value if who.raw else None, who.display_name.value if who.display_name else None,
        who.presentation, who.source, who.diverted_by.value if who.diverted_by else None,
        tuple(number.value for number in who.called), outcome or Outcome.FAILED,
    )  # fmt: skip


@pytest.mark.parametrize("scenario", TABLE)
def test_the_facts_of_a_captured_call(scenario: str) -> None:
    _, facts, _ = replay(scenario)
    rang, ended = facts
    assert isinstance(rang, Rang)
    assert isinstance(ended, Ended)
    assert (rang.call.line, rang.call.id, ended.call.id) == ("6001", "c1", "c1")
    assert seen(rang.signalled, ended.call.outcome) == TABLE[scenario]


@pytest.mark.parametrize("scenario", TABLE)
def test_our_answers_beside_those_of_the_observer(scenario: str) -> None:
    trunk, _, ours = replay(scenario)
    theirs = [message.parse(path.read_bytes()) for path in sorted((CAPTURES / scenario).glob("*-tx-*.sip"))]
    assert [answer.status for answer in ours] == [180, 200, 487]
    for our, their in zip(ours, theirs, strict=True):
        assert isinstance(their, Response)
        assert (our.status, our.reason) == (their.status, their.reason)
        for name in ("from", "call-id", "cseq", "record-route"):
            if our.status != 200:  # a CANCEL has no route to record, and the observer adds none
                assert our.headers.each_line(name) == their.headers.each_line(name)
        assert untagged(our) == untagged(their)
        assert vias(our) == vias(their)
    assert len({answer.headers.need("to") for answer in ours}) == 1
    trunk.wake(100.0)
    assert (len(trunk._ringings), trunk.deadline) == (0, None)


def untagged(response: Response) -> str:
    return response.headers.need("to").partition(";tag=")[0]


def vias(response: Response) -> list[str]:
    """As they came in: the observer left `rport` empty, we fill it in (RFC 3581 4)."""
    stamp = ";received=127.0.0.10"
    return [line.replace(";rport=5060", ";rport").replace(stamp, "") for line in response.headers.each_line("via")]


@pytest.mark.parametrize("scenario", TABLE)
def test_a_captured_call_says_nothing_besides(scenario: str) -> None:
    """Neither PBX attests, hands over or alerts in these calls: nothing may be read into what is there."""
    rang = replay(scenario)[1][0]
    assert isinstance(rang, Rang)
    assert (rang.signalled.attestation, rang.signalled.remarks) == ("not-checked", ())
    assert hand_over.read(invite(scenario).headers) == HandOver()


@pytest.mark.parametrize(
    ("scenario", "original", "forwarder"),
    [
        ("asterisk/plain_cancel", "6001", None),
        ("asterisk/ring_group_answered", "6001", None),
        ("asterisk/diversion_in", DIVERTER, DIVERTER),
        ("asterisk/forwarded_pbx", DIVERTER, None),
        ("kamailio/plain_cancel", None, None),
        ("kamailio/forwarded_pbx", DIVERTER, DIVERTER),
    ],
)
def test_what_the_history_of_a_captured_call_alone_says(
    scenario: str, original: str | None, forwarder: str | None
) -> None:
    """Without Diversion, as after a no-answer forward. Asterisk names the line itself on every call: that is none."""
    request = invite(scenario)
    lines = Headers(tuple(line for line in request.headers.lines if line[0] != "diversion"))
    assert next(iter(identity.called(lines, request.uri, ("History-Info",))), None) == original
    assert identity.caller(lines, (PAI, RPID, "From")).diverted_by == forwarder


def invite(scenario: str) -> Request:
    parsed = message.parse(next(iter(sorted((CAPTURES / scenario).glob("*-rx-INVITE.sip")))).read_bytes())
    assert isinstance(parsed, Request)
    return parsed


def test_every_capture_stands_in_the_table() -> None:
    folders = [path for path in CAPTURES.glob("*/*") if path.is_dir() and "dialog-info" not in path.name]
    found = {f"{path.parent.name}/{path.name}" for path in folders}
    assert found == set(TABLE)
