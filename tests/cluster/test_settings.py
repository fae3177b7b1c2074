"""`[redis]`: what is refused, and how."""

from pathlib import Path

import msgspec
import pytest

from ctibridge.cluster.settings import Place, RedisSettings, access
from ctibridge.fields import Duration, Secret

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
        (b'url = "redis://10.0.0.9/3"\ncluster = true', "database 3"),
        (b'url = "redis://10.0.0.9/desks"', "number of a database"),
        (b'url = "redis://10.0.0.9/0?ssl=no"', "number of a database"),
        (b'url = "redis://desks"\nsentinels = ["me:secret@10.0.0.1"]', "HOST:PORT"),
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


def test_the_address_taken_to_pieces() -> None:
    settings = RedisSettings("rediss://[::1]:7000/3", sentinels=("a.test", "[::1]:5"))
    assert (settings.tls, settings.place, settings.db) == (True, Place("::1", 7000), 3)
    assert str(settings.place) == "[::1]:7000"
    assert settings.sentinel_places == (Place("a.test", 26379), Place("::1", 5))
    assert RedisSettings("redis://Desks", sentinels=("a.test",)).primary == "Desks"


def test_its_ca_file_lies_beside_the_configuration() -> None:
    assert RedisSettings(URL, ca_file="ca.pem").below(Path("/etc/here")).ca_file == "/etc/here/ca.pem"
    assert RedisSettings(URL).below(Path("/etc/here")).ca_file is None


def test_secrets_are_read_where_they_are_named_and_print_nowhere() -> None:
    settings = RedisSettings(URL, password=Secret(file="one"), sentinel_password=Secret(credential="two"))
    read = access(settings, lambda secret, what: f"{secret.file or secret.credential} of {what}")
    assert (read.password, read.sentinel_password) == ("one of redis, password", "two of redis, sentinel_password")
    assert "one of" not in repr(read)
    assert access(RedisSettings(URL), lambda _secret, what: what).password is None
