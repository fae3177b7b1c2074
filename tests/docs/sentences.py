"""Commands that a sentence names, in backticks, and what can be said of each without running it. Pure.

They measure for an hour, start a unit, or are typed at the PBX's own console: here none is run, but what it names has
to be there.
"""

import re
import shlex

_VARIABLE = re.compile(r"[A-Z_]+=\S*")
ELSEWHERE = {
    "sofia": "FreeSWITCH's console", "pjsip": "Asterisk's console", "core": "Asterisk's console",
    "kamctl": "Kamailio's", "journalctl": "systemd's journal", "ip": "of the system", "tar": "of the system",
    "sqlite3": "of the system", "apt": "of the system", "pip": "a registry's package", "pipx": "a registry's package",
    "tcpdump": "of the system",
}  # fmt: skip
"""Programs that are not ours, and whose: nothing of ours can break such a sentence."""


def command(words: str) -> tuple[list[str], list[str]] | None:
    """Names of the variables before it, and its words; None for what is no command of a program that is known here."""
    try:
        found = shlex.split(" ".join(words.split()))
    except ValueError:
        return None
    names = [word.partition("=")[0] for word in found if _VARIABLE.fullmatch(word)]
    typed = [word for word in found if not _VARIABLE.fullmatch(word)]
    if typed and typed[0] == "time":
        typed = typed[1:]
    return (names, typed) if len(typed) > 1 and typed[0] in KNOWN else None


KNOWN = {"python", "pytest", "make", "systemctl", *ELSEWHERE}
"""`ctibridge …` has a test of its own: tests/repository/test_guides.py."""
