from ctibridge.delivery import wire


def test_names_stand_in_the_order_of_the_contract() -> None:
    assert wire.Event.__struct_fields__ == (
        "specversion", "id", "source", "type", "subject", "time", "sequence", "data",
    )  # fmt: skip
    assert wire.PopData.__struct_fields__ == (
        "call", "caller", "called", "language", "resolution", "context", "trust", "links", "hand_over",
    )  # fmt: skip


def test_a_token_does_not_print() -> None:
    assert "ctb_secret" not in repr(wire.Auth("ctb_secret"))
