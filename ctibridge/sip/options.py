"""The OPTIONS with which we ask whether the registrar is there (RFC 3261 11.1)."""

from ctibridge.sip.message import Headers, Request


class Options:
    """call: Call-ID and From-tag of all of them."""

    def __init__(self, call: str) -> None:
        self._call = call
        self._cseq = 0

    def ask(self, asks: str, uri: str) -> Request:
        """asks: URI of who asks. The next one, whose Via the transaction layer puts on top."""
        self._cseq += 1
        lines = (
            ("max-forwards", "70"), ("from", f"<{asks}>;tag={self._call}"), ("to", f"<{uri}>"),
            ("call-id", self._call), ("cseq", f"{self._cseq} OPTIONS"),
        )  # fmt: skip
        return Request("OPTIONS", uri, Headers(lines))
