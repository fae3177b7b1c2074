"""The machine of the tests: it boots, does what it is told, and leaves nothing behind."""

import subprocess
from pathlib import Path

import pytest

from tests.systemd.machine import Machine, MachineError, why_not

pytestmark = [pytest.mark.e2e, pytest.mark.peer("ip", "debootstrap", "systemd-nspawn")]


def listed(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_it_boots_and_runs_what_it_is_told(machine: Machine, tmp_path: Path) -> None:
    assert machine.run("systemctl is-system-running") == "running\n"
    assert machine.run("id -u; echo $HOME; env | grep -c CTIBRIDGE || true") == "0\n/root\n0\n"
    assert machine.run("cat", entered=b"as typed") == "as typed"
    with pytest.raises(MachineError, match="ended with 3"):
        machine.run("echo said >&2; exit 3")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "secret").write_text("kept")
    (tmp_path / "folder" / "secret").chmod(0o600)
    machine.copy(tmp_path / "folder", "/srv/all")
    machine.copy(tmp_path / "folder" / "secret", "/srv/one/secret")
    assert machine.run("stat -c '%a %U' /srv/all/secret /srv/one/secret") == "600 root\n600 root\n"
    assert machine.read("/srv/one/secret") == b"kept"


def test_its_network_ends_at_our_cable(machine: Machine) -> None:
    reach = "import socket; socket.create_connection(({!r}, {}), timeout=2)"
    with pytest.raises(MachineError, match="refused"):  # who refuses is there
        machine.run(f'python3 -c "{reach.format(machine.ours, 1)}"')
    with pytest.raises(MachineError, match="unreachable"):
        machine.run(f'python3 -c "{reach.format("192.0.2.1", 80)}"')


def test_who_may_not_boot_one_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert why_not() is None
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert why_not() == "booting a machine needs root"


def test_it_keeps_its_files_while_it_is_off_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with Machine(tmp_path / "box") as box:
        box.write("/etc/kept", "still here")
        box.stop()
        box.start()
        assert box.read("/etc/kept") == b"still here"
        assert box.name in listed("ip", "netns")
    assert box.name not in listed("ip", "netns")
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()
    assert [found for found in Path("/sys/fs/cgroup").glob(f"*/{box.name}") if found.exists()] == []
