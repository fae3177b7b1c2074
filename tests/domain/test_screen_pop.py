from datetime import UTC, datetime

from ctibridge.domain.account import AccountRef, Text
from ctibridge.domain.call import Call, CallState
from ctibridge.domain.caller import Called, Caller, Presentation
from ctibridge.domain.private import Name, Number
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Announced, Answer, Customer, LanguageChoice, ScreenPop


def test_a_pop_prints_without_its_caller() -> None:
    number = Number("+493023125999")
    caller = Caller(number, number, Name("R. Frei"), Presentation.ALLOWED, None, "From")
    language = LanguageChoice("de", "German", "Deutsch", "default", True, None)
    answer = Answer(caller, Called("+493023125100"), language, Resolution(Status.UNKNOWN, None, ()))
    pop = ScreenPop(Call("c1", "pbx", "6001", CallState.RINGING, datetime(2026, 11, 21, tzinfo=UTC)), answer)
    assert "23125" not in repr(pop)
    assert "Frei" not in repr(pop)
    assert answer.complete


def test_a_customers_texts_do_not_print() -> None:
    text = Text("de", "Frau Frei fragen")
    assert "Frei" not in repr(Customer(AccountRef("acme", "ACME AG"), text, text, (Announced("a1", text),)))
