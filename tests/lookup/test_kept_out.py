"""A mark says something to who knows whom he asks for, and has the key."""

from ctibridge.lookup.kept_out import KeptOut, mark

KEY = b"k" * 32


def test_who_is_marked_is_known_in_his_account_alone() -> None:
    kept_out = KeptOut(KEY, {"acme": frozenset({mark(KEY, "acme", "p17")})})
    assert kept_out.has("acme", "p17")
    assert not kept_out.has("acme", "p18")
    assert not kept_out.has("fleuron", "p17")
    assert not KeptOut().has("acme", "p17")


def test_another_store_marks_otherwise_and_no_cell_reaches_into_the_next() -> None:
    assert mark(KEY, "acme", "p17") != mark(b"o" * 32, "acme", "p17")
    assert mark(KEY, "a", "bc") != mark(KEY, "ab", "c")
    assert b"p17" not in mark(KEY, "acme", "p17")
