"""What root can read and the service's user cannot, with real files and a user of our own."""

import os
from pathlib import Path

import pytest

from ctibridge.cli.checks import service_user
from ctibridge.config import load
from ctibridge.domain.finding import Finding, Kind

SOMEBODY = 4_000_000
"""Whom no system has."""
TOML = """\
[node]
state_dir = "state"
[web.sign_in]
secret = { file = "proxy" }
[[trunk]]
name = "pbx"
registrar = "sip:pbx.example.net"
lines_file = "lines.csv"
[[trunk.line]]
user = "6001"
password = { file = "secret" }
[[trunk.line]]
user = "6002"
password = { credential = "pbx-6002" }
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """All that is named in it is root's, and only its group's to read, but the configuration itself."""
    for folder in tmp_path.parents[:-1]:
        if folder.stat().st_mode & 0o777 == 0o700:
            folder.chmod(0o711)  # pytest closes its own to others
    tmp_path.chmod(0o755)
    for name, text in (("proxy", "x"), ("secret", "x"), ("row", "x"), ("lines.csv", "user,password_file\n7001,row\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o640)
    (tmp_path / "state").mkdir(mode=0o700)
    os.chown(tmp_path / "state", SOMEBODY, SOMEBODY)
    path = tmp_path / "ctibridge.toml"
    path.write_text(TOML)
    path.chmod(0o644)
    return path


def found(path: Path, *, running: bool = False) -> list[Finding]:
    return list(service_user.findings(load(path), path, running=running))


def give(*paths: Path) -> None:
    for path in paths:
        os.chown(path, -1, SOMEBODY)


def test_what_he_may_not_read_is_said_before_the_start_fails(path: Path) -> None:
    (row,) = found(path)
    assert (row.what, row.kind) == ("rights", Kind.MEND)
    assert row.text == f"the service's user {SOMEBODY} may not read " + ", ".join(
        str(path.parent / name) for name in ("lines.csv", "row", "proxy", "secret")
    )
    assert found(path, running=True)[0].kind is Kind.NOTE
    give(path.parent / "lines.csv", path.parent / "proxy", path.parent / "row")
    (row,) = found(path)
    assert row.text.endswith(f" may not read {path.parent / 'secret'}")
    give(path.parent / "secret")
    assert found(path) == []


def test_the_configuration_itself_and_a_folder_on_the_way(path: Path) -> None:
    files = [path.parent / name for name in ("lines.csv", "proxy", "row", "secret")]
    give(*files)
    path.chmod(0o600)
    assert found(path)[0].text.endswith(f" may not read {path}")
    path.parent.chmod(0o700)
    assert found(path)[0].text.endswith(f" may not read {path}, {files[0]}, {files[2]}, {files[1]}")


def test_what_is_not_there_is_another_rows_business(path: Path) -> None:
    for name in ("lines.csv", "proxy", "row", "secret"):
        (path.parent / name).unlink()
    assert service_user.denied([path.parent / "secret", path], SOMEBODY, SOMEBODY) == []


def test_before_the_first_start_it_is_whom_the_package_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(path.parent / "state", 0, 0)
    monkeypatch.setattr(service_user, "NAME", "nobody")
    (row,) = found(path)
    assert row.text.startswith("the service's user nobody may not read ")
    monkeypatch.setattr(service_user, "NAME", "whom-nobody-made")
    assert found(path) == []
