"""That the whole is AsyncAPI, and that its examples follow it, test_asyncapi sees."""

from ctibridge.delivery import asyncapi_webhook, wire


def test_each_event_has_one_example_of_a_desk_and_the_first_by_name() -> None:
    said = {f"{kind}{end}": {"type": kind, "id": end} for kind in wire.EVENTS for end in ("", ".rare")}
    messages = asyncapi_webhook.channel(said, {})["messages"]
    (example,) = messages["WebhookCallRinging"]["examples"]
    assert example == {"name": "call.ringing", "payload": {"type": "call.ringing", "id": "", "desk": "ana"}}
    assert len(messages) == len(wire.EVENTS) + 1


def test_it_is_posted() -> None:
    made = asyncapi_webhook.posting()
    assert (made["action"], made["bindings"]["http"]["method"]) == ("send", "POST")
