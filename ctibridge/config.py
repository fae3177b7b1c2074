"""The configuration file: read whole, checked against the rooms' settings, refused with file, key and mend."""

import codecs
import csv
import io
import ipaddress
import os
import platform
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ctibridge.cluster import settings as cluster_settings
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from ctibridge.delivery import webhook_settings
from ctibridge.delivery.settings import PrivacySettings, WebSettings
from ctibridge.delivery.webhook_settings import WebhookAccess, WebhookSettings
from ctibridge.fields import Duration, Secret
from ctibridge.lookup.settings import DialPlan, LanguageSettings, ResolutionSettings, is_known_country
from ctibridge.meanings import describe
from ctibridge.sip.settings import LineAccess, LineSettings, ObserverAccess, TrunkAccess, TrunkSettings, line_user

DEFAULT_PATH = Path("/etc/ctibridge/ctibridge.toml")
MAX_LINES = 10_000
_MENDS = {
    "Expected `array": '; write a list, like ["…"]',
    "Expected `object": '; write a table; a secret is { file = "…" } or { credential = "…" }',
}
_LINE_COLUMNS = {"user", "username", "password_file", "password", "agents"}


class ConfigError(Exception):
    """One line that names file, key or row, and the mend."""


class OutsideUnit(ConfigError):
    """A credential, which nobody but the daemon gets from systemd: no fault of the configuration."""


class NodeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This machine. name: stands in each event's `source`; default: the machine's host name. state_dir: where all that
    is kept lives, `ctibridge.db` among it; the daemon writes nowhere else.
    """

    name: str = msgspec.field(default_factory=lambda: platform.node() or "ctibridge")
    state_dir: Path = msgspec.field(default_factory=lambda: Path("/var/lib/ctibridge"))


class ProviderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The account that the agents belong to. account: its id, as in accounts.csv. name: what people call it."""

    account: str = "provider"
    name: str | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; each section is documented where its class stands.

    trunk: one table for each PBX or registrar. webhook: one for each receiver to which every event is posted.
    redis: this is one of several nodes.
    """

    node: NodeSettings = msgspec.field(default_factory=NodeSettings)
    web: WebSettings = msgspec.field(default_factory=WebSettings)
    provider: ProviderSettings = msgspec.field(default_factory=ProviderSettings)
    trunk: tuple[TrunkSettings, ...] = ()
    language: LanguageSettings = msgspec.field(default_factory=LanguageSettings)
    resolution: ResolutionSettings = msgspec.field(default_factory=ResolutionSettings)
    privacy: PrivacySettings = msgspec.field(default_factory=PrivacySettings)
    webhook: tuple[WebhookSettings, ...] = ()
    redis: RedisSettings | None = None

    def dial_plans(self) -> dict[str, DialPlan]:
        """By the trunk's name, in the order of the file."""
        return {one.name: DialPlan(one.country, one.outside_line_prefix or None) for one in self.trunk}

    def first_dial_plan(self) -> DialPlan:
        """For a number that comes by no trunk: typed by a person, or asked for by an IVR."""
        return next(iter(self.dial_plans().values()), DialPlan())


def load(path: Path) -> Settings:
    """Raises ConfigError. Relative paths come back resolved against the file's folder; secrets are not read here."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name the configuration with --config FILE") from None
    # Editors of other systems begin a file with a byte-order mark.
    return _absolute(parse(text.removeprefix(codecs.BOM_UTF8), path), path.resolve().parent)


def parse(text: bytes, path: Path) -> Settings:
    """The checks without the file. path only names it in errors."""
    try:
        settings = msgspec.toml.decode(text, type=Settings, dec_hook=_field)
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(f"{path}: {_readable(str(error))}") from None
    _check_trunks(settings.trunk, path)
    try:
        webhook_settings.check_names(settings.webhook)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None
    return settings


def access_of(trunk: TrunkSettings, base: Path) -> TrunkAccess:
    """The trunk's lines and observer with their secrets; raises ConfigError naming line and file. base: the
    configuration's folder."""
    access = TrunkAccess(_lines_of(trunk, base), _observer_of(trunk, base))
    bare = next((line.user for line in access.lines if not line.password), None)
    if bare is not None and (trunk.registers or access.observer is None):
        raise ConfigError(
            f"trunk {trunk.name}: line {bare} has no password; give it one, or watch it with "
            'observe = ["dialog-info"] and a [trunk.observer]'
        )
    return access


def seats_of(trunk: TrunkSettings, base: Path) -> dict[str, tuple[str, ...]]:
    """Who may sit at which line, without the secrets of [[trunk.line]] tables. Raises ConfigError. base: as in
    `access_of`."""
    bare = tuple(msgspec.structs.replace(line, password=None) for line in trunk.line)
    return {line.user: line.agents for line in _lines_of(msgspec.structs.replace(trunk, line=bare), base)}


