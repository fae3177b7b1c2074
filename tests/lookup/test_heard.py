"""One call, as it is understood for everybody."""

from dataclasses import replace

import pytest

from ctibridge.domain.caller import Presentation
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Name, Number
from ctibridge.lookup.heard import hear
from ctibridge.lookup.numbers import NOTHING
from ctibridge.lookup.question import Pick
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.snapshot import Snapshot, build
from tests.lookup.examples import (
    ACME,
    ACME_SERVICE,
    AT,
    DESK,
    FLEURON,
    FLEURON_DESK,
    FLEURON_SERVICE,
    SHORT_SERVICE,
    SNAPSHOT,
    question,
    signalled,
)

ANYWHERE = DialPlan()
IN_FRANCE, IN_GERMANY = "0199001234", "030 23125999"


@pytest.mark.parametrize(
    ("raw", "plan", "called", "expected"),
    [
        # the trunk writes the number, so it is asked first
        (IN_GERMANY, DialPlan("DE"), [FLEURON_DESK], "+493023125999"),
        # then the number called, also where it is no service number
        (IN_FRANCE, ANYWHERE, [FLEURON_DESK], "+33199001234"),
        (IN_GERMANY, ANYWHERE, [DESK], "+493023125999"),
        (IN_FRANCE, ANYWHERE, ["+33199001999"], "+33199001234"),
        # then the account called: a short service number has no country
        (IN_GERMANY, ANYWHERE, ["7005"], "+493023125999"),
        # and without all of them a national number is none
        (IN_GERMANY, ANYWHERE, [], None),
        (IN_GERMANY, ANYWHERE, ["6001"], None),
        ("+493023125999", ANYWHERE, [], "+493023125999"),
    ],
)
def test_the_country_of_a_number_is_the_trunks_then_the_called_numbers_then_the_called_accounts(
    raw: str, plan: DialPlan, called: list[str], expected: str | None
) -> None:
    heard = hear(question(signalled(raw, called), plan), SNAPSHOT)
    assert heard.number.e164 == expected
    assert heard.caller.number == (None if expected is None else Number(expected))


def test_the_called_number_is_asked_before_its_account() -> None:
    """A Frenchman's desk behind a German number: who dialled that number did so in Germany."""
    abroad = build(accounts=(ACME, FLEURON), service_numbers=(replace(FLEURON_SERVICE, number=DESK),))
    heard = hear(question(signalled(IN_GERMANY, [DESK]), ANYWHERE), abroad)
    assert (heard.called.account_id, heard.number.e164) == ("fleuron", "+493023125999")


def test_who_diverted_is_read_in_the_same_country() -> None:
    heard = hear(question(signalled(called=[FLEURON_DESK], diverted_by=IN_FRANCE), ANYWHERE), SNAPSHOT)
    assert heard.caller.diverted_by == Number("+33199001234")


MARKED = build(
    accounts=(ACME, FLEURON),
    service_numbers=(replace(SHORT_SERVICE, caller_name_prefix="ACME:"), FLEURON_SERVICE, ACME_SERVICE),
)


def test_where_no_number_was_called_the_prefix_of_the_callers_name_finds_the_customer() -> None:
    call = replace(signalled(IN_GERMANY, []), display_name=Name("ACME: R. Frei"))
    heard = hear(question(call, ANYWHERE), MARKED)
    assert (heard.called.account_id, heard.called.service) == ("acme", MARKED.service_numbers["7005"])
    assert heard.caller.display_name == Name("R. Frei")
    assert heard.number.e164 == "+493023125999"  # and the customer's country the number


def test_a_service_number_is_believed_before_the_callers_name() -> None:
    call = replace(signalled(called=[FLEURON_DESK]), display_name=Name("ACME: R. Frei"))
    heard = hear(question(call), MARKED)
    assert (heard.called.account_id, heard.caller.display_name) == ("fleuron", Name("ACME: R. Frei"))


def test_the_mark_in_from_finds_the_customer_where_an_asserted_name_has_none_and_is_never_shown() -> None:
    call = replace(signalled(IN_GERMANY, ["6001"]), display_name=Name("R. Frei"), marked=Name("ACME: Regula"))
    heard = hear(question(call, ANYWHERE), MARKED)
    assert (heard.called.account_id, heard.caller.display_name) == ("acme", Name("R. Frei"))
    nameless = hear(question(replace(call, display_name=None), ANYWHERE), MARKED)
    assert (nameless.called.account_id, nameless.caller.display_name) == ("acme", None)


