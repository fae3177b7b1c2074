"""The token of a desk in the terminal: from a file or the environment, never from the command line."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from ctibridge.domain.private import Private

CREDENTIAL = "desk-token"
_LONGEST = 256  # characters, as the stream takes it


class NoToken(Exception):
    """One line: where there is none, and the mend."""


def find(file: Path | None, environment: Mapping[str, str]) -> Private:
    """From this file, else systemd's credential, else CTIBRIDGE_TOKEN, else the user's own file. Raises NoToken."""
    if file is not None:
        return _read(file)
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    if credentials and (kept := Path(credentials) / CREDENTIAL).exists():
        return _read(kept, ours=False)
    if environment.get("CTIBRIDGE_TOKEN"):
        return _checked(environment["CTIBRIDGE_TOKEN"], "CTIBRIDGE_TOKEN")
    own = _own(environment)
    if own.exists():
        return _read(own)
    raise NoToken(f"no token; write the one that your administrator issued into {own}, mode 0600, or use --token-file")


def _own(environment: Mapping[str, str]) -> Path:
    home = environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME") or Path.home()) / ".config"
    return Path(home) / "ctibridge" / "token"


def _read(file: Path, *, ours: bool = True) -> Private:
    """ours: nobody else may read it; a credential's rights are systemd's business."""
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            if ours and stat.S_IMODE(status.st_mode) & 0o077:
                raise NoToken(f"{file} can be read by others; run: chmod 600 {file}")
            text = opened.read(_LONGEST * 4)
    except OSError as error:
        raise NoToken(f"{file}: {error.strerror}; write the token into it, mode 0600") from None
    return _checked(text.decode(errors="replace"), str(file))


def _checked(text: str, where: str) -> Private:
    token = text.strip()
    if not token or len(token) > _LONGEST or not token.isascii() or not token.isprintable() or " " in token:
        raise NoToken(f"{where} has no token in it; it is one line, as `ctibridge token issue` prints it")
    return Private(token)
