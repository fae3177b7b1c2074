"""What a call of ours says prints without what is personal."""

from tests.sip.dialling import outgoing


def test_numbers_and_bodies_do_not_print() -> None:
    text = repr(outgoing())
    assert "6001" not in text
    assert "PCMA" not in text
