"""The configuration file: what is taken, and what is refused with file, key and mend."""

from pathlib import Path

import msgspec
import pytest

from ctibridge import config
from ctibridge.config import ConfigError, OutsideUnit
from ctibridge.fields import Secret
from ctibridge.sip.settings import LineAccess

PATH = Path("/etc/ctibridge/ctibridge.toml")
TRUNK = '[[trunk]]\nname = "pbx"\nregistrar = "sip:pbx.example.net"\n'


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        config.parse(text.encode(), PATH)
    told = str(error.value)
    assert told.startswith(f"{PATH}: ")
    assert "\n" not in told
    return told.removeprefix(f"{PATH}: ")


def private(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_an_empty_file_is_a_configuration() -> None:
    settings = config.parse(b"", PATH)
    assert (settings.trunk, settings.provider.account) == ((), "provider")
    assert settings.node.state_dir == Path("/var/lib/ctibridge")


def test_ten_lines_are_enough() -> None:
    text = TRUNK + '[[trunk.line]]\nuser = "6001"\npassword = { file = "secrets/6001" }\nagents = ["ana"]\n'
    (trunk,) = config.parse(text.encode(), PATH).trunk
    assert trunk.line[0].agents == ("ana",)
    assert trunk.line[0].password == Secret(file="secrets/6001")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[node]\nnam = 1", "node: unknown key `nam`"),
        (TRUNK + "[[trunk.line]]\nuser = '1'\npaswd = '2'", "trunk[0].line[0]: unknown key `paswd`"),
        ("[[trunk]]\nname = 'a'", "trunk[0]: missing key `registrar`"),
        ("[trunk]\nname = 'a'", "trunk: "),
        (TRUNK + "ring = 'busy'", "trunk[0].ring: "),
        (TRUNK + "expires = 120", "trunk[0].expires: "),
        (TRUNK + "expires = '2 minutes'", "'2 minutes' is no duration"),
        (TRUNK + "expires = '5s'", "expires is at least 10s"),
        (TRUNK + "country = 'Germany'", "two capital letters"),
        (TRUNK + "country = 'XX'", "trunk pbx: country 'XX' has no numbering plan"),
        (TRUNK + "domain = 'foo bar'", "domain 'foo bar' is no host"),
        (TRUNK + "[[trunk.line]]\nuser = ''", "user '' is no user part"),
        (TRUNK + '[[trunk.line]]\nuser = "60 01\\r\\nEvil: x"', "is no user part"),
        (TRUNK.replace("pbx.example.net", "[::1]"), "are of different families"),
        (TRUNK.replace("pbx.example.net", "pbx.example.net;transport=sctp"), "';transport=sctp' is unknown"),
        (TRUNK + "listen = 'here'", "is no address to listen at"),
        (TRUNK + "also_from = ['10.0.0.1/28']", "trunk pbx: also_from: "),
        (TRUNK + TRUNK, "two trunks are called 'pbx'"),
        (TRUNK + "[[trunk.line]]\nuser = '1'\npassword = 'plain'", "trunk[0].line[0].password: "),
        (TRUNK + "[[trunk.line]]\nuser = '1'\npassword = {}", "a secret is either"),
        ("node = [", ""),
        ("\0", ""),
    ],
)
def test_what_is_refused(text: str, told: str) -> None:
    assert told in refused(text)


def test_bytes_that_are_no_text_are_refused_too() -> None:
    with pytest.raises(ConfigError, match=r"ctibridge\.toml: "):
        config.parse(b"\xff\xfe", PATH)


def test_a_password_written_in_the_wrong_place_is_not_repeated() -> None:
    assert "hunter2" not in refused(TRUNK + "[[trunk.line]]\nuser = '1'\npassword = 'hunter2'")


def test_load_resolves_relative_paths_against_the_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('[node]\nstate_dir = "state"\n' + TRUNK + 'lines_file = "lines.csv"\n', encoding="utf-8")
    settings = config.load(file)
    assert settings.node.state_dir == tmp_path / "state"
    assert settings.trunk[0].lines_file == str(tmp_path / "lines.csv")


def test_a_file_that_is_not_there_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config FILE"):
        config.load(tmp_path / "absent.toml")


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_a_secret_is_read_without_its_line_end(tmp_path: Path) -> None:
    private(tmp_path / "s", "pass word \r\n")
    assert config.read_secret(Secret(file="s"), "line 1", tmp_path) == "pass word "


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [("x", 0o644, "chmod o-rwx"), ("x", 0o602, "chmod o-rwx"), ("\n", 0o600, "is empty"), (None, 0, "No such file")],
)
def test_a_secret_that_cannot_be_used(text: str | None, mode: int, told: str, tmp_path: Path) -> None:
    if text is not None:
        private(tmp_path / "s", text).chmod(mode)
    with pytest.raises(ConfigError, match=told) as error:
        config.read_secret(Secret(file="s"), "trunk pbx, line 6001", tmp_path)
    assert str(error.value).startswith("trunk pbx, line 6001: ")


