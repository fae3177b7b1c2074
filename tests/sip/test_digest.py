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


@pytest.mark.skipif("SHA-512-256" not in digest.ALGORITHMS, reason="this OpenSSL has no SHA-512/256")
def test_the_example_of_rfc_7616_3_9_2_as_corrected_by_erratum_4897() -> None:
    """The RFC's own figures are those of a SHA-512 that was cut, before SHA-512/256 was a standard. We say the user's
    name plainly: `userhash` changes nothing in the response."""
    line = (
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, '
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", '
        'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true'
    )
    asked = digest.strongest([line], proxy=False)
    assert asked is not None
    who = Credentials("J\u00e4s\u00f8n Doe", "Secret, or not?")
    given_ = digest.answer(asked, who, "GET", "/doe.json", "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", 1)
    assert given_.response == "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    assert given_.username == who.username


def test_without_it_in_openssl_sha_512_256_is_not_known_and_the_others_are() -> None:
    assert list(digest._known({"sha256"})) == ["SHA-256", "SHA-256-sess", "MD5", "MD5-sess"]
    assert list(digest._known({"sha512_256"}))[:2] == ["SHA-512-256", "SHA-512-256-sess"]


@pytest.mark.parametrize(
    ("algorithm", "cnonce", "response"),
    [
        ("MD5-sess", "ZDQ1YTE5ZGYwNGNkODdmNDdhODRhNmE0OTRiMDkzMTU=", "e477590b2c5181e2f58d2298e2778e23"),
        (
            "SHA-256-sess",
            "YjlhZDVhNThmNTUyNzg1M2U4OGU4MGJjY2Q5Njk0NTM=",
            "d1d36496fcfca58d5119dee222c0d859778480a867b6dd41ff9d2a85a76996ea",
        ),
    ],
)
def test_a_session_binds_the_password_to_nonce_and_cnonce_as_curl_does(
    algorithm: str, cnonce: str, response: str
) -> None:
    """What curl 7.88 answered to a server of ours."""
    asked = Challenge("pbx", "n1", algorithm, qop_auth=True)
    assert digest.answer(asked, Credentials("6001", "secret"), "GET", "/x", cnonce, 1).response == response


def test_the_example_of_rfc_2069_without_qop() -> None:
    asked = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    given_ = digest.answer(asked, Credentials("Mufasa", "CircleOfLife"), "GET", "/dir/index.html", "unused", 1)
    assert given_.response == "1949323746fe6a43ef61f9606e7febea"
    assert "cnonce" not in str(given_)
    assert "qop" not in str(given_)


LONG = "n" * (digest.LONGEST + 1)
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
        ('Digest realm="", nonce="b"', Challenge("", "b")),
        ('Digest realm = "a" , nonce = "b" , qop = auth', Challenge("a", "b", qop_auth=True)),
        ('Digest\trealm="a", nonce="b", algorithm="SHA-256-SESS", qop="auth"',
         Challenge("a", "b", "SHA-256-sess", qop_auth=True)),
        ('Basic realm="x", Digest realm="a", nonce="b"', Challenge("a", "b")),
        ('Negotiate, Digest realm="a", nonce="b", NTLM TlRM', Challenge("a", "b")),
        ('Digest realm="a", nonce="b", Digest realm="a", nonce="c", algorithm=SHA-256', Challenge("a", "c", "SHA-256")),
        ('Digest realm="a, Digest realm=b", nonce="b"', Challenge("a, Digest realm=b", "b")),
    ],
)  # fmt: skip
def test_a_challenge(line: str, challenge: Challenge) -> None:
    assert digest.strongest([line], proxy=False) == challenge


