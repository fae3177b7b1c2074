"""Zammad's generic CTI as its code behaves (zammad/zammad, `Cti::Log.process` and `Cti::Driver::Base`, read 2026-11): a
reply for each request, and the caller log that its agents would see. No Zammad was run.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from tests.peers.receiver import Came, Reply


@dataclass
class Entry:
    """One line of the caller log. done: nobody has to look at it any more. opened_for: whose screen it opened."""

    number: str
    state: str = "newCall"
    done: bool = False
    cause: str | None = None
    opened_for: str | None = None


@dataclass
class Zammad:
    """To be a receiver's `otherwise`."""

    log: dict[str, Entry] = field(default_factory=dict)

    def __call__(self, came: Came) -> Reply:
        return Reply(self.hear(came.body), body=b"{}")

    def hear(self, body: bytes) -> int:
        """The status."""
        fields = dict(parse_qsl(body.decode(), strict_parsing=True))
        if fields.get("direction") != "in":
            return 422
        return 200 if self._process(fields) else 500

    def _process(self, fields: dict[str, str]) -> bool:
        """False: it raises."""
        entry = self.log.get(fields["callId"])
        if fields["event"] == "newCall":
            self.log.setdefault(fields["callId"], Entry(fields["from"]))
            return entry is None
        if entry is None:
            return False
        if fields["event"] == "answer":
            return self._answer(entry, fields)
        entry.done = entry.state != "newCall"  # `forwarded` aside, which we never say
        entry.state, entry.cause = "hangup", fields["cause"]
        return True

    @staticmethod
    def _answer(entry: Entry, fields: dict[str, str]) -> bool:
        """Behind a hangup it returns nothing, and who asks that nothing whether it was destroyed raises."""
        if entry.state == "hangup":
            return False
        entry.state, entry.done, entry.opened_for = "answer", True, fields.get("user")
        return True
