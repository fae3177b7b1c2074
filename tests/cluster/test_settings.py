"""`[redis]`: what is refused, and how."""

import msgspec
import pytest

from ctibridge.cluster.settings import RedisSettings
from ctibridge.fields import Duration

URL = "redis://127.0.0.1:6379/0"


def test_the_address_is_all_that_is_needed() -> None:
    settings = RedisSettings(URL)
    assert settings.lease == Duration(5)
    assert settings.redundancy == "one"
    assert settings.directory == "sqlite"
    assert settings.prefix == "ctibridge"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"weight = 1.0", "url"),
        (b'url = "10.0.0.9:6379"', "url is redis://HOST:PORT/DB"),
        (b'url = "http://10.0.0.9"', "url is redis://HOST:PORT/DB"),
        (b'url = "redis://:s3cret@10.0.0.9"', "username and password"),
        (b'url = "redis://10.0.0.9"\nweight = 0', "weight"),
        (b'url = "redis://10.0.0.9"\nprefix = "a{b}"', "prefix"),
        (b'url = "redis://10.0.0.9"\nredundancy = "three"', "redundancy"),
        (b'url = "redis://10.0.0.9"\ncluster = true\nsentinels = ["10.0.0.1:26379"]', "two ways"),
    ],
)
def test_what_is_wrong_is_refused_by_name(text: bytes, names: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=names):
        msgspec.toml.decode(text, type=RedisSettings)


@pytest.mark.parametrize("url", ["redis://:s3cret@10.0.0.9", "http://:s3cret@10.0.0.9"])
def test_a_password_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="url") as refused:
        RedisSettings(url)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("seconds", [1.9, 60.1])
def test_a_lease_is_neither_a_moment_nor_for_ever(seconds: float) -> None:
    with pytest.raises(ValueError, match="lease is between 2 s and 60 s"):
        RedisSettings(URL, lease=Duration(seconds))
