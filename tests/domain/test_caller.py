from ctibridge.domain.caller import Called, Caller, Presentation, Signalled
from ctibridge.domain.private import Name, Number


def test_what_was_signalled_prints_masked() -> None:
    number = Number("+493023125999")
    name = Name("R. Frei")
    signalled = Signalled(number, name, Presentation.ALLOWED, "From", number, (number,), marked=name)
    caller = Caller(number, number, name, Presentation.ALLOWED, None, "From", diverted_by=number)
    for shown in (repr(signalled), repr(caller), repr(Called("+493023125999"))):
        assert "23125" not in shown
        assert "Frei" not in shown


def test_nothing_is_claimed_of_a_network_that_says_nothing() -> None:
    caller = Caller(None, None, None, Presentation.RESTRICTED, None, "From")
    assert caller.attestation == "not-checked"
    assert not Called(None).granted
