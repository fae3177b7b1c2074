import pytest

from ctibridge.watch.address import desk_url, is_exposed, own_url


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://desk.example.net", "wss://desk.example.net/v1/desk"),
        ("https://desk.example.net/", "wss://desk.example.net/v1/desk"),
        ("HTTP://127.0.0.1:8137", "ws://127.0.0.1:8137/v1/desk"),
        ("wss://example.net/cti/", "wss://example.net/cti/v1/desk"),
        ("ws://[::1]:8137/v1/desk", "ws://[::1]:8137/v1/desk"),
    ],
)
def test_an_address_as_people_write_it(typed: str, url: str) -> None:
    assert desk_url(typed) == url


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://desk.example.net/x y",
        "desk.example.net",
        "ftp://x",
        "https://",
        "https://x:99999",
        "https://[::1",
        "https://desk..example.net",
        f"https://{'a' * 64}.example.net",
        "file:///v1/desk",
    ],
)
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"write it like https://desk\.example\.net"):
        desk_url(typed)


@pytest.mark.parametrize("typed", ["https://ana:secret@x", "http://x/#token=secret", "http://x/?token=secret"])
def test_a_token_in_an_address_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(ValueError, match="--token-file") as refusal:
        desk_url(typed)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "ws://127.0.0.1:8137/v1/desk"),
        ("::1", "ws://[::1]:8137/v1/desk"),
    ],
)
def test_the_daemon_of_this_machine(host: str, url: str) -> None:
    assert own_url(host, 8137) == url


@pytest.mark.parametrize(
    ("url", "exposed"),
    [
        ("ws://127.0.0.1:1/v1/desk", False),
        ("ws://[::1]:1/v1/desk", False),
        ("ws://localhost/v1/desk", False),
        ("wss://desk.example.net/v1/desk", False),
        ("ws://desk.example.net/v1/desk", True),
        ("ws://10.0.0.5/v1/desk", True),
        ("ws://127.0.0.1.example.net/v1/desk", True),
    ],
)
def test_what_travels_openly_to_another_machine(url: str, exposed: bool) -> None:
    assert is_exposed(url) is exposed
