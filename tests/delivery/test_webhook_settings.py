import base64

import pytest
from standardwebhooks import Webhook

from ctibridge.delivery.webhook_settings import (
    WebhookSettings,
    access,
    check_names,
    is_loopback,
    signing_key,
)
from ctibridge.fields import Duration, Secret

URL = "https://tool.example.net/hooks/ctibridge"
ZAMMAD = "https://zammad.example.net/api/v1/cti/{secret}"
KEY = bytes(range(32))
WHSEC = "whsec_" + base64.b64encode(KEY).decode()
FILE = Secret(file="secrets/tool")


def webhook(**keys: object) -> WebhookSettings:
    return WebhookSettings(**({"name": "tool", "url": URL, "secret": FILE} | keys))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [URL, "https://[2001:db8::1]:8443/", "http://127.0.0.1:9/x?y=1", "http://[::1]:9", "http://localhost:9"],
)
def test_a_url_that_is_taken(url: str) -> None:
    assert webhook(url=url).url == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("tool.example.net/geheim", "no web address"),
        ("ftp://geheim.example.net", "no web address"),
        ("https://:443/geheim", "no web address"),
        ("https://a:x/geheim", "no web address"),
        ("https://a:0/geheim", "no web address"),
        ("https://[::1/geheim", "no web address"),
        ("https://ana:geheim@a/", "has a user"),
        ("https://a/#geheim", "a fragment"),
        ("http://a.example.net/geheim", "write https://"),
        ("http://10.0.0.1/geheim", "write https://"),
        ("http://127.0.0.1.example.net/geheim", "write https://"),
        ("https://a/geheim\r\nEvil: x", "visible ASCII"),
        ("https://a/geheim x", "visible ASCII"),
        ("https://ä/geheim", "visible ASCII"),
        ("https://a\\@b/geheim", "visible ASCII"),
        ("https://a/geheim" + "x" * 2048, "visible ASCII"),
        ("https://a/{secret}", "never sent"),
    ],
)
def test_a_url_that_is_refused_is_not_repeated(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        webhook(url=url)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"name": ""}, "name is 1 to 40"),
        ({"name": "Tool"}, "name is 1 to 40"),
        ({"name": "tool\n"}, "name is 1 to 40"),
        ({"name": "t" * 41}, "name is 1 to 40"),
        ({"secret": None}, "secret is missing"),
        ({"timeout": Duration(0.05)}, "timeout is 100ms to 60s"),
        ({"timeout": Duration(61)}, "timeout is 100ms to 60s"),
        ({"keep": Duration(59)}, "keep is 1m to 30d"),
        ({"keep": Duration(31 * 86400)}, "keep is 1m to 30d"),
        ({"format": "zammad"}, "write both or none"),
        ({"format": "zammad", "url": ZAMMAD, "secret": None}, "write both or none"),
        ({"format": "zammad", "url": ZAMMAD, "events": ("call.ringing",)}, "its own three"),
        ({"format": "zammad", "url": "https://{secret}/"}, "secret host"),
    ],
)
def test_what_does_not_hold(keys: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        webhook(**keys)


def test_a_key_is_read_as_standard_webhooks_reads_it() -> None:
    assert access(webhook(), WHSEC).key == KEY == Webhook(WHSEC)._whsecret


@pytest.mark.parametrize(
    "text",
    [
        "geheim",
        base64.b64encode(KEY).decode(),
        "whsec_" + base64.b64encode(KEY[:23]).decode(),
        "whsec_" + base64.b64encode(KEY * 3).decode(),
        WHSEC + "\n!",
        "whsec_ä",
        "whpk_" + base64.b64encode(KEY).decode(),
    ],
)
def test_what_is_no_key_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="openssl rand") as refused:
        signing_key(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize("length", [24, 64])
def test_the_shortest_and_the_longest_key(length: int) -> None:
    assert signing_key("whsec_" + base64.b64encode(bytes(length)).decode()) == bytes(length)


def test_the_token_of_the_zammad_form_goes_into_its_url() -> None:
    settings = webhook(format="zammad", url=ZAMMAD)
    opened = access(settings, "a/b?c")
    assert (opened.url, opened.key) == ("https://zammad.example.net/api/v1/cti/a%2Fb%3Fc", None)
    assert "a%2F" not in repr(opened)


def test_a_zammad_url_with_its_token_written_in_it() -> None:
    assert access(webhook(format="zammad", secret=None), None).url == URL


def test_two_of_one_name_are_refused() -> None:
    check_names((webhook(), webhook(name="other")))
    with pytest.raises(ValueError, match="two are called 'tool'"):
        check_names((webhook(), webhook(name="other"), webhook()))


@pytest.mark.parametrize(("host", "here"), [("127.8.8.8", True), ("::1", True), ("localhost", True), ("a", False)])
def test_loopback(host: str, here: bool) -> None:
    assert is_loopback(host) is here
