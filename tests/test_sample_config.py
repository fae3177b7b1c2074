"""The commented sample is the truth: it parses, shows every key, and shows the defaults as defaults."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ctibridge import config
from ctibridge.cluster.settings import RedisSettings
from ctibridge.config import NodeSettings, ProviderSettings, Settings
from ctibridge.delivery.settings import AccountPrivacy, PrivacySettings, SignInSettings, WebSettings
from ctibridge.delivery.webhook_settings import WebhookSettings
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.sip.settings import LineSettings, ObserverSettings, SelftestSettings, TrunkSettings

SAMPLE = Path(__file__).parents[1] / "config" / "ctibridge.toml"
TABLES: list[tuple[str, Any]] = [
    ("[node]", NodeSettings),
    ("[web]", WebSettings),
    ("#[web.sign_in]", SignInSettings),
    ("[provider]", ProviderSettings),
    ("[[trunk]]", TrunkSettings),
    ("[[trunk.line]]", LineSettings),
    ("#[trunk.observer]", ObserverSettings),
    ("#[trunk.selftest]", SelftestSettings),
    ("[language]", LanguageSettings),
    ("[resolution]", ResolutionSettings),
    ("[privacy]", PrivacySettings),
    ("#[[privacy.account]]", AccountPrivacy),
    ("#[[webhook]]", WebhookSettings),
    ("#[redis]", RedisSettings),
]
REDIS_INVENTED = {"url", "username", "password", "ca_file", "sentinel_username", "sentinel_password"}
OWN_TABLES = {title.strip("#[]") for title, _ in TABLES} | {"trunk.headers"}
INVENTED = {
    "headers",
    "name",
    "registrar",
    "domain",
    "country",
    "username",
    "password",
    "agents",
    "user",
    "account",
    "line",
}


def section(title: str) -> str:
    text = SAMPLE.read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^#?\[|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def test_the_sample_holds_against_the_settings_classes() -> None:
    settings = config.load(SAMPLE)
    assert settings.trunk[0].line[0].user == "6001"


@pytest.mark.parametrize(("title", "kind"), TABLES)
def test_the_sample_shows_every_key_and_no_other(title: str, kind: Any) -> None:
    shown = set(re.findall(r"^#?([a-z_]+) = ", section(title), re.MULTILINE))
    known = {name for name in kind.__struct_fields__ if f"{title.strip('#[]')}.{name}" not in OWN_TABLES}
    assert shown == known


def test_every_section_is_shown() -> None:
    titles = {title.strip("#[]").partition(".")[0] for title, _ in TABLES}
    assert titles == set(Settings.__struct_fields__)


@pytest.mark.parametrize(("title", "kind"), TABLES)
def test_what_the_sample_shows_as_default_is_the_default(title: str, kind: Any) -> None:
    if title.startswith("#"):
        return  # what is commented out has no default
    shown = getattr(config.load(SAMPLE), title.strip("[]").partition(".")[0])
    shown = shown[0] if isinstance(shown, tuple) else shown
    shown = shown.line[0] if title == "[[trunk.line]]" else shown
    assert_defaults(shown, kind, INVENTED | {"public_url"})


def shown_in(title: str) -> str:
    """What stands there commented out, as if it counted."""
    return "\n".join(re.findall(r"^#?([a-z_]+ = .*)$", section(title), re.MULTILINE))


def assert_defaults(shown: Any, kind: Any, but: set[str]) -> None:
    for field in msgspec.structs.fields(kind):
        if field.name not in but:
            default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
            assert getattr(shown, field.name) == default, field.name


def test_the_receiver_that_it_shows_holds_and_shows_the_defaults() -> None:
    (webhook,) = config.parse(f"[[webhook]]\n{shown_in('#[[webhook]]')}".encode(), SAMPLE).webhook
    assert_defaults(webhook, WebhookSettings, {"name", "url", "secret", "ca_file"})


def test_the_redis_that_it_shows_holds_and_shows_the_defaults() -> None:
    redis = config.parse(f"[redis]\n{shown_in('#[redis]')}".encode(), SAMPLE).redis
    assert redis is not None
    assert_defaults(redis, RedisSettings, REDIS_INVENTED)
