"""The configuration's rows, with real files beside it."""

from pathlib import Path

import pytest

from ctibridge.cli.checks import configuration
from ctibridge.config import load
from ctibridge.domain.finding import Finding, Kind

TRUNK = '[[trunk]]\nname = "pbx"\nregistrar = "sip:pbx.example.net"\n'
FILE_LINE = '[[trunk.line]]\nuser = "6001"\nagents = ["ana"]\npassword = { file = "secret" }\n'
CREDENTIAL_LINE = '[[trunk.line]]\nuser = "6002"\nagents = ["ben"]\npassword = { credential = "pbx-6002" }\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("long-and-invented\n")
    (tmp_path / "secret").chmod(0o600)
    path = tmp_path / "ctibridge.toml"
    path.touch()
    path.chmod(0o644)
    return path


def found(path: Path, text: str) -> dict[str, Finding]:
    path.write_text(text)
    return {one.what: one for one in configuration.findings(load(path), path)}


def test_all_is_well(path: Path) -> None:
    rows = found(path, TRUNK + FILE_LINE)
    assert [one.kind for one in rows.values()] == [Kind.GOOD, Kind.GOOD]
    assert rows["secrets"].text == "trunk pbx: all can be read, by nobody else"


def test_without_a_trunk_nothing_rings(path: Path) -> None:
    assert found(path, "")["trunk"].kind is Kind.NOTE


@pytest.mark.parametrize("rights", [0o664, 0o646])
def test_who_writes_it_decides_who_hears_the_calls(path: Path, rights: int) -> None:
    path.chmod(rights)
    row = found(path, "")["configuration"]
    assert (row.kind, row.mend) == (Kind.MEND, f"chmod go-w {path}")


def test_a_secret_that_others_can_read(path: Path) -> None:
    (path.parent / "secret").chmod(0o644)
    row = found(path, TRUNK + FILE_LINE)["secrets"]
    assert row.kind is Kind.MEND
    assert row.mend == f"run chmod o-rwx {path.parent / 'secret'}"
    assert "can be read by others" in row.text


def test_a_secret_that_is_not_there(path: Path) -> None:
    (path.parent / "secret").unlink()
    row = found(path, TRUNK + FILE_LINE)["secrets"]
    assert (row.kind, row.mend) == (Kind.MEND, "mend the configuration")
    assert row.text.endswith("No such file or directory")


def test_the_secret_that_a_proxy_signs_in_with(path: Path) -> None:
    sign_in = '[web.sign_in]\nsecret = { file = "proxy" }\n'
    row = found(path, sign_in)["sign-in"]
    assert (row.kind, row.mend) == (Kind.MEND, "mend the configuration")
    assert row.text == f"web.sign_in, secret: secret file {path.parent / 'proxy'}: No such file or directory"
    (path.parent / "secret").rename(path.parent / "proxy")
    assert found(path, sign_in)["sign-in"].kind is Kind.GOOD
    (path.parent / "proxy").chmod(0o644)
    assert found(path, sign_in)["sign-in"].mend == f"run chmod o-rwx {path.parent / 'proxy'}"
    assert found(path, '[web.sign_in]\nsecret = { credential = "proxy" }\n')["sign-in"].kind is Kind.GOOD
    assert "sign-in" not in found(path, "[web.sign_in]\n")


def test_the_secret_of_the_test_call(path: Path) -> None:
    """The daemon needs none of it, and the timer's unit does."""
    test = '[trunk.selftest]\nuser = "6099"\ndial = "6001"\npassword = { file = "NAME" }\n'
    assert found(path, TRUNK + test.replace("NAME", "secret") + FILE_LINE)["secrets"].kind is Kind.GOOD
    row = found(path, TRUNK + test.replace("NAME", "gone") + FILE_LINE)["secrets"]
    assert row.kind is Kind.MEND
    assert row.text.startswith("trunk pbx, selftest: secret file ")