@pytest.mark.parametrize(
    "line",
    [
        "", "Digest", "Basic realm=x", 'Digest nonce="b"', 'Digest realm="a"', 'NTLM realm="a", nonce="b"',
        'Digest realm="a", nonce="b", algorithm=MD5-sess', 'Digest realm="a", nonce="b", qop="auth-int"',
        "Digest " + ",".join(["a"] * 100), "Digest " + ",".join(["a"] * 101), 'Digest realm="a", nonce=""',
        f'Digest realm="a", nonce="{LONG}"', f'Digest realm="{LONG}", nonce="b"',
        f'Digest realm="a", nonce="b", opaque="{LONG}"', 'Digest realm="a", nonce="b", algorithm=SHA-1',
    ],
)  # fmt: skip
def test_what_we_cannot_answer(line: str) -> None:
    assert digest.strongest([line], proxy=False) is None


@pytest.mark.parametrize(
    ("minimum", "algorithm"),
    [("MD5", "SHA-256"), ("SHA-256", "SHA-256"), ("SHA-512-256", None)],
)
def test_the_minimum_leaves_out_what_is_weaker(minimum: str, algorithm: str | None) -> None:
    lines = [ASTERISK, 'Digest realm="a", nonce="b", algorithm=SHA-256', 'Digest realm="a", nonce="b"']
    found = digest.strongest(lines, proxy=False, minimum=minimum)
    assert (found.algorithm if found else None) == algorithm


def test_of_equals_the_first_is_answered_and_a_plain_one_before_a_session() -> None:
    lines = ['Digest realm="s", nonce="b", algorithm=MD5-sess, qop="auth"', ASTERISK, KAMAILIO]
    assert digest.strongest(lines, proxy=False) == digest.strongest([ASTERISK], proxy=False)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], digest.NO_DIGEST),
        (["Basic realm=x", 'NTLM realm="a"'], digest.BASIC),
        (["Basic realm=x", 'Digest realm="a", nonce=""'], digest.ODD),
        (["Basic realm=x", 'Digest realm="a", nonce="b", qop="auth-int"'], digest.AUTH_INT),
        (['Digest realm="a", nonce="b", algorithm=MD5-sess'], digest.NO_SESSION),
    ],
)
def test_the_most_telling_reason_is_told(lines: list[str], why: digest.Unanswerable) -> None:
    assert digest.choose(lines, proxy=False, minimum="MD5") == why


def test_the_reason_never_repeats_what_the_peer_wrote() -> None:
    why = digest.choose(['Digest realm="+4989123", nonce="secret"'], proxy=False, minimum="SHA-256")
    assert why == digest.Unanswerable("asks for a digest weaker than SHA-256 (digest_minimum)")


@pytest.mark.parametrize(
    ("lines", "nonce"),
    [
        (['nextnonce="n2"'], "n2"),
        (['qop=auth, rspauth="00ff", cnonce="c", nc=00000001, nextnonce="n,2"'], "n,2"),
        (['rspauth="00ff"', "nextnonce=n3"], "n3"),
        ([], None),
        (['nextnonce=""'], None),
        ([f'nextnonce="{LONG}"'], None),
        (["a," * 200 + 'nextnonce="n2"'], None),
    ],
)
def test_the_next_nonce(lines: list[str], nonce: str | None) -> None:
    assert digest.next_nonce(lines) == nonce


def test_the_strongest_of_several_is_answered() -> None:
    lines = ["Basic realm=x", ASTERISK, 'Digest realm="a", nonce="b", algorithm=SHA-256', KAMAILIO]
    found = digest.strongest(lines, proxy=True)
    assert found == Challenge("a", "b", "SHA-256", proxy=True)


@given(TEXT, TEXT, TEXT, TEXT, st.booleans(), st.sampled_from(list(digest.ALGORITHMS)), st.integers(1, 2**32 - 1))
def test_an_answer_is_printed_read_and_proves(
    name: str, password: str, realm: str, nonce: str, qop: bool, algorithm: str, nc: int
) -> None:
    who = Credentials(name, password)
    if algorithm.endswith(digest.SESSION):
        qop = True
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
