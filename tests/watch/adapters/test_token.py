from pathlib import Path

import pytest

from ctibridge.watch.adapters.token import NoToken, find


def kept(path: Path, text: str = "tok-1\n", mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_first_of_four_places_counts(tmp_path: Path) -> None:
    given = kept(tmp_path / "given", "given")
    kept(tmp_path / "credentials/desk-token", "credential", 0o444)
    kept(tmp_path / "home/.config/ctibridge/token", "own")
    environment = {"HOME": str(tmp_path / "home")}
    assert find(None, environment).value == "own"
    environment["CTIBRIDGE_TOKEN"] = "environment"
    assert find(None, environment).value == "environment"
    environment["CREDENTIALS_DIRECTORY"] = str(tmp_path / "credentials")
    assert find(None, environment).value == "credential"
    assert find(given, environment).value == "given"


def test_the_users_own_configuration_may_be_elsewhere(tmp_path: Path) -> None:
    kept(tmp_path / "x/ctibridge/token", "own")
    assert find(None, {"XDG_CONFIG_HOME": str(tmp_path / "x")}).value == "own"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(NoToken, match="chmod 600"):
        find(kept(tmp_path / "token", mode=mode), {})


@pytest.mark.parametrize("text", ["", "\n", "two words", "a\nb", "x" * 300, "é"])
def test_what_is_no_token_is_said_and_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(NoToken, match="has no token in it") as refusal:
        find(kept(tmp_path / "token", text), {})
    assert "x" * 20 not in str(refusal.value)


def test_where_there_is_none_it_is_said_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(NoToken, match=r"no token; .*/\.config/ctibridge/token"):
        find(None, {"HOME": str(tmp_path)})
    with pytest.raises(NoToken, match="No such file"):
        find(tmp_path / "none", {})


def test_it_does_not_print(tmp_path: Path) -> None:
    assert "tok-1" not in repr(find(kept(tmp_path / "token"), {}))