def test_a_secret_may_be_read_by_the_group(tmp_path: Path) -> None:
    private(tmp_path / "s", "x").chmod(0o640)
    assert config.read_secret(Secret(file="s"), "line", tmp_path) == "x"


def test_credentials_come_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As LoadCredential= hands them over: files that their user alone can read, in a folder that he cannot write."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    for name in ("pbx-6001", "pbx-cti"):
        private(credentials / name, f"of {name}\n").chmod(0o400)
    credentials.chmod(0o500)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    file = tmp_path / "etc" / "ctibridge.toml"
    file.parent.mkdir()
    file.write_text(
        TRUNK + 'observe = ["contact", "dialog-info"]\n'
        '[trunk.observer]\nusername = "cti"\npassword = { credential = "pbx-cti" }\n'
        '[[trunk.line]]\nuser = "6001"\npassword = { credential = "pbx-6001" }\n',
        encoding="utf-8",
    )
    access = config.access_of(config.load(file).trunk[0], file.parent)
    assert access.lines[0].password == "of pbx-6001"
    assert access.observer is not None
    assert access.observer.password == "of pbx-cti"


def test_a_credential_that_the_unit_does_not_name_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigError, match=r"line: credential 'pbx' was not handed over .* LoadCredential=pbx:FILE"):
        config.read_secret(Secret(credential="pbx"), "line", Path("/"))


def test_a_credential_outside_the_unit_is_reported_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(OutsideUnit, match="only be read inside the systemd unit"):
        config.read_secret(Secret(credential="pbx"), "line", Path("/"))


def test_who_sits_where_is_known_without_the_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    text = (
        '[[trunk]]\nname = "pbx"\nregistrar = "sip:pbx.example.net"\n[[trunk.line]]\nuser = "6001"\n'
        'agents = ["ana", "ana"]\npassword = { credential = "pbx" }\n'
    )
    (trunk,) = config.parse(text.encode(), tmp_path / "c.toml").trunk
    assert config.seats_of(trunk, tmp_path) == {"6001": ("ana",)}
    with pytest.raises(OutsideUnit):
        config.access_of(trunk, tmp_path)


# -- webhooks ----------------------------------------------------------------------------------------------------------

HOOK = '[[webhook]]\nname = "tool"\nurl = "https://tool.example.net/h"\nsecret = { file = "tool" }\n'


def test_a_webhook_with_its_key(tmp_path: Path) -> None:
    private(tmp_path / "tool", "whsec_" + "QUJD" * 8 + "\n")
    (tmp_path / "c.toml").write_text(HOOK + 'ca_file = "ca.pem"\n', encoding="utf-8")
    (webhook,) = config.load(tmp_path / "c.toml").webhook
    assert webhook.ca_file == str(tmp_path / "ca.pem")
    assert config.webhook_access(webhook, tmp_path).key == b"ABC" * 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HOOK + HOOK, "webhook: two are called 'tool'"),
        (HOOK + "url2 = 1", "webhook[0]: unknown key `url2`"),
        (HOOK + 'events = ["call.rang"]', "webhook[0].events[0]: Invalid enum value 'call.rang'; write one of"),
        (HOOK.replace("https", "http"), "webhook[0]: url: http:// is for loopback addresses only"),
    ],
)
def test_webhooks_that_are_refused(text: str, told: str) -> None:
    assert refused(text).startswith(told)


def test_a_key_that_is_none_is_refused_with_its_webhook_and_is_not_repeated(tmp_path: Path) -> None:
    private(tmp_path / "tool", "hunter2")
    (webhook,) = config.parse(HOOK.encode(), PATH).webhook
    with pytest.raises(ConfigError, match="webhook tool, secret: is no whsec_") as error:
        config.webhook_access(webhook, tmp_path)
    assert "hunter2" not in str(error.value)


# -- lines -------------------------------------------------------------------------------------------------------------


WATCHED = 'observe = ["dialog-info"]\n[trunk.observer]\nusername = "cti"\npassword = { file = "cti" }\n'


def lines(tmp_path: Path, csv: str | None = None, toml: str = "", mode: int = 0o600) -> tuple[LineAccess, ...]:
    if csv is not None:
        private(tmp_path / "lines.csv", csv).chmod(mode)
        toml = 'lines_file = "lines.csv"\n' + toml
    (tmp_path / "c.toml").write_text(TRUNK + toml, encoding="utf-8")
    return config.access_of(config.load(tmp_path / "c.toml").trunk[0], tmp_path).lines


def test_one_line_needs_no_secret_of_the_others(tmp_path: Path) -> None:
    private(tmp_path / "s2", "two\n")
    private(tmp_path / "lines.csv", "user,username,password\n6003,account-3,three\n")
    toml = (
        '[[trunk.line]]\nuser = "6001"\npassword = { file = "gone" }\n'
        '[[trunk.line]]\nuser = "6002"\npassword = { file = "s2" }\n'
    )
    (tmp_path / "c.toml").write_text(TRUNK + 'lines_file = "lines.csv"\n' + toml, encoding="utf-8")
    (trunk,) = config.load(tmp_path / "c.toml").trunk
    assert config.line_access(trunk, "6002", tmp_path) == LineAccess("6002", "6002", "two")
    assert config.line_access(trunk, "6003", tmp_path) == LineAccess("6003", "account-3", "three")
    assert config.line_access(trunk, "6004", tmp_path) is None
    with pytest.raises(ConfigError, match="No such file"):
        config.line_access(trunk, "6001", tmp_path)


