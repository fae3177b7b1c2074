"""`ctibridge run`: what it refuses before it opens anything. How it serves is seen in tests/e2e/test_service.py."""

from pathlib import Path

import pytest

from ctibridge.cli import main


def configured(tmp_path: Path, trunk: str) -> Path:
    path = tmp_path / "ctibridge.toml"
    path.write_text(f'[node]\nstate_dir = "state"\n{trunk}', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("trunk", "says"),
    [
        ('[[trunk]]\nname = "pbx"\nregistrar = "sip:127.0.0.1"\n', "trunk pbx has no line"),
        (
            """[[trunk]]
name = "pbx"
registrar = "sip:127.0.0.1"
[[trunk.line]]
user = "1"
password = { credential = "pbx-1" }
""",
            "only be read inside the systemd unit",
        ),
        (
            """[[trunk]]
name = "pbx"
registrar = "sip:127.0.0.1;transport=tls"
ca_file = "absent.pem"
[[trunk.line]]
user = "1"
password = { file = "s" }
""",
            "trunk pbx: ca_file",
        ),
        ('[web.sign_in]\nsecret = { file = "absent" }\n', "web.sign_in, secret: secret file"),
        ("[web.sign_in]\ntrusted_proxies = []\n", "web.sign_in: trusted_proxies is empty"),
        ('[web.sign_in]\ntrusted_proxies = ["proxy"]\n', "web.sign_in: trusted_proxies: "),
    ],
)
def test_what_it_cannot_start_with_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, trunk: str, says: str
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert main(["run", "--config", str(configured(tmp_path, trunk))]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not (tmp_path / "state").exists()
