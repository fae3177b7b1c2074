import json

import pytest

from ctibridge.cli import main


def test_the_asyncapi_document_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "asyncapi"]) == 0
    assert json.loads(capsys.readouterr().out)["asyncapi"] == "3.0.0"


@pytest.mark.parametrize(("what", "word"), [("events", "CallRinging"), ("config", "WebSettings")])
def test_both_schemas_are_json(capsys: pytest.CaptureFixture[str], what: str, word: str) -> None:
    assert main(["schema", what]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert word in schema["$defs"]


def test_anything_else_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["schema", "planets"])
    assert ended.value.code == 2
