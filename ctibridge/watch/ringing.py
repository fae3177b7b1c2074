"""The calls that ring at this desk now, each with its newest pop: what is worth a page or a notification."""

from ctibridge.watch.heard import Data, Heard, Welcome

_MOST = 32  # whoever has more phones ringing looks at none of the first


class Ringing:
    """`calls`: by the call's id, the one that rang last at the end; at most 32, the oldest is let go first.

    A desk that comes back hears all that it missed, also of calls that are long over. Of those none rings again here:
    `welcome` says how far the replay goes and what rings at its end.
    """

    def __init__(self) -> None:
        self.calls: dict[str, Data] = {}
        self._replayed_to = 0
        self._at_its_end: frozenset[str] = frozenset()

    def welcome(self, welcome: Welcome) -> None:
        """A connection begins. What rang before and is not among its calls has stopped meanwhile."""
        pops = {detail.call: detail.pop for detail in welcome.details if detail.pop is not None}
        pops |= {data.call.id: data for data in welcome.calls if data.call and data.caller}
        before, self.calls = self.calls, {}
        ringing = [data.call.id for data in welcome.calls if data.call and data.call.state == "ringing"]
        for call in ringing:
            if (pop := pops.get(call, before.get(call))) is not None:
                self._rings(call, pop)
        self._replayed_to = welcome.sequence
        self._at_its_end = frozenset(ringing)

    def hear(self, event: Heard) -> None:
        call = event.data.call
        if call is None or (event.sequence <= self._replayed_to and call.id not in self._at_its_end):
            return
        if call.state != "ringing":
            self.calls.pop(call.id, None)
        elif event.data.caller is not None:
            self._rings(call.id, event.data)

    def _rings(self, call: str, pop: Data) -> None:
        self.calls[call] = pop
        if len(self.calls) > _MOST:
            del self.calls[next(iter(self.calls))]
