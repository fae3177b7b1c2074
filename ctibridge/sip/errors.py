"""The one error that a peer can cause. Whatever else escapes this room is our own fault."""


class RemoteFault(Exception):
    """The peer sent something wrong. status: what RFC 3261 answers; the text names the part, never its value."""

    def __init__(self, what: str, status: int = 400) -> None:
        super().__init__(what)
        self.status = status
