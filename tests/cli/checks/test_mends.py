"""A reason that the SIP room gives has one mend; a wrong realm is told from a wrong password as far as one can."""

import pytest

from ctibridge.cli.checks.mends import OTHERWISE, mend, plain
from ctibridge.sip.authorization import refused_by
from ctibridge.sip.lines import ALONE_WHY, HELD_WHY


@pytest.mark.parametrize(
    ("realm", "domain", "told"),
    [
        ("asterisk", "10.0.0.5", "compare username and password"),
        ("pbx.example.net", "PBX.example.net", "compare username and password"),
        ("pbx.example.net", "10.0.0.5", 'set domain = "pbx.example.net", or mend username and password'),
    ],
)
def test_a_refused_password_by_its_realm(realm: str, domain: str, told: str) -> None:
    assert told in mend(f"registrar {refused_by(realm)}", domain)


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("registrar asks for a digest weaker than SHA-256 (digest_minimum)", "digest_minimum"),
        ("registrar asks for Basic alone, which would give the password away", "MD5 or SHA-256"),
        ("registrar asks for a password, and there is none", "give the line a password"),
        ("registrar says 403", "may register from this address"),
        ("registrar says 404", "has this line, under this domain"),
        ("registrar says 503", "asked again by itself"),
        ("registrar says 499", "PBX's log why"),
        ("registrar says 423 without a longer Min-Expires", "longer expires"),
        ("PBX says 489", "leave dialog-info out"),
        ("registrar does not answer", "firewall"),
        ("no connection to the registrar: certificate of pbx is not trusted; give ca_file", "see the row of its TLS"),
        ("no connection to the registrar: pbx does not listen at port 5061 (TLS)", "firewall"),
        ("the registrar's name cannot be resolved", "name server"),
        (ALONE_WHY, "sign its phone on"),
        (HELD_WHY, "follows"),
        ("registrar grants less than 3 seconds", OTHERWISE),
    ],
)
def test_each_reason(why: str, told: str) -> None:
    assert told in mend(why, "pbx.test")
    assert "\n" not in mend(why, "pbx.test")


def test_a_row_has_one_mend() -> None:
    assert plain(ALONE_WHY).endswith("the PBX allows one contact for a line")
    assert plain("registrar says 403") == "registrar says 403"
