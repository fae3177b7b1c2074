import msgspec

from ctibridge.delivery import wire
from ctibridge.delivery.wire_context import AccountBody, ContextBody


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


def test_whom_a_search_found_does_not_print() -> None:
    person = wire.PersonBody("acme", "p1", "Regula Frei", None, None, None, None, None, None, False, False, None)
    found = wire.FoundBody(person, AccountBody("acme", "ACME AG"))
    assert "frei" not in repr(wire.People(wire.PeopleData("c", "frei", [found]))).lower()


def test_what_was_stored_by_older_versions_is_read() -> None:
    """Events kept over an update lack what came later."""
    called = b'{"number": null, "account": null, "name": null, "support_hours": null, "granted": false}'
    assert msgspec.json.decode(called, type=wire.CalledBody).holiday is None
    context = b'{"services": [], "configuration_items": [], "requests": [], "complete": true}'
    assert msgspec.json.decode(context, type=ContextBody).failed == []


def test_suggestions_are_as_in_the_contract() -> None:
    assert wire.SuggestionsData.__struct_fields__ == ("call", "standard_requests", "knowledge_articles")
