"""What root can read and the service cannot: configuration, secrets, certificates. Tried, by a process that has become
the service's user for good: rights come by owner, group, folder and access list, and the kernel alone knows them all.
"""

import csv
import json
import os
import pwd
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from ctibridge.config import Settings
from ctibridge.domain.finding import Finding, note
from ctibridge.fields import Secret

NAME = "ctibridge"
"""As the units call him."""
SHOWN = 4
"""Files, at most: who mends these sees the next ones."""


def findings(settings: Settings, path: Path, *, running: bool) -> Iterator[Finding]:
    """Nothing where we are not root, or nobody knows yet who the service's user is. path: of the configuration.
    running: a daemon has read them, as root perhaps (docs/service.md)."""
    who = _user(settings.node.state_dir) if os.geteuid() == 0 else None
    if who is None:
        return
    barred = denied(list(dict.fromkeys(_files(settings, path))), *who)
    if barred:
        name = _name(who[0])
        which = ", ".join(map(str, barred[:SHOWN]))
        text = f"the service's user {name} may not read {which}"
        mend = f"chgrp {name} and chmod 640, and let him into its folder; a secret may come by LoadCredential= instead"
        yield note("rights", text, mend) if running else Finding("rights", text, mend)


def denied(paths: list[Path], uid: int, gid: int) -> list[Path]:
    """Those that are there and that this user may not read. Only root may ask; before there is a second thread."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _try(paths, uid, gid, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as said:
        answer = said.read()
    os.waitpid(child, 0)
    return [paths[number] for number in json.loads(answer or b"[]")]


def _try(paths: list[Path], uid: int, gid: int, to: int) -> None:
    """The child: it says which, and is over."""
    try:
        os.setgroups(_groups(uid, gid))
        os.setgid(gid)
        os.setuid(uid)
        barred = [number for number, path in enumerate(paths) if _is_denied(path)]
        with os.fdopen(to, "wb") as said:
            said.write(json.dumps(barred).encode())
    finally:
        os._exit(0)


def _is_denied(path: Path) -> bool:
    try:
        with path.open("rb"):
            return False
    except PermissionError:
        return True
    except OSError:
        return False  # another row's business


def _user(state_dir: Path) -> tuple[int, int] | None:
    """Whose the store is; before the first start it is root's, or nobody's, and then whom the package made."""
    with suppress(OSError):
        owner = state_dir.stat()
        if owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
    with suppress(KeyError):
        made = pwd.getpwnam(NAME)
        return made.pw_uid, made.pw_gid
    return None


def _groups(uid: int, gid: int) -> list[int]:
    try:
        return os.getgrouplist(pwd.getpwuid(uid).pw_name, gid)
    except KeyError:
        return [gid]


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _files(settings: Settings, path: Path) -> Iterator[Path]:
    """All that a start reads."""
    yield path
    base = path.resolve().parent
    for trunk in settings.trunk:
        yield from (Path(file) for file in (trunk.ca_file, trunk.lines_file) if file)
        if trunk.lines_file:
            yield from _of_rows(Path(trunk.lines_file))
    yield from (Path(webhook.ca_file) for webhook in settings.webhook if webhook.ca_file)
    yield from (base / secret.file for secret in _secrets(settings) if secret.file)


def _of_rows(lines: Path) -> Iterator[Path]:
    with suppress(OSError, ValueError, csv.Error), lines.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row.get("password_file"):
                yield lines.parent / row["password_file"]


def _secrets(within: object) -> Iterator[Secret]:
    if isinstance(within, Secret):
        yield within
    elif isinstance(within, msgspec.Struct):
        yield from _of_all(getattr(within, field) for field in within.__struct_fields__)
    elif isinstance(within, tuple):
        yield from _of_all(within)


def _of_all(parts: Iterable[object]) -> Iterator[Secret]:
    for part in parts:
        yield from _secrets(part)
