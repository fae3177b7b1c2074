"""The configuration file, the secrets that it names, and who sits at which line; read before root is given up."""

import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ctibridge.cli.checks.agents import Seats
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from ctibridge.config import (
    ConfigError,
    OutsideUnit,
    Settings,
    access_of,
    read_secret,
    redis_access,
    seats_of,
    webhook_access,
)
from ctibridge.delivery.webhook_settings import TOKEN_PLACE, WebhookSettings
from ctibridge.domain.finding import Finding, note
from ctibridge.fields import Secret
from ctibridge.sip.adapters import tls
from ctibridge.sip.settings import TrunkAccess, TrunkSettings

WRITABLE = stat.S_IWGRP | stat.S_IWOTH


def findings(settings: Settings, path: Path) -> Iterator[Finding]:
    """Of a configuration that holds."""
    rights = stat.S_IMODE(path.stat().st_mode)
    if rights & WRITABLE:
        mend = f"chmod go-w {path}"
        yield Finding("configuration", f"others than its owner may write {path} ({rights:04o})", mend)
    else:
        yield Finding("configuration", str(path))
    if not settings.trunk:
        yield note(
            "trunk", "none: nothing rings here", "add [[trunk]] with registrar and lines, as in config/ctibridge.toml"
        )
    for trunk in settings.trunk:
        yield _secrets(trunk, path.resolve().parent)
    if settings.web.sign_in is not None and settings.web.sign_in.secret is not None:
        yield _proxys(settings.web.sign_in.secret, path.resolve().parent)
    if settings.redis is not None:
        yield _redis(settings.redis, path.resolve().parent)
    for webhook in settings.webhook:
        yield _webhooks(webhook, path.resolve().parent, rights)


def seats(settings: Settings, path: Path) -> Seats:
    """Of the trunks whose lines can be read; why not of others stands in `findings`."""
    found = {}
    for trunk in settings.trunk:
        try:
            found[trunk.name] = seats_of(trunk, path.resolve().parent)
        except ConfigError:
            continue
    return found


def accesses(settings: Settings, path: Path) -> Mapping[str, TrunkAccess]:
    """Of the trunks whose secrets can be read; why not of others stands in `findings`."""
    found = {}
    for trunk in settings.trunk:
        with suppress(ConfigError):
            found[trunk.name] = access_of(trunk, path.resolve().parent)
    return found


def cluster(settings: Settings, path: Path) -> RedisAccess | None:
    """None without `[redis]`, and where its secrets cannot be read; why not stands in `findings`."""
    if settings.redis is None:
        return None
    with suppress(ConfigError):
        return redis_access(settings.redis, path.resolve().parent)
    return None


def _secrets(trunk: TrunkSettings, base: Path) -> Finding:
    def read() -> None:
        if trunk.ca_file is not None:
            tls.client_context(trunk.ca_file)
        access_of(trunk, base)
        if trunk.selftest is not None and trunk.selftest.password is not None:
            read_secret(trunk.selftest.password, f"trunk {trunk.name}, selftest", base)

    try:
        return _read("secrets", read) or Finding("secrets", f"trunk {trunk.name}: all can be read, by nobody else")
    except tls.CaFault as fault:
        return _told("secrets", f"trunk {trunk.name}: {fault}")


def _proxys(secret: Secret, base: Path) -> Finding:
    """Without it nothing starts."""
    fault = _read("sign-in", lambda: read_secret(secret, "web.sign_in, secret", base))
    return fault or Finding("sign-in", "the proxy's secret can be read, by nobody else")


def _redis(redis: RedisSettings, base: Path) -> Finding:
    """Without it nothing starts."""
    fault = _read("redis secrets", lambda: redis_access(redis, base))
    return fault or Finding("redis secrets", "what Redis asks for can be read, by nobody else")


def _webhooks(webhook: WebhookSettings, base: Path, rights: int) -> Finding:
    """rights: of the configuration's file, in which the token of a URL may stand."""

    def read() -> None:
        webhook_access(webhook, base)
        if webhook.ca_file is not None:
            tls.client_context(webhook.ca_file)

    if webhook.format == "zammad" and TOKEN_PLACE not in webhook.url and rights & stat.S_IROTH:
        text = f"webhook {webhook.name}: its token, if there is one in url, is for everybody to read"
        return note("webhook", text, "write {secret} in its place, and secret")
    try:
        fault = _read("webhook", read)
    except tls.CaFault as told:
        return _told("webhook", f"webhook {webhook.name}: {told}")
    return fault or Finding("webhook", f"webhook {webhook.name}: what it needs can be read, by nobody else")


def _read(what: str, read: Callable[[], object]) -> Finding | None:
    """Why it was not, or could not be; None: it was."""
    try:
        read()
    except OutsideUnit as told:
        return Finding(what, f"not looked at: {told}")
    except ConfigError as fault:
        return _told(what, str(fault))
    return None


def _told(what: str, fault: str) -> Finding:
    """Its mend stands behind a semicolon, where it has one."""
    text, _, mend = fault.rpartition("; ")
    return Finding(what, text or fault, mend if text else "mend the configuration")