def line_access(trunk: TrunkSettings, user: str, base: Path) -> LineAccess | None:
    """That line with its secret; None where it is none of the trunk's. The secrets of other tables stay unread: who
    needs one line need not be given them. Raises ConfigError. base: as in `access_of`."""
    table = next((line for line in trunk.line if line.user == user), None)
    if table is not None:
        return _access(table, trunk.name, base)
    rows = _from_lines_file(Path(trunk.lines_file), trunk.name) if trunk.lines_file else []
    return next((line for line in rows if line.user == user), None)


def _lines_of(trunk: TrunkSettings, base: Path) -> tuple[LineAccess, ...]:
    tables = [_access(line, trunk.name, base) for line in trunk.line]
    rows = _from_lines_file(Path(trunk.lines_file), trunk.name) if trunk.lines_file else []
    lines = tables + rows
    users = [line.user for line in lines]
    twice = next((user for user in users if users.count(user) > 1), None) if len(set(users)) < len(users) else None
    if twice is not None:
        raise ConfigError(f"trunk {trunk.name}: line {twice} stands there twice; leave one out")
    if not lines:
        raise ConfigError(f"trunk {trunk.name} has no line; add [[trunk.line]] tables or lines_file")
    return tuple(lines)


def _observer_of(trunk: TrunkSettings, base: Path) -> ObserverAccess | None:
    who = trunk.observer
    if who is None:
        return None
    password = read_secret(who.password, f"trunk {trunk.name}, observer", base)
    return ObserverAccess(who.user or who.username, who.username, password)


def webhook_access(webhook: WebhookSettings, base: Path) -> WebhookAccess:
    """Where it goes and what signs it, with the secret. Raises ConfigError. base: as in `access_of`."""
    what = f"webhook {webhook.name}, secret"
    secret = read_secret(webhook.secret, what, base) if webhook.secret else None
    try:
        return webhook_settings.access(webhook, secret)
    except ValueError as error:
        raise ConfigError(f"{what}: {error}") from None


def redis_access(redis: RedisSettings, base: Path) -> RedisAccess:
    """Raises ConfigError. base: as in `access_of`."""
    return cluster_settings.access(redis, lambda secret, what: read_secret(secret, what, base))


def read_secret(secret: Secret, what: str, base: Path) -> str:
    """The secret's text without its line end. Raises ConfigError where it is missing, unreadable, empty or public."""
    if secret.credential is not None:
        directory = os.environ.get("CREDENTIALS_DIRECTORY")
        if directory is None:
            raise OutsideUnit(
                f"{what}: credential {secret.credential!r} can only be read inside the systemd unit (LoadCredential=)"
            )
        path = Path(directory) / secret.credential
        if not path.exists():
            raise ConfigError(
                f"{what}: credential {secret.credential!r} was not handed over at the start; add "
                f"LoadCredential={secret.credential}:FILE to the unit, and restart it"
            )
        return _read_private(path, what)
    return _read_private(base / str(secret.file), what)


def schema() -> dict[str, Any]:
    """JSON Schema of the configuration, with what each key means."""
    made = msgspec.json.schema(Settings, schema_hook=_field_schema)
    describe(made["$defs"], Settings)
    return made


def _field(kind: type, value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"Expected a string, got `{value!r}`")
    if kind is Duration:
        return Duration.parse(value)
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)


def _field_schema(kind: type) -> dict[str, Any]:
    if kind is Duration:
        return {"type": "string", "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$"}
    if kind is Path:
        return {"type": "string", "format": "path"}
    raise NotImplementedError(kind)


def _readable(error: str) -> str:
    """msgspec's words, turned so that the key comes first: `trunk[0].line[1]: unknown key paswd`."""
    what, _, where = error.partition(" - at `$")
    what = what.replace("Object contains unknown field", "unknown key").replace(
        "Object missing required field", "missing key"
    )
    where = where.rstrip("`").lstrip(".")
    mend = next((mend for begin, mend in _MENDS.items() if what.startswith(begin)), "")
    if what.startswith("Invalid enum value"):
        mend = f"; write one of {', '.join(_choices(where))}"
    return f"{where}: {what}{mend}" if where else what


def _choices(where: str) -> list[str]:
    """The words that may stand at a key like `trunk[0].observe[1]`, as the schema has them."""
    known = schema()
    at: dict[str, Any] = known["$defs"][known["$ref"].rpartition("/")[2]]
    for step in re.findall(r"[a-z_]+|\[", where):
        at = at.get("items", {}) if step == "[" else at.get("properties", {}).get(step, {})
        at = next((option for option in at.get("anyOf", ()) if option.get("type") != "null"), at)
        while "$ref" in at:
            at = known["$defs"][at["$ref"].rpartition("/")[2]]
    return [f'"{word}"' for word in at.get("enum", ())]


