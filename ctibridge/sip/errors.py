"""The one error that a peer can cause. Whatever else escapes this room is our own fault."""


class RemoteFault(Exception):
    """The peer sent something wrong. status: what RFC 3261 answers. extra: header lines that this status needs, like
    Allow for 405, as lower-case names with values. The text names the part, never its value."""

    def __init__(self, what: str, status: int = 400, extra: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(what)
        self.status = status
        self.extra = extra
