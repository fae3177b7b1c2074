"""One receiver over HTTP: a POST, and what its answer means.

Nothing of an answer is kept: it is read for at most a second, so that the connection can be used again, and as far as
`webhook_hearing` hears it. Redirects are not followed, cookies not kept, no proxy is taken from the environment.
"""

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from ctibridge.delivery.adapters.webhook_hearing import Connections
from ctibridge.delivery.adapters.webhook_names import Names, Resolver
from ctibridge.delivery.webhook_settings import WebhookAccess, WebhookSettings
from ctibridge.delivery.webhook_signature import headers
from ctibridge.delivery.webhooks.forms import Message
from ctibridge.delivery.webhooks.pace import AT_ONCE
from ctibridge.delivery.webhooks.verdict import Verdict, failed, of_answer

READS_FOR = 1.0
KEPT_OPEN = 4.0
"""Seconds that a connection is kept for the next event: receivers close theirs after five and more."""
_FAULTS = (aiohttp.ClientError, OSError, TimeoutError)


def tls(settings: WebhookSettings) -> ssl.SSLContext:
    """Blocks. Raises OSError (ssl.SSLError is one) for a `ca_file` that is none."""
    return ssl.create_default_context(cafile=settings.ca_file)


class Client:
    """Made on the loop. refusals: as for `verdict.of_answer`. names: None for the loop's own executor."""

    def __init__(
        self,
        settings: WebhookSettings,
        access: WebhookAccess,
        context: ssl.SSLContext,
        refusals: frozenset[int] = frozenset(),
        names: Names | None = None,
    ) -> None:
        self._refusals = refusals
        self._url = URL(access.url, encoded=True)
        self._key = access.key
        self._session = aiohttp.ClientSession(
            connector=Connections(
                limit=AT_ONCE, ssl=context, keepalive_timeout=KEPT_OPEN, resolver=names and Resolver(names)
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=settings.timeout),
            headers={"User-Agent": "ctibridge"},
            auto_decompress=False,
        )

    async def post(self, message: Message) -> Verdict:
        """Never raises for what the receiver or the network does."""
        now = datetime.now(UTC)
        said = {"Content-Type": message.content_type}
        if self._key is not None:
            said |= headers(self._key, message.id, int(now.timestamp()), message.body)
        try:
            async with self._session.post(self._url, data=message.body, headers=said, allow_redirects=False) as answer:
                verdict = of_answer(answer.status, answer.headers.get("Retry-After"), now, self._refusals)
                await _read_off(answer)
                return verdict
        except TimeoutError:
            return failed("no answer in time")
        except _FAULTS as error:
            # Not the error's own words: the URL may hold a token.
            return failed(type(error).__name__)

    async def close(self) -> None:
        await self._session.close()


async def _read_off(answer: aiohttp.ClientResponse) -> None:
    """What the status said counts, whatever becomes of the rest."""
    with suppress(*_FAULTS):
        async with asyncio.timeout(READS_FOR):
            async for _ in answer.content.iter_any():
                pass
            return
    answer.close()
