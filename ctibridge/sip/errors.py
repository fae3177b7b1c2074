"""The one error that a peer can cause. Whatever else escapes this room is our own fault."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctibridge.sip.message import Request


class RemoteFault(Exception):
    """The peer sent something wrong. status: what RFC 3261 answers; the text names the part, never its value.

    request: what could be read of the request all the same, so that it can be answered; None where there is nothing.
    """

    def __init__(self, what: str, status: int = 400, request: "Request | None" = None) -> None:
        super().__init__(what)
        self.status = status
        self.request = request
