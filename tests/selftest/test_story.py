"""A test call as a person reads it."""

from ctibridge.selftest.story import cast, events
from ctibridge.selftest.timeline import Reply
from ctibridge.sip.outgoing import CallEnd
from tests.selftest.scenes import expected, refused, timeline, without_pop


def test_what_came_when() -> None:
    assert events(expected(), timeline(), private=False) == [
        (0, "caller", "INVITE to +493023125100"),
        (1, "PBX", "407 Proxy Authentication Required"),
        (2, "PBX", "100 Trying"),
        (15, "PBX", "180 Ringing"),
        (20, "desk", "pop, on line 6001"),
        (1000, "PBX", "200 OK"),
        (1001, "caller", "hung up"),
        (1012, "desk", "ended: answered_elsewhere"),
    ]


def test_what_may_be_a_log_has_no_number() -> None:
    assert events(expected(), timeline(), private=True)[0] == (0, "caller", "INVITE to …100")
    assert cast(expected(user="+41790000017"), timeline())["caller"].endswith("as …017 to 192.0.2.9:5060 over UDP")


def test_taken_back_and_given_up() -> None:
    assert (10_000, "caller", "took the call back") in events(expected(), without_pop(), private=True)
    silent = refused(404, replies=[], ended=CallEnd.SILENT, ended_at=3.0)
    assert events(expected(), silent, private=True)[-1] == (3000, "caller", "gave up: nothing came")
    assert (5, "PBX", "799") in events(expected(), timeline(replies=[Reply(0.005, 799)]), private=True)


def test_nothing_was_dialled() -> None:
    assert events(expected(), timeline(began=None), private=True) == []


def test_who_played_which_part() -> None:
    made = timeline()
    assert cast(expected(), made) == {
        "caller": "ctibridge 1, its own SIP core, as 6099 to 192.0.2.9:5060 over UDP",
        "PBX": "kamailio",
        "phone": "of the line, which does not say what it is",
        "desk": "ana, a page",
    }
    made.cast.answers_as = "baresip v1"
    assert cast(expected(), made)["phone"] == "of the line, baresip v1"
    made.cast.phone = "pyVoIP 1.6.8, on line 6001"
    assert cast(expected(), made)["phone"] == "pyVoIP 1.6.8, on line 6001"


def test_who_was_not_there() -> None:
    made = without_pop(to="")
    made.cast.pbx, made.cast.no_phone = None, "pyVoIP is not installed"
    found = cast(expected(), made)
    assert (found["PBX"], found["phone"]) == (
        "does not say what it is",
        "none that we started: pyVoIP is not installed",
    )
    made.replies = []
    assert cast(expected(), made)["PBX"] == "nothing was heard of it"
