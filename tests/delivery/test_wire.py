from ctibridge.delivery import wire


def test_names_stand_in_the_order_of_the_contract() -> None:
    assert wire.Event.__struct_fields__ == (
        "specversion", "id", "source", "type", "subject", "time", "sequence", "data",
    )  # fmt: skip
    assert wire.PopData.__struct_fields__ == (
        "call", "caller", "called", "language", "resolution", "context", "trust", "links", "hand_over",
    )  # fmt: skip


def test_what_an_agent_wrote_does_not_print() -> None:
    call = wire.CallBody("c", "ringing", "6001", "pbx", "2026-11-21T18:00:00Z")
    assert "laptop" not in repr(wire.WorkedData(call, "ana", None, "the laptop"))
    assert "laptop" not in repr(wire.NoteBody("ana", "the laptop", "2026-11-21T18:00:00Z"))
