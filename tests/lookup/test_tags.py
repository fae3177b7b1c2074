import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup import tags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de_ch", "de-CH"),
        (" de-CH ", "de-CH"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("ca-es-VALENCIA", "ca-ES-valencia"),
        ("gsw", "gsw"),
        ("zh-yue-HK", "yue-HK"),  # RFC 5646 4.5: the second part says it alone
        ("zh-cmn-Hans-CN", "zh-Hans-CN"),
        ("ar-arz", "arz"),
        ("de-DE-u-co-phonebk", "de-DE"),  # sorting is no language
        ("en-x-oncall", "en"),
        ("de-1996", "de-1996"),
        ("deu", "de"),  # ISO 639-2, as exports of HR systems have it
        ("ger-AT", "de-AT"),
        ("iw", "he"),
        ("tl-PH", "fil-PH"),
        ("sh", "sr-Latn"),
        ("sh-Cyrl-RS", "sr-Cyrl-RS"),
        ("cnr", "sr-ME"),
        ("en_UK", "en-GB"),
        ("ru-SU", "ru-SU"),  # of many successors none
    ],
)
def test_canonical(text: str, expected: str) -> None:
    assert tags.canonical(text) == expected
    assert tags.known(text) == expected


@pytest.mark.parametrize(
    "text", ["", "d", "Deutsch", "xx", "de-", "de--CH", "de-CHE", "../de", "de_DE.UTF-8", "дe", "de-x", "de-u"]
)
def test_what_is_no_tag(text: str) -> None:
    with pytest.raises(ValueError, match="is not known"):
        tags.canonical(text)
    assert tags.known(text) is None
    assert tags.known(None) is None


@pytest.mark.parametrize("text", ["und", "mul", "zxx", "mis", "und-CH"])
def test_a_tag_that_names_no_language_is_none(text: str) -> None:
    assert tags.known(text) is None


@given(st.text(max_size=30) | st.from_regex(r"[a-z]{2,3}(-[A-Za-z]{4})?(-[A-Z]{2})?", fullmatch=True))
def test_canonical_twice_is_canonical_once(text: str) -> None:
    tag = tags.known(text)
    assert tag is None or tags.canonical(tag) == tag


@pytest.mark.parametrize(
    ("tag", "name", "endonym"),
    [
        ("de-CH", "German (Switzerland)", "Deutsch (Schweiz)"),  # as in the contract
        ("de", "German", "Deutsch"),
        ("fr-BE", "French (Belgium)", "français (Belgique)"),
        ("ar-AE", "Arabic (United Arab Emirates)", "العربية (الإمارات العربية المتحدة)"),
        ("ja", "Japanese", "日本語"),
        ("el", "Greek", "Ελληνικά"),
        ("uk", "Ukrainian", "українська"),
        ("zh-Hant-TW", "Chinese (Traditional, Taiwan)", "中文 (繁體, 台灣)"),
        ("de-US", "German (United States)", "Deutsch (Vereinigte Staaten)"),  # CLDR has no such locale
        ("tlh", "Klingon", "Klingon"),  # nor any of this language
    ],
)
def test_names(tag: str, name: str, endonym: str) -> None:
    assert tags.names(tag) == (name, endonym)


@given(st.from_regex(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", fullmatch=True))
def test_every_tag_has_names(tag: str) -> None:
    name, endonym = tags.names(tag)
    assert name
    assert endonym


def test_warm_makes_ready() -> None:
    assert not tags.ready("is-IS")
    tags.warm(["is-IS"])
    assert tags.ready("is-IS")


@pytest.mark.parametrize(
    ("spoken", "tag", "expected"),
    [
        (["de"], "de-CH", True),
        (["de-CH"], "de", True),
        (["de-DE"], "de-CH", True),
        (["en", "fr"], "fr-BE", True),
        (["de"], "nl", False),
        ([], "de", False),
        (["nb"], "no", True),
        (["nn"], "nb-NO", True),
        (["zh-Hans"], "zh-Hant-TW", True),
        (["zh"], "yue", False),
        (["sr-Latn"], "sr-Cyrl-RS", True),
        (["yue"], "zh-HK", True),  # what is spoken in Hong Kong is Cantonese
        (["zh-HK"], "yue", True),
        (["zh-HK"], "zh-Hans-CN", True),
        (["zh"], "zh-Hant-MO", True),
        (["yue"], "zh-Hant-TW", False),
        (["hr"], "sr-Cyrl", True),  # three tags, one conversation
        (["sr"], "bs", True),
        (["bs"], "sh", True),
        (["hr"], "sl", False),
        (["de"], "gsw", True),  # who speaks Swiss German understands German
        (["gsw"], "de", False),  # who wants to speak it says so
        (["cs"], "sk", False),
        (["ar"], "arz-EG", True),
        (["fil"], "tl", True),
        (["he"], "iw", True),
        (["Deutsch", "de"], "de", True),  # what is no tag spoils nothing
        (["de"], "Deutsch", False),
    ],
)
def test_speaks(spoken: list[str], tag: str, expected: bool) -> None:
    assert tags.speaks(spoken, tag) is expected


def test_speakers_exact_tag_first_then_by_place_in_the_list() -> None:
    agents = {
        "third": ("fr", "en", "de"),
        "nobody": ("en",),
        "second": ("en", "de-AT"),
        "first": ("en", "fr", "de-CH"),
        "also-second": ("fr", "de"),
        "none": (),
    }
    assert tags.speakers("de-CH", agents) == ("first", "also-second", "second", "third")


def test_speakers_who_only_makes_himself_understood_comes_last() -> None:
    agents = {"croat": ("hr",), "serb": ("en", "de", "sr-Latn")}
    assert tags.speakers("sr-RS", agents) == ("serb", "croat")
    assert tags.speakers("sl", agents) == ()


def test_speakers_do_not_depend_on_the_order_of_the_agents() -> None:
    agents = dict.fromkeys("bca", ("de", "en"))
    assert tags.speakers("de", agents) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("de", ("de",)),
        ("zh-Hant-TW", ("zh-Hant-TW", "zh-Hant", "zh")),
        ("nb-NO", ("nb-NO", "nb", "no")),
        ("no", ("no", "nb")),
        ("gsw", ("gsw", "de")),
    ],
)
def test_forms(tag: str, expected: tuple[str, ...]) -> None:
    assert tags.forms(tag) == expected


@pytest.mark.parametrize(
    ("country", "tag"),
    [
        *(("DE", "de"), ("CH", "de"), ("AE", "ar"), ("JP", "ja"), ("GR", "el"), ("BR", "pt"), ("US", "en")),
        *(("BA", "bs"), ("RS", "sr"), ("TW", "zh-Hant"), ("HK", "zh-HK"), ("AQ", None), ("001", None), ("", None)),
    ],
)
def test_of_country(country: str, tag: str | None) -> None:
    assert tags.of_country(country) == tag
