"""What a running daemon can take of another configuration, and what it cannot."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ctibridge import reload
from ctibridge.config import NodeSettings, ProviderSettings, Settings
from ctibridge.delivery.settings import PrivacySettings, SignInSettings, WebSettings
from ctibridge.fields import Duration, Secret
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.sip.settings import LineSettings, ObserverSettings, TrunkSettings

TRUNK = TrunkSettings(name="pbx", registrar="sip:127.0.0.9", observe=("contact", "dialog-info"))
NODE = NodeSettings("desk-1", Path("/var/lib/ctibridge"))
OLD = Settings(node=NODE, trunk=(TRUNK,))


def other(settings: Any, **keys: Any) -> Any:
    return msgspec.structs.replace(settings, **keys)


@pytest.mark.parametrize(
    ("new", "late"),
    [
        (OLD, []),
        (other(OLD, web=WebSettings("127.0.0.1:8138")), ["web.listen"]),
        (other(OLD, web=WebSettings(OLD.web.listen, sign_in=SignInSettings())), ["web.sign_in"]),
        (other(OLD, node=NodeSettings("desk-2", Path("/srv"))), ["node.name", "node.state_dir"]),
        (other(OLD, web=WebSettings(public_url="https://desk.example.net")), []),
        (other(OLD, provider=ProviderSettings("deskco")), []),
        (other(OLD, language=LanguageSettings("de"), resolution=ResolutionSettings(7)), []),
        (other(OLD, privacy=PrivacySettings(30), trunk=()), []),
    ],
)
def test_only_the_names_by_which_others_know_us_wait_for_a_restart(new: Settings, late: list[str]) -> None:
    assert reload.needs_restart(OLD, new) == late
    taken = reload.with_fixed(OLD, new)
    assert reload.needs_restart(OLD, taken) == []
    assert (taken.node, taken.web.listen) == (OLD.node, OLD.web.listen)
    assert taken.web.public_url == new.web.public_url
    assert (taken.language, taken.resolution, taken.privacy, taken.trunk) == (
        new.language, new.resolution, new.privacy, new.trunk,
    )  # fmt: skip


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"line": (LineSettings("6001"),)},
        {"lines_file": "lines.csv"},
        {"country": "DE", "outside_line_prefix": "0"},
    ],
)
def test_a_trunk_with_other_lines_goes_on(keys: dict[str, Any]) -> None:
    assert reload.is_same_trunk(TRUNK, other(TRUNK, **keys))


def test_an_observer_with_another_password_is_the_same_trunk_and_none_at_all_is_not() -> None:
    old, new = (other(TRUNK, observer=ObserverSettings("cti", Secret(file=file))) for file in ("a", "b"))
    assert reload.is_same_trunk(old, new)
    assert not reload.is_same_trunk(TRUNK, new)
    assert not reload.is_same_trunk(new, TRUNK)


KNOWN_SAME = {"name", "line", "lines_file", "observer", "selftest", "country", "outside_line_prefix"}
OTHERS: dict[str, Any] = {
    "registrar": "sip:127.0.0.8",
    "domain": "pbx.example.net",
    "outbound_proxy": "sip:127.0.0.7",
    "ca_file": "/etc/ca.pem",
    "also_from": ("10.0.0.0/28",),
    "listen": "127.0.0.1:5067",
    "identity_order": ("From",),
    "called_number_from": ("To",),
    "call_key_from": ("X-Call",),
    "trust_attestation": True,
    "observe": ("contact",),
    "ring": "decline",
    "ring_expiry": Duration(30),
    "alone": "stay",
    "expires": Duration(60),
    "digest_minimum": "SHA-256",
    "headers": {"X-Employee": "employee_id"},
}


@pytest.mark.parametrize("key", OTHERS)
def test_a_trunk_of_which_anything_else_differs_is_another_one(key: str) -> None:
    assert not reload.is_same_trunk(TRUNK, other(TRUNK, **{key: OTHERS[key]}))


def test_each_key_of_a_trunk_was_thought_of() -> None:
    assert set(TrunkSettings.__struct_fields__) == KNOWN_SAME | OTHERS.keys()
