"""Digest: the RFCs' own examples, challenges of real registrars, and answers that prove nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import digest
from ctibridge.sip.digest import Answer, Challenge, Credentials
from ctibridge.sip.errors import RemoteFault

MUFASA = Credentials("Mufasa", "Circle of Life")
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"))


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616_3_9_1(algorithm: str, response: str) -> None:
    asked = Challenge(
        "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", algorithm,
        "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop_auth=True,
    )  # fmt: skip
    given_ = digest.answer(
        asked, MUFASA, "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1
    )  # fmt: skip
    assert given_.response == response
    assert "qop=auth, nc=00000001" in str(given_)


def test_the_example_of_rfc_2069_without_qop() -> None:
    asked = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    given_ = digest.answer(asked, Credentials("Mufasa", "CircleOfLife"), "GET", "/dir/index.html", "unused", 1)
    assert given_.response == "1949323746fe6a43ef61f9606e7febea"
    assert "cnonce" not in str(given_)
    assert "qop" not in str(given_)


KAMAILIO = 'Digest realm="ctibed", nonce="YWJj", qop="auth"'
ASTERISK = 'Digest  realm="asterisk",nonce="1/2f==",opaque="4c",algorithm=MD5,qop="auth"'


@pytest.mark.parametrize(
    ("line", "challenge"),
    [
        (KAMAILIO, Challenge("ctibed", "YWJj", "MD5", None, qop_auth=True)),
        (ASTERISK, Challenge("asterisk", "1/2f==", "MD5", "4c", qop_auth=True)),
        ('digest REALM="a", Nonce="b", Algorithm=sha-256', Challenge("a", "b", "SHA-256")),
        ('Digest realm="a,b", nonce="c", stale=TRUE, qop="auth-int,auth"',
         Challenge("a,b", "c", qop_auth=True, stale=True)),
        ('Digest realm="", nonce=""', Challenge("", "")),
    ],
)  # fmt: skip
def test_a_challenge(line: str, challenge: Challenge) -> None:
    assert digest.strongest([line], proxy=False) == challenge


@pytest.mark.parametrize(
    "line",
    [
        "", "Digest", "Basic realm=x", 'Digest nonce="b"', 'Digest realm="a"', 'NTLM realm="a", nonce="b"',
        'Digest realm="a", nonce="b", algorithm=MD5-sess', 'Digest realm="a", nonce="b", qop="auth-int"',
        "Digest " + ",".join(["a"] * 100),
    ],
)  # fmt: skip
def test_what_we_cannot_answer(line: str) -> None:
    assert digest.strongest([line], proxy=False) is None


def test_the_strongest_of_several_is_answered() -> None:
    lines = ["Basic realm=x", ASTERISK, 'Digest realm="a", nonce="b", algorithm=SHA-256', KAMAILIO]
    found = digest.strongest(lines, proxy=True)
    assert found == Challenge("a", "b", "SHA-256", proxy=True)


@given(TEXT, TEXT, TEXT, TEXT, st.booleans(), st.sampled_from(list(digest.ALGORITHMS)), st.integers(1, 2**32 - 1))
def test_an_answer_is_printed_read_and_proves(
    name: str, password: str, realm: str, nonce: str, qop: bool, algorithm: str, nc: int
) -> None:
    who = Credentials(name, password)
    made = digest.answer(Challenge(realm, nonce, algorithm, qop_auth=qop), who, "REGISTER", "sip:pbx", "c", nc)
    read = digest.read_answer(str(made))
    assert read == made
    assert digest.proves(read, who, "REGISTER")
    assert not digest.proves(read, who, "INVITE")
    assert not digest.proves(read, Credentials(name, password + "x"), "REGISTER")
    assert not digest.proves(read, Credentials(name + "x", password), "REGISTER")


GIVEN = Answer("6001", "pbx", "n", "sip:pbx", "0" * 32, "MD5", None, "c", 1)


@pytest.mark.parametrize(
    "line",
    [
        "", "Basic eDp5", "Digest username=x", str(GIVEN).replace("nc=00000001", "nc=1"),
        str(GIVEN).replace("nc=00000001", "nc=-0000001"), str(GIVEN).replace("nc=00000001", "x=y"),
        str(GIVEN).replace('cnonce="c", ', ""), str(GIVEN).replace("=MD5", "=MD6"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_read(line: str) -> None:
    with pytest.raises(RemoteFault):
        digest.read_answer(line)


def test_a_response_that_is_no_ascii_proves_nothing_and_raises_nothing() -> None:
    assert not digest.proves(replace(GIVEN, response="ä"), Credentials("6001", "x"), "REGISTER")


def test_print_shows_no_secret() -> None:
    assert "Circle" not in repr(MUFASA)
