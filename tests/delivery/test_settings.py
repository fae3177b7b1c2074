import msgspec
import pytest

from ctibridge.delivery.settings import (
    AccountPrivacy,
    HostPort,
    PrivacySettings,
    SignInSettings,
    WebSettings,
    check_origin,
    listen_address,
    origin_of,
)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8137", "127.0.0.1", 8137),
        ("[::1]:80", "::1", 80),
        ("localhost:0", "localhost", 0),
        ("192.0.2.1:65535", "192.0.2.1", 65535),
    ],
)
def test_where_to_listen(text: str, host: str, port: int) -> None:
    assert listen_address(text) == HostPort(host, port)


@pytest.mark.parametrize(
    ("text", "host"), [("0.0.0.0:80", "127.0.0.1"), ("[::]:80", "::1"), ("192.0.2.1:80", "192.0.2.1")]
)
def test_who_listens_everywhere_is_reached_on_loopback(text: str, host: str) -> None:
    assert listen_address(text).here == HostPort(host, 80)


@pytest.mark.parametrize(
    "text", ["8137", "::1:80", "host", "host:", "host:65536", "http://host:80", ":8137", "a b:1", ""]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        WebSettings(listen=text)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://desk.example.net", "https://desk.example.net"),
        ("HTTPS://Desk.Example.NET:443/desk/", "https://desk.example.net"),
        ("http://[::1]:8137", "http://[::1]:8137"),
        ("http://a:80", "http://a"),
        ("https://a:80", "https://a:80"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("text", ["desk.example.net", "ftp://a", "https://", "https://u@a", "null", "https://a:x"])
def test_what_is_no_web_address(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the last one is urllib's own sentence
        WebSettings(public_url=text)


@pytest.mark.parametrize("text", ["https://a/", "https://a/desk", "https://a?x", "https://a#x"])
def test_an_allowed_origin_has_nothing_behind_it(text: str) -> None:
    with pytest.raises(ValueError, match="more than an origin"):
        WebSettings(allowed_origins=(text,))
    assert check_origin("https://A") == "https://a"


def test_own_origins_are_always_allowed() -> None:
    settings = WebSettings("127.0.0.1:0", ("https://other.example",), "https://desk.example.net/cti")
    assert settings.origins(4711) == {"http://127.0.0.1:4711", "https://other.example", "https://desk.example.net"}
    assert WebSettings("[::1]:80").origins(80) == {"http://[::1]"}


def test_defaults_are_those_of_the_contract() -> None:
    assert WebSettings() == WebSettings("127.0.0.1:8137", (), None)
    assert PrivacySettings() == PrivacySettings(90, "company", False)


def test_sign_in_is_as_the_contract_has_it() -> None:
    settings = SignInSettings()
    assert (settings.user_header, settings.trusted_proxies, settings.secret) == (
        "X-Forwarded-User",
        ("127.0.0.1",),
        None,
    )
    assert WebSettings().sign_in is None
    assert [str(one) for one in SignInSettings(trusted_proxies=("10.0.0.0/28", "fd00::1")).networks()] == [
        "10.0.0.0/28",
        "fd00::1/128",
    ]


@pytest.mark.parametrize(
    ("proxies", "mend"),
    [
        ((), "is empty"),
        (("proxy.example.net",), 'write it like "127.0.0.1"'),
        (("10.0.0.5/28",), "host bits"),
        (("127.0.0.1:8080",), "write it like"),
        (("10.0.0.1", "0.0.0.0/0"), "trusts everybody"),
        (("::/0",), "trusts everybody"),
        (("::ffff:127.0.0.1",), "as IPv6 writes it"),
        (("fe80::1%eth0",), "on every interface"),
    ],
)
def test_whom_nobody_should_trust(proxies: tuple[str, ...], mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        SignInSettings(trusted_proxies=proxies)


@pytest.mark.parametrize("header", ["", "X User", "X-User:", "X-Üser", "x" * 65, "X-Forwarded-For", "cookie", "Host"])
def test_headers_that_name_no_user(header: str) -> None:
    with pytest.raises(ValueError, match="names no user"):
        SignInSettings(user_header=header)


def test_one_customer_may_agree_to_something_else() -> None:
    acme = AccountPrivacy("acme", call_log_days=30, phone_labels=("work", "mobile"))
    privacy = PrivacySettings(call_log_days=60, account=(acme, AccountPrivacy("fleuron")))
    assert [privacy.days(account) for account in ("acme", "fleuron", "other")] == [30, 60, 60]
    assert privacy.phone_labels == {"acme": ("work", "mobile")}


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ('{"account": [{"id": "acme"}, {"id": "acme"}]}', "'acme' is there twice"),
        ('{"account": [{"id": ""}]}', "id is empty"),
        ('{"account": [{"id": "acme", "phone_labels": []}]}', "phone_labels is empty"),
        ('{"account": [{"id": "acme", "call_log_days": 0}]}', "call_log_days"),
    ],
)
def test_what_a_customer_cannot_have_agreed_to(settings: str, why: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=why):
        msgspec.json.decode(settings, type=PrivacySettings)
