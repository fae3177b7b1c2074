"""`ctibridge run`: what it refuses before it opens anything. How it serves is seen in tests/e2e/test_service.py."""

import asyncio
from pathlib import Path

import pytest
import structlog

from ctibridge.app import App
from ctibridge.cli import main
from ctibridge.cli.run import _keep_reloading, _reload
from ctibridge.config import NodeSettings, Settings
from ctibridge.delivery.webhook_settings import WebhookAccess
from ctibridge.sd_notify import Notifier
from ctibridge.sip.settings import TrunkAccess

TRUNK = '[[trunk]]\nname = "pbx"\nregistrar = "sip:127.0.0.1"\n'


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


@pytest.mark.parametrize(
    "broken",
    [
        f'{TRUNK}[[trunk.line]]\nuser = "1"\npassword = {{ file = "a\\u0000b" }}\n',
        f'{TRUNK}ca_file = "{"a" * 5000}"\n',
        f"deep = {'[' * 5000}",
    ],
)
async def test_a_file_that_nobody_foresaw_does_not_end_a_daemon_that_runs(tmp_path: Path, broken: str) -> None:
    """ValueError of the file's name, OSError of its length, RecursionError: each of them came out of the reload."""
    settings = Settings(node=NodeSettings("test", tmp_path))
    app = App(settings, {})
    with structlog.testing.capture_logs() as logs:
        await _reload(app, configured(tmp_path, broken), asyncio.Event())
    assert [each["event"] for each in logs] == ["configuration_unreadable", "reload_failed"]
    assert app.settings is settings
    assert "not reloaded" in app.health.remarks()[0]


class Systemd(Notifier):
    """Nobody who listens: what is said to him is kept."""

    def __init__(self) -> None:
        super().__init__(None, None)
        self.said: list[str] = []

    def _say(self, text: str) -> None:
        self.said.append(text.partition("=")[0])


@pytest.mark.parametrize("stops", ["before", "meanwhile"])
async def test_who_stops_reloads_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: str) -> None:
    """The trunks had signed off, and a SIGHUP then bound their ports anew, or logged that somebody else had them."""
    hang_up, stop, systemd = asyncio.Event(), asyncio.Event(), Systemd()
    hang_up.set()

    def read(config: Path) -> tuple[Settings, dict[str, TrunkAccess], dict[str, WebhookAccess]]:
        loop.call_soon_threadsafe(stop.set)
        loop.call_soon_threadsafe(hang_up.set)
        return Settings(), {}, {}

    loop = asyncio.get_running_loop()
    monkeypatch.setattr("ctibridge.cli.run._read", read)
    if stops == "before":
        stop.set()
    never_opened = App(Settings(node=NodeSettings("test", tmp_path)), {})
    async with asyncio.timeout(5):
        await _keep_reloading(never_opened, tmp_path, hang_up, stop, systemd)
    assert systemd.said == ([] if stops == "before" else ["RELOADING"])
