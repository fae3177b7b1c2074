"""One subscription as the PBX keeps it: a Call-ID, a dialog, and what it has told so far (RFC 6665 4.4.1, RFC 5057).

Only a NOTIFY makes the dialog. Where a request was forked, the first NOTIFY wins and the others get 481, which ends
them: a line has one state.
"""

from dataclasses import dataclass, field, replace

from ctibridge.sip import dialog
from ctibridge.sip.dialog import Dialog, DialogId
from ctibridge.sip.dialog_info import CONTENT_TYPE
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import Request, Response
from ctibridge.sip.notification import PACKAGE, Notification
from ctibridge.sip.subscriber import Subscriber


@dataclass(slots=True)
class Usage:
    """made: a NOTIFY made the dialog; before that it is what the 200 let us guess, enough to un-subscribe. told: it had
    a document. over: the next try begins another one."""

    subscriber: Subscriber
    call_id: str = field(repr=False)
    from_tag: str
    dialog: Dialog | None = None
    made: bool = False
    active: bool = False
    pending: bool = False
    told: bool = False
    over: bool = False
    _answered: tuple[int, int] = (-1, 0)
    """CSeq of the newest NOTIFY, and what we answered."""

    def is_named(self, named: DialogId) -> bool:
        """Does a NOTIFY to this dialog belong here?"""
        if named[:2] != (self.call_id, self.from_tag):
            return False
        return not self.made or self.dialog is None or named[2] == self.dialog.id[2]

    def earlier_answer(self, number: int) -> int | None:
        """The status for a NOTIFY that is no news: the same again for a retransmission, 500 for one out of order
        (RFC 3261 12.2.2)."""
        newest, status = self._answered
        if number > newest:
            return None
        return status if number == newest else 500

    def answer(self, number: int, status: int) -> int:
        """A NOTIFY that made no dialog is forgotten: another fork counts in its own numbers."""
        if self.made:
            self._answered = number, status
        return status

    def learn_notification(self, heard: Notification) -> None:
        """Each NOTIFY may move the target (RFC 3261 12.2.2); the first one makes the dialog."""
        if self.made and self.dialog is not None:
            self.dialog = replace(self.dialog, target=heard.target or self.dialog.target)
            return
        made = Dialog(self.call_id, self._local, heard.sender, heard.target or self.subscriber.aor, heard.routes)
        guess = self.dialog
        if guess is not None and guess.id == made.id:
            made = replace(made, target=heard.target or guess.target, routes=heard.routes or guess.routes)
        self.dialog, self.made = made, True

    def learn_answer(self, request: Request, response: Response) -> None:
        """From a 200. Some proxies put themselves on the SUBSCRIBE's way alone: their route counts where the NOTIFY had
        none."""
        if self.dialog is not None and self.dialog.routes:
            return
        try:
            answered = dialog.made_by_answer(request, response)
        except RemoteFault:
            return
        if self.dialog is None:
            self.dialog = answered
        elif self.dialog.id == answered.id:
            self.dialog = replace(self.dialog, routes=answered.routes)

    def subscribe(self, number: int, expires: int, contact: str) -> Request:
        """Within the dialog if there is one. expires: seconds, 0 to un-subscribe; contact: our URI just now."""
        me = self.subscriber
        extra = (
            ("contact", f"<{contact}>"),
            ("event", PACKAGE),
            ("accept", CONTENT_TYPE),
            ("expires", str(expires)),
        )
        within = self.dialog if self.made or not expires else None
        first = Dialog(self.call_id, self._local, f"<{me.aor}>", me.aor)
        return (within or first).request("SUBSCRIBE", number, extra)

    @property
    def _local(self) -> str:
        return f"<{self.subscriber.watcher}>;tag={self.from_tag}"
