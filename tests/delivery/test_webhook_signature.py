import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from ctibridge.delivery.webhook_signature import headers, opaque

KEY = bytes(range(32))
BODY = b'{"type": "call.ringing", "data": {"name": "Zo\xc3\xab"}}'


def test_the_official_library_takes_it() -> None:
    theirs, now = Webhook(base64.b64encode(KEY).decode()), int(datetime.now(UTC).timestamp())
    sent = headers(KEY, "k3f9.42", now, BODY)
    assert theirs.verify(BODY, sent) == {"type": "call.ringing", "data": {"name": "Zoë"}}
    assert theirs.sign("k3f9.42", datetime.fromtimestamp(now, UTC), BODY.decode()) == sent["webhook-signature"]


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_the_official_library_refuses_what_was_changed(name: str) -> None:
    sent = headers(KEY, "k3f9.42", int(datetime.now(UTC).timestamp()), BODY)
    another = "E=" if sent[name].endswith("A=") else "A="
    changed = {"webhook-timestamp": str(int(sent["webhook-timestamp"]) - 1)}.get(name, sent[name][:-2] + another)
    with pytest.raises(WebhookVerificationError):
        Webhook(base64.b64encode(KEY).decode()).verify(BODY, sent | {name: changed})


def test_an_opaque_name_is_always_the_same_and_tells_nothing_of_its_parts() -> None:
    names = {opaque(KEY, "event", "ana", f"e1.{number}") for number in range(100)}
    assert len(names) == 100
    assert opaque(KEY, "event", "ana", "e1.7") in names
    assert opaque(KEY[1:], "event", "ana", "e1.7") not in names
    assert opaque(KEY, "a", "bc") != opaque(KEY, "ab", "c")
