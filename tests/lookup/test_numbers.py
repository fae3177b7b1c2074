"""What a PBX sends, and what it is. The numbers are of ranges kept for drama, or not assigned."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup import number_key, numbers
from ctibridge.lookup.numbers import (
    NOTHING,
    Understood,
    at_once,
    country_for,
    country_of,
    digits,
    interpret,
    time_zone,
    understand,
)
from ctibridge.lookup.settings import DialPlan

BERLIN = "+493023125000"
MOBILE = "+491713920017"
PARIS = "+33199001234"


# Real ranges of many countries, to be varied at their ends.
EXAMPLES = sorted(
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in phonenumbers.SUPPORTED_REGIONS
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
)
COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)


@pytest.mark.parametrize(
    ("raw", "country", "prefix", "expected"),
    [
        # international forms
        ("+493023125000", "DE", None, BERLIN),
        ("+493023125000", None, None, BERLIN),
        ("00493023125000", "DE", None, BERLIN),
        ("00493023125000", None, None, BERLIN),
        ("+33199001234", "DE", None, PARIS),
        ("0033199001234", "DE", None, PARIS),
        ("01133199001234", "US", None, PARIS),
        ("0011 49 30 23125000", "AU", None, BERLIN),
        ("010 49 30 23125000", "JP", None, BERLIN),
        ("+44 20 7946 0123", "DE", None, "+442079460123"),
        ("+12025550123", "DE", None, "+12025550123"),
        ("+39 06 0000 0123", "DE", None, "+390600000123"),  # the Italian zero stays
        ("+800 1234 5678", "DE", None, "+80012345678"),  # international freephone
        # national forms
        ("03023125000", "DE", None, BERLIN),
        ("01713920017", "DE", None, MOBILE),
        ("0199001234", "FR", None, PARIS),
        ("0639981234", "FR", None, "+33639981234"),  # a range newer than the table, written out in full
        ("0044000117", "CH", None, None),  # international, and too short for that
        ("0440000117", "CH", None, "+41440000117"),
        ("02079460123", "GB", None, "+442079460123"),
        ("2025550123", "US", None, "+12025550123"),
        ("12025550123", "US", None, "+12025550123"),
        ("0600000123", "IT", None, "+390600000123"),
        ("0500000001", "AE", None, "+971500000001"),
        ("2100000107", "GR", None, "+302100000107"),
        ("910000123", "ES", None, "+34910000123"),
        ("0255501234", "AU", None, "+61255501234"),
        ("0440000110", "UA", None, "+380440000110"),
        ("03023125000", None, None, None),  # of which country?
        # international without the plus
        ("493023125000", "DE", None, BERLIN),
        ("491713920017", "DE", None, MOBILE),
        ("442079460123", "DE", None, "+442079460123"),  # in German national form it would have twelve digits
        ("33199001234", "DE", None, "+4933199001234"),  # it cannot be known, and most callers are from here
        ("33199001234", "FR", None, PARIS),
        ("971500000001", "AE", None, "+971500000001"),
        ("79161234567", "RU", None, "+79161234567"),
        # doubled prefixes
        ("++493023125000", "DE", None, BERLIN),
        ("+00493023125000", "DE", None, BERLIN),
        ("00+493023125000", "DE", None, BERLIN),
        ("0000493023125000", "DE", None, BERLIN),
        ("+49491713920017", "DE", None, MOBILE),
        ("+490049 171 3920017", "DE", None, MOBILE),
        ("+4901713920017", "DE", None, MOBILE),
        # as people write them
        ("+49 (0)30 / 23125-000", "DE", None, BERLIN),
        ("+49.30.23125000", "DE", None, BERLIN),
        ("030 23125 000", "DE", None, BERLIN),
        ("030\u00a023125\u2011000", "DE", None, BERLIN),  # no-break space and hyphen
        ("\u202a+493023125000\u202c", "DE", None, BERLIN),  # copied out of a right-to-left text
        ("\u200b+493023125000\ufeff", "DE", None, BERLIN),
        ("\uff0b49 30 23125000", "DE", None, BERLIN),  # full-width plus
        ("٠٣٠٢٣١٢٥٠٠٠", "DE", None, BERLIN),  # Arabic digits
        ("+۴۹۳۰۲۳۱۲۵۰۰۰", "DE", None, BERLIN),  # Persian digits
        ("+४९३०२३१२५०००", "DE", None, BERLIN),  # Devanagari digits
        ("tel:+493023125000", "DE", None, BERLIN),
        ("+493023125000;ext=12", "DE", None, BERLIN),
        ("23125000;phone-context=+4930", "FR", None, BERLIN),
        ("de", "DE", None, None),
        # digits that the PBX puts in front
        ("003023125000", "DE", "0", BERLIN),
        ("0003023125000", "DE", "00", BERLIN),
        ("001713920017", "DE", "0", MOBILE),
        ("000493023125000", "DE", "0", BERLIN),
        ("0+493023125000", "DE", "0", BERLIN),
        ("004921871234", "DE", "0", "+494921871234"),  # Emden behind a zero, as configured, not +49 218 71234
        ("00491713920017", "DE", "0", MOBILE),  # behind a zero this would have thirteen digits: nobody has
        ("01713920017", "DE", "0", MOBILE),  # the PBX forgot its digit
        ("+491713920017", "DE", "0", MOBILE),
        ("90199001234", "FR", "9", PARIS),
        ("912025550123", "US", "9", "+12025550123"),
        ("92025550123", "US", "9", "+12025550123"),
        ("9011493023125000", "US", "9", BERLIN),
        ("9195550123", "US", "9", "+19195550123"),  # begins with a nine of its own
        ("*903023125000", "DE", "*9", BERLIN),
        # nothing
        ("", "DE", None, None),
        ("+", "DE", None, None),
        ("anonymous", "DE", None, None),
        ("alice", "DE", None, None),
        ("*31#03023125000", "DE", None, None),
        ("²²²²²²²²", "DE", None, None),  # isdigit() says they are digits
        ("+49", "DE", None, None),
        ("+4930", "DE", None, None),
        ("+999123456789", "DE", None, None),
        ("5550123", "US", None, None),  # a local number without its area
        ("1" * 40, "DE", None, None),
        ("+49" + "1" * 200, "DE", None, None),
        ("\ud800+493023125000", "DE", None, None),  # half a surrogate pair
        ("+493023125000", "XX", None, BERLIN),  # a country that is none costs nothing
    ],
)
def test_e164(raw: str, country: str | None, prefix: str | None, expected: str | None) -> None:
    assert understand(raw, DialPlan(country, prefix)).e164 == expected


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("4711", "DE", "4711"),
        ("70", "DE", "70"),
        ("0", "DE", "0"),
        ("0815", "DE", "0815"),
        ("301234", "DE", "301234"),  # a valid number of Berlin, without the zero that everybody dials
        ("٤٧١١", "AE", "4711"),
        ("47 11", None, "4711"),
        ("700123", "AD", None),  # Andorra has no national prefix and six digits
        ("1234567", "DE", None),
        ("+4711", "DE", None),
        ("47a1", "DE", None),
    ],
)
def test_extension(raw: str, country: str | None, expected: str | None) -> None:
    assert understand(raw, DialPlan(country)).extension == expected


def test_the_key_is_whichever_it_is() -> None:
    assert Understood(e164=BERLIN).key == BERLIN
    assert Understood(extension="4711").key == "4711"
    assert NOTHING.key is None


def test_digits_are_decimal_digits_of_any_script() -> None:
    assert digits("+٤٩ (0)30") == "+49030"
    assert digits("½") is None
    assert digits("①") is None


@pytest.mark.parametrize(
    ("number", "country"),
    [
        (BERLIN, "DE"),
        ("+41440000117", "CH"),
        ("+12025550123", "US"),
        ("+14165550123", "CA"),
        ("+447700900112", "GB"),  # not in the table: the code's main country
        ("+80012345678", None),
        ("nonsense", None),
    ],
)
def test_country_of(number: str, country: str | None) -> None:
    assert country_of(number) == country


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+493023125000", "Europe/Berlin"),
        ("+12125550123", "America/New_York"),  # of a country with several the area code tells
        ("+61255501234", "Australia/Sydney"),
        ("+61412345678", None),  # a mobile may be anywhere in it
        ("+88212345", None),
        ("+33639980101", None),
        ("no number", None),
    ],
)
def test_where_a_number_is_by_the_clock(number: str, zone: str | None) -> None:
    assert time_zone(number) == zone


@given(
    st.text(max_size=200),
    st.sampled_from([None, "DE", "US", "IT", "AD", "XX", ""]),
    st.sampled_from([None, "0", "9", "*"]),
)
def test_whatever_comes_in_nothing_raises(raw: str, country: str | None, prefix: str | None) -> None:
    understood = understand(raw, DialPlan(country, prefix))
    assert understood.e164 is None or understood.extension is None


@given(st.text(alphabet="+0123456789 -()/", max_size=24), st.sampled_from(["DE", "FR", "US", "IT", "AE"]))
def test_what_was_understood_is_understood_the_same_again(raw: str, country: str) -> None:
    number = understand(raw, DialPlan(country)).e164
    if number is not None:
        assert understand(number, DialPlan(country)).e164 == number
        assert understand(number, DialPlan("JP")).e164 == number


@given(st.from_regex(r"0?[1-9][0-9]{6,11}", fullmatch=True), st.sampled_from(" -./\u200e\u00a0"), st.integers(1, 6))
def test_separators_change_nothing(number: str, separator: str, place: int) -> None:
    written = number[:place] + separator + number[place:]
    assert understand(written, DialPlan("DE")) == understand(number, DialPlan("DE"))


def test_every_plan_can_be_loaded_ahead() -> None:
    numbers.warm()
    assert understand("0500000001", DialPlan("AE")).e164 == "+971500000001"


@pytest.mark.parametrize(
    ("raw", "country", "prefix", "tail"),
    [
        ("555-0123", "US", None, "5550123"),
        ("9 555 0123", "US", "9", "5550123"),
        ("03023125000", None, None, "3023125000"),  # of no country: its end may still say who it may be
        ("+999123456789", "DE", None, "999123456789"),
        ("123456", "DE", None, None),  # an extension
        ("+4711", "DE", None, None),  # too few digits to say anything
        ("03023125000", "DE", None, None),  # a number needs no tail
        ("1" * 22, "DE", None, None),
        ("266696687", "DE", None, None),  # nobody has no end either
        ("0000000000", "DE", None, None),
        ("030 BUERO", "DE", None, None),
        ("*31#03023125000", "DE", None, None),
    ],
)
def test_the_end_of_a_number_is_kept_where_nothing_else_is_known(
    raw: str, country: str | None, prefix: str | None, tail: str | None
) -> None:
    assert understand(raw, DialPlan(country, prefix)).tail == tail


@pytest.mark.parametrize(
    ("known", "country"),
    [
        (("DE", "+41440000110", "FR", "IT"), "DE"),
        ((None, "+41440000110", "FR", "IT"), "CH"),
        ((None, "+80012345678", "FR", "IT"), "FR"),  # international freephone has no country
        ((None, None, "FR", "IT"), "FR"),
        ((None, None, None, "IT"), "IT"),
        ((None, None, None, None), None),
        ((None, "", "", ""), None),
    ],
)
def test_the_country_comes_from_the_trunk_then_from_the_called_side(
    known: tuple[str | None, str | None, str | None, str | None], country: str | None
) -> None:
    assert country_for(*known) == country


@st.composite
def likely_numbers(draw: st.DrawFn) -> str:
    """Digits behind a plus that are a number, nearly one, or none."""
    example = draw(st.sampled_from(EXAMPLES))
    kept = draw(st.integers(2, len(example)))
    return f"{example[:kept]}{draw(st.from_regex(r'[0-9]{0,8}', fullmatch=True))}"[:16]


@given(st.lists(likely_numbers(), min_size=20, max_size=20), st.sampled_from(COUNTRIES))
def test_the_shortcut_says_what_the_long_way_says(many: list[str], country: str) -> None:
    for number in many:
        if numbers.is_clean(number):
            assert interpret(number, DialPlan(country)).e164 == number


@given(
    st.lists(st.from_regex(r"[0-9]{1,11}", fullmatch=True), min_size=20, max_size=20),
    st.sampled_from(COUNTRIES),
    st.sampled_from(["", "0", "code", "prefix", "example", "plus", "zeros"]),
)
def test_the_shortcut_of_national_forms_says_what_the_long_way_says(ends: list[str], country: str, front: str) -> None:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    example = phonenumbers.example_number(country)
    assert metadata is not None
    assert example is not None
    whole = phonenumbers.national_significant_number(example)
    code = str(metadata.country_code)
    start = {
        "": "", "0": "0", "code": code, "prefix": metadata.national_prefix or "", "example": "", "plus": f"+{code}0",
        "zeros": f"00{code}",
    }  # fmt: skip
    for end in ends:
        varied = whole[: -len(end)] + end if front in {"example", "plus", "zeros"} else end
        text = start[front] + varied
        at_home = at_once(text, country)
        assert at_home is None or interpret(text, DialPlan(country)).e164 == at_home


def test_most_numbers_take_the_shortcut() -> None:
    """Else an import of ten million people takes hours."""
    assert sum(map(numbers.is_clean, EXAMPLES)) > 0.97 * len(EXAMPLES)


@given(likely_numbers(), st.sampled_from(COUNTRIES), st.sampled_from([None, "0", "9"]))
def test_what_was_understood_stays_and_fits_into_a_key(raw: str, country: str, prefix: str | None) -> None:
    understood = understand(raw, DialPlan(country, prefix))
    if understood.key is not None:
        assert number_key.unpack(number_key.pack(understood.key)) == understood.key
    if understood.e164 is not None:
        assert understand(understood.e164, DialPlan("JP", prefix)).e164 == understood.e164
        assert understood.e164 not in understood.rewritten
    if understood.tail is not None:
        assert understood.key is None
        assert len(understood.tail) >= 7


def test_a_number_longer_than_e164_is_none() -> None:
    """Germany's plan names fifteen digits behind its code: seventeen fit into no key."""
    assert understand("+49" + "3" * 15, DialPlan("DE")) == NOTHING


def test_nothing_of_a_number_is_printed() -> None:
    assert "2312" not in repr(understand("03023125000", DialPlan("DE")))
    assert "3456" not in repr(understand("+5491123456789", DialPlan("DE")))
    assert "5550" not in repr(understand("5550123", DialPlan("US")))
