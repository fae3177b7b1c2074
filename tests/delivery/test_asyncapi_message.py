from ctibridge.delivery.asyncapi_message import Message, described, operation

RINGING = Message("CallRinging", "call.ringing", "It rings.")


def test_its_examples_are_those_of_its_type() -> None:
    written = {"one": {"type": "call.ringing"}, "another": {"type": "call.ended"}}
    part = described(RINGING, written)
    assert part["examples"] == [{"name": "one", "payload": {"type": "call.ringing"}}]
    assert part["payload"] == {"$ref": "#/components/schemas/CallRinging"}
    assert (part["name"], part["contentType"]) == ("call.ringing", "application/json")


def test_an_operation_points_into_its_channel() -> None:
    made = operation("send", "desk", "Events.", ["CallRinging"])
    assert made["channel"] == {"$ref": "#/channels/desk"}
    assert made["messages"] == [{"$ref": "#/channels/desk/messages/CallRinging"}]
