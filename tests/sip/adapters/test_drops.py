"""What the kernel says of a buffer that was too small."""

import os
import socket
from pathlib import Path

import pytest

from ctibridge.sip.adapters import drops
from ctibridge.sip.adapters.drops import dropped
from ctibridge.sip.adapters.udp import bind


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_did_not_fit_is_counted_for_its_own_socket(host: str) -> None:
    with bind((host, 0)) as full, bind((host, 0)) as other:
        full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(100):
            other.sendto(b"x" * 1000, full.getsockname()[:2])
        held = 0
        while True:
            try:
                full.recv(2000)
            except BlockingIOError:
                break
            held += 1
        assert dropped(full) == 100 - held > 0
        assert dropped(other) == 0


@pytest.mark.parametrize("text", [None, "sl\n", "  1: a b c d e f g h {inode} 2 0 many\n", "  1: short\n"])
def test_a_system_that_does_not_say(text: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(drops, "_TABLES", tmp_path)
    with bind(("127.0.0.1", 0)) as sock:
        if text is not None:
            (tmp_path / "udp").write_text(text.format(inode=os.fstat(sock.fileno()).st_ino))
        assert dropped(sock) == 0
