"""Phones until their standard input ends: `python -m ctibridge.softphone`.

Comes in on standard input: one `Roster`, then `Order`s, one JSON object a line; the end of input ends the phones, also
when who started them was killed. Goes out on standard output: `SignedOn` for each phone, then `PickedUp`
where an order asks for it.
"""

import contextlib
import os
import sys
import threading
import time

import msgspec

from ctibridge import core_dumps
from ctibridge.softphone.orders import Order, PickedUp, Roster, SignedOn
from ctibridge.softphone.phone import Phone

SIGN_OFF = 1.0


def main() -> None:
    """Ends the process itself: pyVoIP's threads would keep it alive."""
    core_dumps.refuse()  # it has the line's password
    said = os.dup(sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # pyVoIP prints
    roster = msgspec.json.decode(sys.stdin.readline(), type=Roster)

    def say(what: SignedOn | PickedUp) -> None:
        with contextlib.suppress(BrokenPipeError):  # who started us was killed: the input has ended, too
            os.write(said, msgspec.json.encode(what) + b"\n")

    phones = [Phone(one, roster, say) for one in roster.handsets]
    for phone in phones:
        phone.start()
        say(SignedOn(phone.username))
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        for phone in phones:
            if phone.username == order.line:
                phone.expect(order)
    _sign_off(phones)
    os._exit(0)


def _sign_off(phones: list[Phone]) -> None:
    leaving = [threading.Thread(target=phone.stop, daemon=True) for phone in phones]
    for thread in leaving:
        thread.start()
    give_up = time.monotonic() + SIGN_OFF
    for thread in leaving:
        thread.join(max(0.0, give_up - time.monotonic()))


main()
