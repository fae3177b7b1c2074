import msgspec

from ctibridge.delivery import wire
from ctibridge.delivery.wire_context import ContextBody


def test_names_stand_in_the_order_of_the_contract() -> None:
    assert wire.Event.__struct_fields__ == (
        "specversion", "id", "source", "type", "subject", "time", "sequence", "data",
    )  # fmt: skip
    assert wire.PopData.__struct_fields__ == (
        "call", "caller", "called", "language", "resolution", "context", "trust", "links", "hand_over",
        "customer",
    )  # fmt: skip


def test_what_an_agent_wrote_does_not_print() -> None:
    call = wire.CallBody("c", "ringing", "6001", "pbx", "2026-11-21T18:00:00Z")
    assert "laptop" not in repr(wire.WorkedData(call, "ana", None, "the laptop"))
    assert "laptop" not in repr(wire.NoteBody("ana", "the laptop", "2026-11-21T18:00:00Z"))


def test_what_was_stored_by_older_versions_is_read() -> None:
    """Events kept over an update lack what came later."""
    called = b'{"number": null, "account": null, "name": null, "support_hours": null, "granted": false}'
    assert msgspec.json.decode(called, type=wire.CalledBody).holiday is None
    context = b'{"services": [], "configuration_items": [], "requests": [], "complete": true}'
    assert msgspec.json.decode(context, type=ContextBody).failed == []


def test_suggestions_are_as_in_the_contract() -> None:
    assert wire.SuggestionsData.__struct_fields__ == ("call", "standard_requests", "knowledge_articles")


def test_work_is_as_in_the_contract() -> None:
    assert wire.WorkedData.__struct_fields__ == ("call", "by", "state", "note", "answered_in")
    call = wire.CallBody("c", "ended", "6001", "pbx", "2026-11-21T18:00:00Z")
    noted = msgspec.json.decode(msgspec.json.encode(wire.WorkedData(call, "ana", None, "x")))
    assert noted["state"] is None
    assert "answered_in" not in noted, "only where a later call settled it"
