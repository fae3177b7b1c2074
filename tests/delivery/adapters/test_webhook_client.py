import ssl
from pathlib import Path
from typing import Any

import pytest

from ctibridge.delivery.adapters.webhook_client import Client, tls
from ctibridge.delivery.webhook_settings import WebhookAccess
from ctibridge.delivery.webhooks.forms import CLOUDEVENTS, Message
from ctibridge.delivery.webhooks.verdict import Outcome, Verdict
from tests.delivery.adapters.hooked import KEY, settings, verified
from tests.peers.authority import Authority, CertificateKind
from tests.peers.receiver import Receiver, Reply, receiver, redirect

MESSAGE = Message("e1.7", CLOUDEVENTS, b'{"id": "e1.7"}')


async def post(to: str, *messages: Message, key: bytes | None = KEY, **keys: Any) -> list[Verdict]:
    client = Client(settings(to, **keys), WebhookAccess(to, key), ssl.create_default_context())
    try:
        return [await client.post(message) for message in messages or (MESSAGE,)]
    finally:
        await client.close()


async def one(reply: Reply, **keys: Any) -> tuple[Verdict, Receiver]:
    async with receiver() as to:
        to.replies(reply)
        (verdict,) = await post(to.url, **keys)
        to.let_go()
        return verdict, to


async def test_what_is_sent_is_signed_as_the_official_library_has_it() -> None:
    verdict, to = await one(Reply(202))
    (came,) = to.came
    assert verdict == Verdict(Outcome.TAKEN, "HTTP 202")
    assert verified(came) == {"id": "e1.7"}
    assert (came.method, came.headers["Content-Type"]) == ("POST", CLOUDEVENTS)


async def test_a_form_that_is_not_signed_says_nothing_of_webhooks() -> None:
    async with receiver() as to:
        await post(to.url, Message("", "application/x-www-form-urlencoded", b"event=newCall"), key=None)
    assert not [name for name in to.came[0].headers if name.lower().startswith("webhook-")]


async def test_a_redirect_is_not_followed() -> None:
    async with receiver() as elsewhere:
        verdict, _ = await one(redirect(elsewhere.url, 308))
        assert (verdict.outcome, verdict.why, elsewhere.came) == (Outcome.LATER, "HTTP 308", [])


async def test_cookies_are_not_kept() -> None:
    async with receiver() as to:
        to.otherwise = Reply(200, {"Set-Cookie": "session=1"})
        await post(to.url, MESSAGE, MESSAGE)
        assert [came.headers.get("Cookie") for came in to.came] == [None, None]


async def test_who_says_nothing_is_not_waited_for_longer_than_configured() -> None:
    verdict, _ = await one(Reply(end="hang"), timeout=0.1)
    assert verdict == Verdict(Outcome.LATER, "no answer in time")


@pytest.mark.parametrize("status", [200, 500])
async def test_of_a_body_without_an_end_little_is_read_and_the_status_counts(status: int) -> None:
    verdict, to = await one(Reply(status, end="endless"))
    assert verdict.why == f"HTTP {status}"
    assert to.streamed < 16 << 20


@pytest.mark.parametrize("reply", [Reply(end="cut"), Reply(204, {"X-Long": "x" * 100_000})])
async def test_what_is_no_answer_is_tried_again_and_its_reason_names_no_address(reply: Reply) -> None:
    verdict, to = await one(reply)
    assert verdict.outcome is Outcome.LATER
    assert str(to.port) not in verdict.why


async def test_nobody_there_is_tried_again() -> None:
    async with receiver() as to:
        url = to.url
    (verdict,) = await post(url)
    assert verdict.outcome is Outcome.LATER


async def test_the_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as proxy, receiver() as to:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        await post(to.url)
        assert (len(to.came), len(proxy.came)) == (1, 0)


def test_an_authority_that_is_none_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "absent.pem"):
        with pytest.raises(OSError):  # noqa: PT011 - which one is OpenSSL's
            tls(settings("https://tool.example/hook", ca_file=str(tmp_path / name)))


@pytest.mark.peer("openssl")
@pytest.mark.parametrize("kind", ["good", "stranger", "misnamed", "expired"])
async def test_nothing_is_said_to_whom_no_good_certificate_names(kind: CertificateKind, authority: Authority) -> None:
    certificate = authority.of_kind(kind, "127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate.chain, certificate.key)
    async with receiver(server) as to:
        one = settings(to.url, ca_file=str(authority.ca_file))
        client = Client(one, WebhookAccess(one.url, KEY), tls(one))
        verdict = await client.post(MESSAGE)
        await client.close()
    expected = (Outcome.TAKEN, 1) if kind == "good" else (Outcome.LATER, 0)
    assert (verdict.outcome, len(to.came)) == expected
