"""How much of one answer is heard, headers and answers before the answer (1xx) included.

aiohttp bounds each header and a body that nobody reads, but no stream of `100 Continue`: one such receiver on loopback
held the loop for four to six seconds, and pops with it. aiohttp has no setting for that, so its connections are made
here, in `_factory`; test_webhook_hearing.py sees whether it still makes them there.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

MOST_HEARD = 16384
"""Bytes of one answer."""


class Connections(aiohttp.TCPConnector):
    """As aiohttp's; the ear of each is bounded."""

    def __init__(self, **keys: Any) -> None:
        super().__init__(**keys)
        ear: Callable[..., ResponseHandler] = _Ear
        self._factory = partial(ear, loop=asyncio.get_running_loop())


class _Ear(ResponseHandler):
    _left = MOST_HEARD

    def set_response_params(self, **keys: Any) -> None:
        """Another request begins."""
        self._left = MOST_HEARD
        super().set_response_params(**keys)

    def data_received(self, data: bytes) -> None:
        heard = data[: self._left]
        self._left -= len(heard)
        if heard or not data:
            super().data_received(heard)
        if len(heard) < len(data) and self.transport is not None:
            self.transport.abort()
