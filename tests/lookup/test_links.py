import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.screen_pop import Link
from ctibridge.lookup.links import PLACEHOLDERS, check, links

VALUES: dict[str, str | None] = {"number": "+49 30", "email": "a&b=c/d@x", "call_id": "c1", "employee_id": None}


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://x.example/sd?telephone={number}", "https://x.example/sd?telephone=%2B49%2030"),
        ("https://x.example/{email}", "https://x.example/a%26b%3Dc%2Fd%40x"),
        ("http://x.example/{call_id}/{call_id}", "http://x.example/c1/c1"),
        ("https://x.example/", "https://x.example/"),
        # Xurrent's and ServiceNow's own addresses for telephony.
        ("https://acme.xurrent.com/sd?telephone={number}", "https://acme.xurrent.com/sd?telephone=%2B49%2030"),
        (
            "https://acme.service-now.com/cti.do?sysparm_caller_phone={number}&sysparm_cti_rule=CTI",
            "https://acme.service-now.com/cti.do?sysparm_caller_phone=%2B49%2030&sysparm_cti_rule=CTI",
        ),
    ],
)
def test_values_are_escaped(template: str, url: str) -> None:
    assert links([("Open", template)], VALUES) == (Link("Open", url),)


@pytest.mark.parametrize(
    "template",
    [
        "https://x.example/{employee_id}",  # not known
        "https://x.example/{number}/{support_id}",  # half a link would open somebody else
        "javascript:alert({number})",
        "file:///etc/passwd",
        "//x.example/{number}",
        "https://{number}.example/",
        "https://x.example/{number.__class__}",
        "https://x.example/{}",
        "https://",
    ],
)
def test_no_link(template: str) -> None:
    assert links([("Open", template)], VALUES) == ()


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("ftp://x.example", "https://"),
        ("x.example/{number}", "https://"),
        ("https://{number}.example/", "host"),
        ("https://x.example/a b", "blanks"),
        ("https://x.example/{nummer}", "{nummer}"),
    ],
)
def test_check_names_what_is_wrong(template: str, names: str) -> None:
    with pytest.raises(ValueError, match=names.replace("{", r"\{")):
        check(template)


@given(st.sampled_from(PLACEHOLDERS), st.text(min_size=1, max_size=30))
def test_no_value_leads_elsewhere(name: str, value: str) -> None:
    (link,) = links(
        [("Open", f"https://x.example/p?q={{{name}}}&z=1")], {name: value.encode(errors="ignore").decode() or "x"}
    )
    assert link.url.startswith("https://x.example/p?q=")
    assert link.url.endswith("&z=1")
    assert not set(link.url[len("https://x.example/p?q=") : -len("&z=1")]) & set("&#/?= \n")
