"""What systemd wants to hear of a Type=notify service (sd_notify(3)): a datagram to the socket that it names."""

import os
import socket
import time

LONGEST_STATUS = 2_000
"""Bytes: systemd drops a datagram above 4096 whole, and with it the READY=1 beside the status."""


class Notifier:
    """Says nothing where systemd does not listen. address: `NOTIFY_SOCKET`; interval: seconds between two
    `WATCHDOG=1`, half of what systemd allows, or None where it runs no watchdog for this process."""

    def __init__(self, address: str | None, interval: float | None) -> None:
        self.interval = interval
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
            # A leading @ names a socket in the abstract namespace.
            self._address = "\0" + address[1:] if address.startswith("@") else address

    @classmethod
    def from_environment(cls) -> "Notifier":
        usec, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
        watched = usec.isascii() and usec.isdigit() and pid == str(os.getpid())
        return cls(os.environ.get("NOTIFY_SOCKET"), int(usec) / 2e6 if watched else None)

    def ready(self, status: str) -> None:
        self._say(f"READY=1\n{_status(status)}")

    def status(self, status: str) -> None:
        self._say(_status(status))

    def alive(self) -> None:
        self._say("WATCHDOG=1")

    def reloading(self) -> None:
        """`ready` has to follow, whatever came of it. Type=notify-reload (systemd 253 and later) goes by the time."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def extend(self, seconds: float) -> None:
        """The start, or the stop, may take that much longer from now on; said again and again by what takes long."""
        self._say(f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}")

    def stopping(self) -> None:
        self._say("STOPPING=1")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _say(self, text: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(text.encode(), self._address)
        except OSError:
            # Nobody who could be told: systemd restarts us if it misses the next ones, too.
            return


def _status(text: str) -> str:
    """One line of it: what stood behind a line end would be a word of its own."""
    line = " ".join(text.splitlines()).encode(errors="replace")
    if len(line) > LONGEST_STATUS:
        line = line[: LONGEST_STATUS - 3] + b"..."
    return f"STATUS={line.decode(errors='ignore')}"
