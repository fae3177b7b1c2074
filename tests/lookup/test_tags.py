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
    ],
)
def test_canonical(text: str, expected: str) -> None:
    assert tags.canonical(text) == expected
    assert tags.known(text) == expected


@pytest.mark.parametrize("text", ["", "d", "Deutsch", "xx", "de-", "de--CH", "de-CHE", "../de", "de_DE.UTF-8", "дe"])
def test_what_is_no_tag(text: str) -> None:
    with pytest.raises(ValueError, match="is not known"):
        tags.canonical(text)
    assert tags.known(text) is None
    assert tags.known(None) is None


@given(st.text(max_size=30))
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
    ],
)
def test_speaks(spoken: list[str], tag: str, expected: bool) -> None:
    assert tags.speaks(spoken, tag) is expected


@pytest.mark.parametrize(
    ("country", "tag"),
    [("DE", "de"), ("CH", "de"), ("AE", "ar"), ("JP", "ja"), ("GR", "el"), ("BR", "pt"), ("US", "en"), ("AQ", None)],
)
def test_of_country(country: str, tag: str | None) -> None:
    assert tags.of_country(country) == tag
