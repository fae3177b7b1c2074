"""Who leaves is in no log by an accident."""

from ctibridge.domain.erasure import Extension, Leaving, Written
from ctibridge.domain.person import PersonKey


def test_a_number_is_its_country_and_what_follows() -> None:
    assert Written("39", "0612345678").e164 == "+390612345678"


def test_none_of_it_is_ever_printed() -> None:
    leaving = Leaving(
        frozenset({PersonKey("acme", "p17")}), frozenset({"Regula Frei"}), (Written("41", "790000017"),),
        (Extension("acme", "4711"),),
    )  # fmt: skip
    text = repr((leaving, *leaving.numbers, *leaving.extensions))
    assert not any(word in text for word in ("p17", "Frei", "790000017", "4711"))
