"""What goes out to other nodes: gathered while the desks speak, posted when they have finished.

The same frame for several screens at one edge crosses once.
"""

from typing import Protocol

from ctibridge.delivery import relayed
from ctibridge.delivery.relayed import Connection, Part, Sent

KIND = "desk"
"""Of what is posted."""


class Post(Protocol):
    """Between the nodes. What one node sends another comes there in order and once, or is lost."""

    def send(self, node: str, kind: str, body: bytes) -> None:
        """Never waits and never fails."""


class Outgoing:
    def __init__(self, post: Post) -> None:
        self._post = post
        self._waiting: dict[str, list[Part]] = {}

    def add(self, node: str, part: Part) -> None:
        self._waiting.setdefault(node, []).append(part)

    def frame(self, node: str, connection: Connection, n: int, frame: bytes) -> None:
        """One frame, behind what waits."""
        parts = self._waiting.setdefault(node, [])
        last = parts[-1] if parts else None
        if isinstance(last, Sent) and last.frame is frame:
            last.to.append((connection, n))
        else:
            parts.append(Sent([(connection, n)], frame))

    def flush(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        for node, parts in waiting.items():
            for body in relayed.written(parts):
                self._post.send(node, KIND, body)
