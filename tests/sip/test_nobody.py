"""User parts that name nobody, in the words, alphabets and digits of their makers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import nobody
from ctibridge.sip.events import Withheld


@pytest.mark.parametrize(
    "user",
    [
        "anonymous", "Anonymous", "ANONYMOUS", "Anonym", "anónimo", "anonimo", "Anonyme", "Аноним", "ανώνυμος", "匿名",
        "Restricted", "private", "Privat", "Privé", "Private Number", "private-number", "número privado", "withheld",
        "Numéro Masqué", "hidden", "blocked", "clir", "unterdrückt", "Skjult nummer", "非通知", "חסוי",
        "\u200eanonymous\u200f", "266696687", "+266696687", "7378742833", "7748283", "94844353", "2562533",
    ],
)  # fmt: skip
def test_who_asks_to_stay_unknown(user: str) -> None:
    assert nobody.why(user) is Withheld.RESTRICTED


@pytest.mark.parametrize(
    "user",
    [
        "unavailable", "Unknown", "unknown-caller", "out of area", "No Caller ID", "Unbekannt", "inconnu", "Inconnue",
        "sconosciuto", "Desconocido", "onbekend", "Okänd", "неизвестный", "Άγνωστος", "未知", "不明", "公衆電話",
        "غير معروف", "asterisk", "FreeSWITCH", "null", "00", "0000000000", "+000000",
        "8656696", "86282452253", "+86282452253", "688632732",
    ],
)  # fmt: skip
def test_whom_the_network_does_not_know(user: str) -> None:
    assert nobody.why(user) is Withheld.UNAVAILABLE


@pytest.mark.parametrize(
    "user",
    [
        "", "0", "4711", "6001", "+493023125000", "03023125000", "alice", "anonymous.fan", "privatbank", "trunk-main",
        "+17378742833", "+4794844353", "+351266696687", "unknown2", "Anonymous Bosch GmbH", "-", "é",
    ],
)  # fmt: skip
def test_whoever_may_be_somebody_is(user: str) -> None:
    assert nobody.why(user) is None


@pytest.mark.parametrize(
    ("user", "asks"),
    [
        ("*67+12025550123", True),
        ("*672025550123", True),
        ("#31#03023125000", True),
        ("*31#0440000110", True),
        ("*31*03023125000", True),
        ("*822025550123", False),
        ("*6001", False),
        ("671234567", False),
        ("", False),
    ],
)
def test_a_code_in_front_asks_to_stay_unknown(user: str, asks: bool) -> None:
    assert nobody.asks_to_be_unknown(user) is asks


@given(st.from_regex(r"\+[1-9][0-9]{11,14}", fullmatch=True))
def test_a_long_number_with_its_plus_is_never_nobody(number: str) -> None:
    assert nobody.why(number) is None


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert nobody.why(text) in {None, Withheld.RESTRICTED, Withheld.UNAVAILABLE}