def test_a_prefix_in_an_asserted_name_counts_where_from_has_none() -> None:
    call = replace(signalled(IN_GERMANY, ["6001"]), display_name=Name("ACME: R. Frei"), marked=Name("Regula"))
    heard = hear(question(call, ANYWHERE), MARKED)
    assert (heard.called.account_id, heard.caller.display_name) == ("acme", Name("R. Frei"))


def test_the_customer_of_a_withheld_caller_is_found_by_the_mark_and_no_name_is_kept() -> None:
    call = signalled(None, [], presentation=Presentation.RESTRICTED)
    heard = hear(question(replace(call, display_name=None, marked=Name("ACME: R. Frei"))), MARKED)
    assert (heard.called.account_id, heard.caller.display_name) == ("acme", None)


@pytest.mark.parametrize(
    ("raw", "called"),
    [
        ("36510612345678", "+33170000100"),
        ("36510639980101", "+33170000100"),  # nobody has 06 39 98 01 01
        ("183112345678", "+61290000100"),
        ("14102079460000", "+442079460100"),
    ],
)
def test_a_code_that_hides_does_so_also_before_a_number_that_nobody_has(raw: str, called: str) -> None:
    heard = hear(question(signalled(raw, [called]), ANYWHERE), SNAPSHOT)
    assert (heard.caller.presentation, heard.caller.raw, heard.number) == (Presentation.RESTRICTED, None, NOTHING)


@pytest.mark.parametrize(
    ("raw", "called", "number"),
    [
        ("36510639980101", DESK, None),  # no such code in Germany: shown as it came
        ("+36514123456", "+33170000100", "+36514123456"),
        ("1412345678", "+442079460100", "+441412345678"),  # Glasgow without its zero
        ("184221234", "+81312345678", "+81184221234"),  # Akita
        ("3651", "+33170000100", None),  # an extension
    ],
)
def test_digits_that_only_begin_like_a_code_hide_nobody(raw: str, called: str, number: str | None) -> None:
    heard = hear(question(signalled(raw, [called]), ANYWHERE), SNAPSHOT)
    assert (heard.caller.presentation, heard.caller.raw) == (Presentation.ALLOWED, Number(raw))
    assert heard.number.e164 == number


@pytest.mark.parametrize("presentation", [Presentation.RESTRICTED, Presentation.UNAVAILABLE])
def test_of_a_withheld_caller_nothing_is_kept_but_what_he_typed(presentation: Presentation) -> None:
    typed = [("employee_id", "A-17")]
    heard = hear(question(signalled(presentation=presentation, diverted_by=DESK, remarks=typed)), SNAPSHOT)
    assert heard.withheld
    assert (heard.number, heard.claims, heard.calling_country) == (NOTHING, (), None)
    caller = heard.caller
    assert [caller.number, caller.raw, caller.display_name, caller.extension, caller.diverted_by] == [None] * 5
    assert [one.means for one in caller.remarks] == ["employee_id"]


@pytest.mark.parametrize("presentation", list(Presentation))
def test_the_agents_word_is_kept_of_any_caller(presentation: Presentation) -> None:
    pick = Pick(PersonKey("acme", "p17"), "ana", AT)
    assert hear(question(signalled(presentation=presentation), chosen=pick), SNAPSHOT).chosen == (pick,)


@pytest.mark.parametrize("raw", [None, "", "alice", "\ud800", "9" * 5000])
def test_whatever_comes_is_a_call(raw: str | None) -> None:
    heard = hear(question(signalled(raw, [])), Snapshot())
    assert heard.number.key is None
    assert heard.caller.raw == (None if raw is None else Number(raw))


def test_the_country_that_the_call_comes_from() -> None:
    assert hear(question(signalled("+33199001234")), SNAPSHOT).calling_country == "FR"
    assert hear(question(signalled("4711")), SNAPSHOT).calling_country is None
    assert hear(question(signalled("+80012345678")), SNAPSHOT).calling_country is None


def test_what_was_asked_comes_back() -> None:
    heard = hear(question(call_id=None), SNAPSHOT)
    assert (heard.call_id, heard.at, heard.withheld) == (None, AT, False)
    assert heard.caller.extension is None
    assert hear(question(signalled("4711")), SNAPSHOT).caller.extension == Number("4711")
