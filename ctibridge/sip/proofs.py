"""Passwords that several lines share: one line at a time shows one that is not proved, the others wait for its word.

In: who asks with which password, and what came of it. Out: the lines that may ask.
"""

from ctibridge.sip.digest import Credentials


class Proofs:
    def __init__(self) -> None:
        self._sharing: dict[Credentials, dict[str, None]] = {}
        self._proved: set[Credentials] = set()
        self._proving: dict[Credentials, str] = {}
        self._held: dict[Credentials, dict[str, None]] = {}

    def join(self, line: str, who: Credentials) -> None:
        """The line asks with this password from now on."""
        self._sharing.setdefault(who, {})[line] = None

    def leave(self, line: str, who: Credentials) -> None:
        """No longer; `free` says who tries in its place."""
        sharing = self._sharing[who]
        del sharing[line]
        self._held.get(who, {}).pop(line, None)
        if self._proving.get(who) == line:
            del self._proving[who]
        if not sharing:
            del self._sharing[who]
            self._proved.discard(who)
            self._held.pop(who, None)

    def sharing(self, who: Credentials) -> list[str]:
        return list(self._sharing.get(who, ()))

    def proved(self, who: Credentials) -> bool:
        return who in self._proved

    def may(self, line: str, who: Credentials) -> bool:
        """May the line ask? Else it is held until somebody's word."""
        if who in self._proved or self._proving.setdefault(who, line) == line:
            return True
        self._held.setdefault(who, {})[line] = None
        return False

    def take(self, who: Credentials) -> list[str]:
        """It was taken: who has waited for that."""
        self._proved.add(who)
        self._proving.pop(who, None)
        return list(self._held.pop(who, ()))

    def refuse(self, who: Credentials) -> None:
        self._proved.discard(who)

    def pass_on(self, line: str, who: Credentials) -> list[str]:
        """The line could not prove it, for whatever reason: who tries now."""
        if who in self._proved or self._proving.get(who, line) != line:
            return []
        self._proving.pop(who, None)
        return self.free(who)

    def free(self, who: Credentials) -> list[str]:
        """Those who are held while nobody proves it."""
        return [] if who in self._proving else list(self._held.pop(who, ()))
