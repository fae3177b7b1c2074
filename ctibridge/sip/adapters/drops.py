"""What the kernel dropped because a socket's buffer was full: the last column of its table (proc(5), /proc/net/udp)."""

import os
import socket
from pathlib import Path

_TABLES = Path("/proc/self/net")
_INODE = 9


def dropped(sock: socket.socket) -> int:
    """Datagrams since the socket was bound; 0 where this system does not say."""
    inode = str(os.fstat(sock.fileno()).st_ino)
    table = _TABLES / ("udp6" if sock.family == socket.AF_INET6 else "udp")
    try:
        with table.open(encoding="ascii") as rows:
            for row in rows:
                cells = row.split()
                if cells[_INODE] == inode:
                    return int(cells[-1])
    except (OSError, ValueError, IndexError):
        return 0
    return 0
