import json

from ctibridge.delivery import asyncapi, schema
from ctibridge.delivery.adapters import stream_files
from tests.delivery.golden_files import GOLDEN


def test_the_schema_of_events() -> None:
    file = stream_files.events()
    assert json.loads(file.body) == schema.events()
    assert file.media_type == "application/schema+json"


def test_the_asyncapi_document_shows_the_examples_of_the_installation() -> None:
    file = stream_files.described()
    messages = json.loads(file.body)["channels"]["desk"]["messages"]
    assert file.media_type == asyncapi.MEDIA_TYPE
    for path, name in ((GOLDEN / "pong.json", "Pong"), (GOLDEN / "desk" / "sit.json", "SitFrame")):
        assert [example["payload"] for example in messages[name]["examples"]] == [json.loads(path.read_text())]
