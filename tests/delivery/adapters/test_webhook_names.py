"""A receiver's name, where the name server answers, does not know it, or never answers."""

import asyncio
import socket
import ssl
import threading
import time

import pytest

from ctibridge.delivery.adapters.webhook_client import Client
from ctibridge.delivery.adapters.webhook_names import Resolver
from ctibridge.delivery.webhook_settings import WebhookAccess, WebhookSettings
from ctibridge.delivery.webhooks.forms import Message
from ctibridge.delivery.webhooks.verdict import Outcome
from ctibridge.fields import Duration, Secret
from ctibridge.sip.adapters.addresses import AddressLookup
from tests.peers.receiver import receiver

MESSAGE = Message("e1.1", "text/plain", b"x")


def client(url: str, *, names: object) -> Client:
    settings = WebhookSettings("tool", url, Secret(file="key"), timeout=Duration(0.3))
    access = WebhookAccess(url, bytes(32))
    return Client(settings, access, ssl.create_default_context(), names=names)  # type: ignore[arg-type]


async def test_all_addresses_in_their_order() -> None:
    async def names(name: str, family: socket.AddressFamily) -> tuple[str, ...]:
        assert (name, family) == ("tool.test", socket.AF_UNSPEC)
        return "2001:db8::1", "192.0.2.1"

    found = await Resolver(names).resolve("tool.test", 443, socket.AF_UNSPEC)
    assert [(one["host"], one["port"], one["family"]) for one in found] == [
        ("2001:db8::1", 443, socket.AF_INET6),
        ("192.0.2.1", 443, socket.AF_INET),
    ]


async def test_a_name_is_found_as_the_system_finds_it() -> None:
    async with receiver() as tool:
        one = client(tool.url.replace("127.0.0.1", "localhost"), names=AddressLookup().addresses)
        assert (await one.post(MESSAGE)).outcome is Outcome.TAKEN
        await one.close()


@pytest.mark.parametrize("fault", [socket.gaierror(socket.EAI_NONAME, "unknown"), UnicodeError("label too long")])
async def test_a_name_that_nobody_knows_is_tried_again_later(fault: Exception) -> None:
    async def names(_: str, __: socket.AddressFamily) -> tuple[str, ...]:
        raise fault

    one = client("https://tool.test/", names=names)
    assert (await one.post(MESSAGE)).outcome is Outcome.LATER
    await one.close()


def test_a_name_server_that_never_answers_keeps_no_process_from_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def hangs(*_: object, **__: object) -> None:
        ended.wait(20)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    async def tries() -> str:
        one = client("https://tool.test/", names=AddressLookup().addresses)
        verdict = await one.post(MESSAGE)
        await one.close()
        return verdict.why

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    began = time.monotonic()
    assert asyncio.run(tries()) == "no answer in time"
    assert time.monotonic() - began < 10
    ended.set()
