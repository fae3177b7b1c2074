"""A configuration with a test call, as the tests of these adapters have it."""

from pathlib import Path

from ctibridge.config import Settings, load
from ctibridge.sip.settings import SelftestSettings

TEST = SelftestSettings("+41790000017", "+493023125100", agent="ana")
CONFIG = """
[node]
state_dir = "state"
[web]
listen = "127.0.0.1:{port}"
[[trunk]]
name = "pbx"
registrar = "sip:127.0.0.1:9"
listen = "127.0.0.1:0"
country = "DE"
"""


def configured(folder: Path, port: int = 9) -> Settings:
    path = folder / "ctibridge.toml"
    path.write_text(CONFIG.format(port=port), encoding="utf-8")
    return load(path)
