"""The page's own texts: whole in six languages, all of them used, and none left in the scripts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import page_files
from tests.delivery.adapters.js_strings import strings

PAGE = Path(page_files.__file__).parent / "page"
PARTS = ("frame", "pop", "context", "rail", "settings")
FORMS = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "nl": {"one", "other"},
    "fr": {"one", "other"},  # "many" is for millions, and falls back to "other"
    "es": {"one", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
OTHERS = sorted(FORMS.keys() - {"en"})
Text = str | dict[str, str]


def messages(language: str) -> dict[str, Text]:
    return {
        f"{part}.{key}": text
        for part in PARTS
        for key, text in json.loads((PAGE / "messages" / language / f"{part}.json").read_text()).items()
    }


def forms(text: Text) -> dict[str, str]:
    return {"other": text} if isinstance(text, str) else text


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


ENGLISH = messages("en")


# -- six languages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_there_in_every_language(language: str) -> None:
    found = messages(language)
    assert ENGLISH.keys() - found.keys() == set(), "not translated yet"
    assert found.keys() - ENGLISH.keys() == set(), "no such English text"
    assert [key for key, text in found.items() if not all(form.strip() for form in forms(text).values())] == []


@pytest.mark.parametrize("language", FORMS)
def test_what_is_counted_has_the_forms_of_its_language(language: str) -> None:
    """One text for every number will do where English has no more than that."""
    for key, text in messages(language).items():
        if isinstance(text, dict):
            assert isinstance(ENGLISH[key], dict), key
            assert text.keys() == FORMS[language], key
        else:
            assert len(set(forms(ENGLISH[key]).values())) == 1, key


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_is_put_into_each_translation(language: str) -> None:
    """A form for none, one or two may say the number in a word."""
    for key, text in messages(language).items():
        wanted = placeholders(forms(ENGLISH[key])["other"])
        for form, said in forms(text).items():
            spared = {"n"} if form in {"zero", "one", "two"} else set()
            assert wanted - spared <= placeholders(said) <= wanted, f"{key} {form}"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_is_no_copy(language: str) -> None:
    """A few words are the same in two languages; whole sentences are not."""
    sentences = {key: text for key, text in ENGLISH.items() if len(forms(text)["other"].split()) > 3}
    copied = [key for key, text in messages(language).items() if key in sentences and text == sentences[key]]
    assert copied == []


@pytest.mark.parametrize("language", FORMS)
def test_the_longer_name_of_a_button_holds_what_stands_on_it(language: str) -> None:
    """WCAG 2.5.3. `x_of` says for whom or what the button `x` is."""
    found = messages(language)
    named = {key.removesuffix("_of"): text for key, text in found.items() if key.endswith("_of") and key[:-3] in found}
    assert named
    assert {key: text for key, text in named.items() if str(found[key]) not in text} == {}


def test_nothing_in_a_text_is_markup_or_a_hidden_sign() -> None:
    for language in FORMS:
        for key, text in messages(language).items():
            for form in forms(text).values():
                assert not re.search(r"[<>&\x00-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]", form), f"{language} {key}"


# -- the scripts ------------------------------------------------------------------------------------------------------

KEY = re.compile(rf"({'|'.join(PARTS)})\.[\w.\-\0]+")


def used() -> Iterator[re.Pattern[str]]:
    """Of each key that a script or the page's HTML names; what stands in its `${…}` may be anything."""
    named = [text for script in PAGE.glob("*.js") for text in strings(script.read_text())]
    named += re.findall(r'data-t(?:-[\w-]+)?="([^"]+)"', (PAGE / "index.html").read_text())
    for name in named:
        if KEY.fullmatch(name) and not name.endswith((".js", ".css", ".json")):
            yield re.compile(re.escape(name).replace("\0", r"[\w\-]+"))


def test_every_text_that_is_used_exists() -> None:
    missing = sorted({one.pattern for one in used() if not any(map(one.fullmatch, ENGLISH))})
    assert missing == []


def test_every_text_that_exists_is_used() -> None:
    patterns = list(used())
    assert sorted(key for key in ENGLISH if not any(one.fullmatch(key) for one in patterns)) == []


SENTENCE = re.compile(r"\b[A-Z][a-z]{2,}\b(?!-)|[a-z]+ [a-z]+ [a-z]+ [a-z]+|[a-z][.!?…]$")
NO_TEXT = re.compile(
    r"Notification|From"  # what the browser and the wire call things
    r"|Escape|Enter|Tab|Home|End|Backspace|Delete|Arrow\w+|Page\w+|((Alt|Ctrl|Esc)[\W\d]*)+|Control|Shift|Meta"  # keys
    r"|[\w\s.#>:~*()=\[\]\0,\"\\-]*[.#\[>:][\w\-]+[\w\s.#>:~*()=\[\]\0,\"\\-]*"  # selectors
)


def test_no_text_is_left_in_the_scripts() -> None:
    left = [
        f"{script.name}: {text}"
        for script in PAGE.glob("*.js")
        for text in strings(script.read_text())
        if SENTENCE.search(text) and not NO_TEXT.fullmatch(text)
    ]
    assert left == []


def test_what_stands_in_the_html_is_the_english_text_of_its_key() -> None:
    """Until the language is there. Besides: the product's name, what a script fills at once, what is no language."""
    html = (PAGE / "index.html").read_text()
    named = re.findall(r'<[^>]*\bdata-t="([^"]+)"[^>]*>([^<]*)<', html)
    labelled = re.findall(r'<[^>]*\baria-label="([^"]+)"[^>]*\bdata-t-label="([^"]+)"', html)
    assert {key: text for key, text in named if text} == {key: ENGLISH[key] for key, text in named if text}
    assert {key: text for text, key in labelled} == {key: ENGLISH[key] for _, key in labelled}
    assert len(re.findall(r"\baria-label=|\btitle=|\bplaceholder=", html)) == len(labelled)
    unloaded = r'<div id="unloaded".*?</div>'  # for whom nothing else arrived
    rest = re.sub(
        rf'{unloaded}|<noscript>.*?</noscript>|<head>.*?</head>|<(\w+)[^>]*\bdata-t="[^>]*>[^<]*</\1>',
        "",
        html,
        flags=re.DOTALL,
    )
    bare = [text.strip() for text in re.findall(r"(?<=>)[^<]+(?=<)", rest) if text.strip()]
    assert bare == ["ctibridge", "Connecting", "?", "ctibridge token issue --agent YOU"]


def test_that_the_page_did_not_arrive_stands_in_it_in_each_language() -> None:
    """What the words are in is then missing, too."""
    html = (PAGE / "index.html").read_text()
    (unloaded,) = re.findall(r'<div id="unloaded".*?</div>', html, flags=re.DOTALL)
    said = re.findall(r'<p [^>]*lang="(\w+)"[^>]*>([^<]+)</p>', unloaded)
    assert sorted(language for language, _ in said) == sorted(FORMS)
    assert len({text for _, text in said}) == len(FORMS)
