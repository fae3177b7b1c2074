"""A line's subscription whose password, or watcher, changes."""

from dataclasses import replace

from ctibridge.sip import digest
from ctibridge.sip.digest import Credentials
from tests.sip.subscribing import WHO, active, challenge, new, ok, sent


def test_another_password_goes_on_in_the_same_dialog_and_waits_for_nothing() -> None:
    line = active()
    first = sent(line.start(200.0))
    line.receive(challenge("n1"), 200.0)
    line.receive(challenge("n2"), 200.1)
    assert line.start(201.0) == []
    assert line.holds
    line.change(replace(WHO, credentials=Credentials("cti", "mended")))
    plain = sent(line.start(201.0))
    assert plain.headers.need("call-id") == first.headers.need("call-id")
    assert plain.headers.first("authorization") is None
    proof = digest.read_answer(sent(line.receive(challenge("n3"), 201.1)).headers.need("authorization"))
    assert digest.proves(proof, Credentials("cti", "mended"), "SUBSCRIBE")


def test_another_watcher_begins_anew() -> None:
    line = active()
    before = line.call_id
    line.change(replace(WHO, watcher="sip:boss@pbx"))
    asked = sent(line.start(1.0))
    assert asked.headers.need("call-id") == line.call_id != before
    assert asked.headers.need("from").startswith("<sip:boss@pbx>")


def test_a_subscription_that_asks_when_its_password_changes_asks_again() -> None:
    line = new()
    line.start(0.0)
    assert (line.asks, line.leaves) == (True, False)
    line.change(replace(WHO, credentials=Credentials("cti", "mended")))
    assert not line.asks
    assert line.receive(ok(), 0.1) == []
    assert sent(line.start(0.2)).headers.need("cseq") == "2 SUBSCRIBE"