def test_authorities_that_are_none(path: Path) -> None:
    (path.parent / "ca.pem").write_text("nothing")
    assert found(path, TRUNK + 'ca_file = "ca.pem"\n' + FILE_LINE)["secrets"].kind is Kind.MEND


def test_a_credential_is_the_daemons_alone_and_the_seats_are_known_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    row = found(path, TRUNK + FILE_LINE + CREDENTIAL_LINE)["secrets"]
    assert row.kind is Kind.GOOD
    assert row.text.startswith("not looked at: trunk pbx, line 6002: credential 'pbx-6002' can only be read inside")
    assert configuration.seats(load(path), path) == {"pbx": {"6001": ("ana",), "6002": ("ben",)}}


def test_lines_that_cannot_be_read_are_no_seats(path: Path) -> None:
    text = TRUNK + 'lines_file = "none.csv"\n' + TRUNK.replace('"pbx"', '"other"') + 'listen = "0.0.0.0:5068"\n'
    path.write_text(text + FILE_LINE)
    assert configuration.seats(load(path), path) == {"other": {"6001": ("ana",)}}


def test_of_a_trunk_whose_secrets_cannot_be_read_nobody_registers(path: Path) -> None:
    path.write_text(TRUNK + FILE_LINE)
    (line,) = configuration.accesses(load(path), path)["pbx"].lines
    assert (line.user, line.password) == ("6001", "long-and-invented")
    path.write_text(TRUNK + CREDENTIAL_LINE)
    assert configuration.accesses(load(path), path) == {}
    assert list(configuration.seats(load(path), path)["pbx"]) == ["6002"]


WEBHOOK = '[[webhook]]\nname = "tool"\nurl = "https://tool.example.net/hook"\nsecret = { file = "key" }\n'
ZAMMAD = '[[webhook]]\nname = "zammad"\nurl = "https://zammad.example.net/geheim"\nformat = "zammad"\n'


def test_the_key_of_a_webhook(path: Path) -> None:
    row = found(path, WEBHOOK)["webhook"]
    assert row.text == f"webhook tool, secret: secret file {path.parent / 'key'}: No such file or directory"
    (path.parent / "secret").rename(path.parent / "key")
    row = found(path, WEBHOOK)["webhook"]
    assert row.kind is Kind.MEND
    assert row.text == "webhook tool, secret: is no whsec_ with base64 of 24 to 64 bytes behind it"
    assert "openssl rand" in (row.mend or "")
    assert "invented" not in f"{row}"
    (path.parent / "key").write_text("whsec_" + "QUJD" * 8 + "\n")
    assert found(path, WEBHOOK)["webhook"].kind is Kind.GOOD
    assert found(path, WEBHOOK + 'ca_file = "none.pem"\n')["webhook"].kind is Kind.MEND


def test_the_password_of_redis(path: Path) -> None:
    text = '[redis]\nurl = "redis://127.0.0.1"\nusername = "desk"\npassword = { file = "other" }\n'
    row = found(path, text)["redis secrets"]
    assert row.kind is Kind.MEND
    assert row.text == f"redis, password: secret file {path.parent / 'other'}: No such file or directory"
    assert configuration.cluster(load(path), path) is None
    (path.parent / "secret").rename(path.parent / "other")
    assert found(path, text)["redis secrets"].kind is Kind.GOOD
    access = configuration.cluster(load(path), path)
    assert access is not None
    assert access.password == "long-and-invented"
    path.write_text("")
    assert configuration.cluster(load(path), path) is None


def test_a_token_in_a_configuration_that_everybody_may_read(path: Path) -> None:
    row = found(path, ZAMMAD)["webhook"]
    assert (row.kind, row.mend) == (Kind.NOTE, "write {secret} in its place, and secret")
    assert "geheim" not in f"{row}"
    path.chmod(0o640)
    assert found(path, ZAMMAD)["webhook"].kind is Kind.GOOD
    path.chmod(0o644)
    assert found(path, ZAMMAD.replace("geheim", "{secret}") + 'secret = { file = "secret" }\n')["webhook"].good
