"""Which commands of a page run where. Pure.

`here`: in the house that `inside` prepares. `machine`: needs systemd or apt, and runs in tests/systemd. `project`:
builds or tests the project itself; make says whether there is such a target. `package`: gets something from a registry,
which no test does; whether there is such a package says our own lock.
"""

import re

PLAIN = {"text", "toml", "ini", "nginx", "caddy", "http", "json", "python", "yaml", "xml", "sh", "csv"}
"""Fences of which nothing is run. `sh` is typed on another machine: a PBX, a proxy."""
MACHINE = re.compile(r"^(sudo )?(systemctl|journalctl|apt|apt-get|dpkg|pipx|loginctl|sysctl|systemd-\w+)\b")
BY_ITSELF = {"systemctl start ctibridge-selftest": "tests/systemd/test_service.py"}
"""Of the machine's commands those that need more than the quick start leaves behind; the test that types them."""
ENDLESS = re.compile(r"\b(ctibridge (run|watch)|python (-m http\.server|examples/))")
"""These go on until somebody ends them."""


def place(command: str) -> str:
    """One of the four words above."""
    if MACHINE.match(command):
        return "machine"
    if command.startswith("make ") or command == "make":
        return "project"
    return "package" if re.match(r"(pip|npm) install ", command) else "here"


def ends(command: str) -> bool:
    return not ENDLESS.search(command)