def test_lines_of_tables_and_of_the_file(tmp_path: Path) -> None:
    private(tmp_path / "s2", "two\n")
    private(tmp_path / "s3", "three\n")
    found = lines(
        tmp_path,
        "user,username,password_file,agents\n6002,digest-2,s2,ana; ben ;\n",
        '[[trunk.line]]\nuser = "6003"\npassword = { file = "s3" }\n',
    )
    assert found == (
        LineAccess("6003", "6003", "three"),
        LineAccess("6002", "digest-2", "two", ("ana", "ben")),
    )


def test_a_file_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    assert lines(tmp_path, '\ufeffuser,password,agents\r\n6001,"a,b",ana\r\n') == (
        LineAccess("6001", "6001", "a,b", ("ana",)),
    )


@pytest.mark.parametrize(
    ("csv", "mode", "told"),
    [
        ("user,paswd\n1,x\n", 0o600, "unknown column 'paswd'"),
        ("user,password\n,x\n", 0o600, "lines.csv:2: user '' is no user part"),
        ("user,password\n1,x\n1,y\n", 0o600, "line 1 stands there twice"),
        ("user,password\n1,x\n", 0o644, "chmod o-rwx"),
        ("user,password_file\n1,absent\n", 0o644, "No such file"),
        ('user,password,agents\n1,"x,ana\n', 0o600, "lines.csv: unexpected end of data; close the quotes"),
        ("user,agents\n1,ana,ben\n", 0o644, "lines.csv:2: more cells than columns"),
        ("user\n", 0o644, "has no line"),
        ("", 0o644, "has no line"),
    ],
)
def test_lines_that_are_refused(csv: str, mode: int, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=told):
        lines(tmp_path, csv, mode=mode)


def test_an_agent_who_is_named_twice_is_one_agent(tmp_path: Path) -> None:
    private(tmp_path / "cti", "observed")
    assert lines(tmp_path, "user,agents\n6001,ana;ana\n", WATCHED, mode=0o644)[0].agents == ("ana",)


def test_a_file_that_begins_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = private(tmp_path / "ctibridge.toml", "\ufeff" + TRUNK)
    assert config.load(path).trunk[0].name == "pbx"


def test_a_lines_file_without_passwords_is_no_secret(tmp_path: Path) -> None:
    private(tmp_path / "cti", "observed")
    found = lines(tmp_path, "user,agents\n6001,ana\n", WATCHED, mode=0o644)
    assert found == (LineAccess("6001", "6001", "", ("ana",)),)


@pytest.mark.parametrize(
    "keys", ["", 'observe = ["dialog-info"]\n', WATCHED.replace('["dialog', '["contact", "dialog')]
)
def test_a_line_that_has_to_prove_itself_needs_a_password(keys: str, tmp_path: Path) -> None:
    private(tmp_path / "cti", "observed")
    with pytest.raises(ConfigError, match="line 6001 has no password; give it one"):
        lines(tmp_path, "user,agents\n6001,ana\n", keys, mode=0o644)


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('observe = ["dialog"]\n', 'observe[0]: Invalid enum value \'dialog\'; write one of "contact", "dialog-info"'),
        ('ring = "never"\n', 'trunk[0].ring: Invalid enum value \'never\'; write one of "decline", "hold"'),
        ('observe = "contact"\n', "trunk[0].observe: Expected `array`, got `str`; write a list"),
        (
            '[[trunk.line]]\nuser = "1"\npassword = "x"\n',
            "password: Expected `object | null`, got `str`; write a table",
        ),
    ],
)
def test_a_wrong_value_is_told_with_the_mend(toml: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config.parse((TRUNK + toml).encode(), Path("c.toml"))
    assert told in str(refused.value)


def test_two_trunks_at_one_port_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"trunk b: listen 0\.0\.0\.0:5066 is a's, too"):
        config.parse(b'[[trunk]]\nname="a"\nregistrar="x"\n[[trunk]]\nname="b"\nregistrar="y"\n', Path("c.toml"))


def test_more_lines_than_a_node_carries_are_refused_and_not_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "MAX_LINES", 2)
    with pytest.raises(ConfigError, match="more than 2 lines"):
        lines(tmp_path, "user\n1\n2\n3\n")


def test_a_lines_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_bytes(b"user\n\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        lines(tmp_path, toml='lines_file = "lines.csv"\n')


def test_a_trunk_without_lines(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="trunk pbx has no line"):
        lines(tmp_path)


def test_the_schema_names_every_section_and_how_a_duration_is_written() -> None:
    schema = msgspec.json.encode(config.schema()).decode()
    for word in ("trunk", "privacy", "state_dir", "ring_expiry", "(ms|s|m|h|d)"):
        assert word in schema