def _check_trunks(trunks: tuple[TrunkSettings, ...], path: Path) -> None:
    names = [trunk.name for trunk in trunks]
    for trunk in trunks:
        if trunk.country is not None and not is_known_country(trunk.country):
            raise ConfigError(
                f"{path}: trunk {trunk.name}: country {trunk.country!r} has no numbering plan; see ISO 3166"
            )
        sharing = [other.name for other in trunks if other.listen == trunk.listen and trunk.our_side.port]
        if len(sharing) > 1 and len(set(sharing)) > 1:
            raise ConfigError(
                f"{path}: trunk {sharing[1]}: listen {trunk.listen} is {sharing[0]}'s, too; give each its own port"
            )
        if names.count(trunk.name) > 1:
            raise ConfigError(f"{path}: trunk: two trunks are called {trunk.name!r}; give each its own name")
        for network in trunk.also_from:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ConfigError(
                    f'{path}: trunk {trunk.name}: also_from: {error}; write it like "10.0.0.0/28"'
                ) from None


def _absolute(settings: Settings, base: Path) -> Settings:
    node = msgspec.structs.replace(settings.node, state_dir=base / settings.node.state_dir)
    trunks = tuple(
        msgspec.structs.replace(
            trunk,
            lines_file=str(base / trunk.lines_file) if trunk.lines_file else None,
            ca_file=str(base / trunk.ca_file) if trunk.ca_file else None,
        )
        for trunk in settings.trunk
    )
    webhooks = tuple(
        msgspec.structs.replace(webhook, ca_file=str(base / webhook.ca_file) if webhook.ca_file else None)
        for webhook in settings.webhook
    )
    redis = settings.redis and settings.redis.below(base)
    return msgspec.structs.replace(settings, node=node, trunk=trunks, webhook=webhooks, redis=redis)


def _access(line: LineSettings, trunk: str, base: Path) -> LineAccess:
    password = read_secret(line.password, f"trunk {trunk}, line {line.user}", base) if line.password else ""
    return LineAccess(line.user, line.username or line.user, password, _each_once(line.agents))


def _from_lines_file(path: Path, trunk: str) -> list[LineAccess]:
    text = _read_text(path, f"trunk {trunk}, lines_file")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    unknown = set(reader.fieldnames or ()) - _LINE_COLUMNS
    if unknown:
        raise ConfigError(f"{path}: unknown column {min(unknown)!r}; known are {', '.join(sorted(_LINE_COLUMNS))}")
    if "password" in (reader.fieldnames or ()):
        _check_private(path, f"trunk {trunk}, lines_file")
    try:
        rows = [_line_row(row, path, number) for number, row in enumerate(reader, start=2)]
    except csv.Error as error:
        raise ConfigError(f"{path}: {error}; close the quotes") from None
    if len(rows) > MAX_LINES:
        raise ConfigError(f"{path}: more than {MAX_LINES} lines; one node carries no more, divide them")
    return rows


def _line_row(row: dict[str, str | None], path: Path, number: int) -> LineAccess:
    if None in row:
        raise ConfigError(f"{path}:{number}: more cells than columns; divide several agents with ;")
    try:
        user = line_user((row.get("user") or "").strip())
    except ValueError as error:
        raise ConfigError(f"{path}:{number}: {error}") from None
    password = row.get("password") or ""
    if row.get("password_file"):
        password = _read_private(path.parent / str(row["password_file"]), f"{path}:{number}")
    agents = (agent.strip() for agent in (row.get("agents") or "").split(";") if agent.strip())
    return LineAccess(user, row.get("username") or user, password, _each_once(agents))


def _each_once(agents: Iterable[str]) -> tuple[str, ...]:
    """An agent who is named twice is one agent: his line is his, and no shared one."""
    return tuple(dict.fromkeys(agents))


def _read_private(path: Path, what: str) -> str:
    _check_private(path, what)
    text = _read_text(path, what).rstrip("\r\n")
    if not text:
        raise ConfigError(f"{what}: secret file {path} is empty")
    return text


def _check_private(path: Path, what: str) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigError(f"{what}: secret file {path}: {error.strerror}") from None
    if mode & (stat.S_IRWXO):
        raise ConfigError(f"{what}: secret file {path} can be read by others; run chmod o-rwx {path}")


def _read_text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # -sig: what Excel writes begins with a mark
    except OSError as error:
        raise ConfigError(f"{what}: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{what}: {path} is not UTF-8 text") from None
