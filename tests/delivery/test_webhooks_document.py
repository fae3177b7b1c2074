"""docs/webhooks.md: its recipe verifies what we sign, and says what of it is the code's."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from standardwebhooks import WebhookVerificationError

from ctibridge import config
from ctibridge.delivery import zammad
from ctibridge.delivery.webhook_settings import signing_key
from ctibridge.delivery.webhook_signature import headers
from ctibridge.delivery.webhooks import verdict
from ctibridge.delivery.wire_webhook import Why

DOCUMENT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
KEY = "whsec_" + "QUJD" * 8
BODY = b'{"type": "call.ringing"}'


@pytest.fixture
def heard() -> Callable[..., Any]:
    (recipe,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    names: dict[str, Any] = {}
    exec(recipe, names)  # noqa: S102 - our own documentation
    found: Callable[..., Any] = names["heard"]
    return found


def test_the_recipe_takes_what_we_sign_once(heard: Callable[..., Any]) -> None:
    signed = headers(signing_key(KEY), "k3f9.42", int(time.time()), BODY)
    assert heard(KEY, signed, BODY) == {"type": "call.ringing"}
    assert heard(KEY, headers(signing_key(KEY), "k3f9.42", int(time.time()) + 9, BODY), BODY) is None


def test_the_recipe_refuses_another_body_another_key_and_an_old_one(heard: Callable[..., Any]) -> None:
    now = int(time.time())
    for key, at, body in ((KEY, now, b"{}"), ("whsec_" + "REVG" * 8, now, BODY), (KEY, now - 400, BODY)):
        with pytest.raises(WebhookVerificationError):
            heard(KEY, headers(signing_key(key), "k3f9.42", at, BODY), body)


def test_what_it_says_is_what_we_do() -> None:
    assert f"| {', '.join(str(status) for status in sorted(verdict._LATER))} |" in DOCUMENT
    for word in (*get_args(Why), *set(zammad._CAUSES.values()), str(zammad.MOST_CALLS)):
        assert f"`{word}`" in DOCUMENT or f" {word} " in DOCUMENT, word


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL))
def test_each_configuration_holds(block: str) -> None:
    assert config.parse(block.encode(), Path("ctibridge.toml")).webhook
