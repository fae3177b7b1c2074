import msgspec

from ctibridge.delivery import wire
from ctibridge.delivery.wire_webhook import GapData, GapEvent, WebhookEvent


def test_it_is_the_event_of_the_stream_and_whose_desk_it_is() -> None:
    stream = [field.encode_name for field in msgspec.structs.fields(wire.Event)]
    assert [field.encode_name for field in msgspec.structs.fields(WebhookEvent)] == [*stream, "desk"]


def test_a_gap_is_of_no_call_and_counts_nothing() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(GapEvent)}
    assert names == {"specversion", "id", "source", "type", "time", "desk", "data"}


def test_why_something_was_lost_is_an_open_word() -> None:
    (shape,) = msgspec.json.schema_components([GapData])[1].values()
    assert shape["properties"]["why"] == {"type": "string"}
