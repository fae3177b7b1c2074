"""Asks the daemon at `[web] listen` whether it is ready; where nobody listens, whether we could."""

import errno
import http.client
import json
import socket
import threading

from ctibridge.cli.checks.page import Heard
from ctibridge.delivery.settings import HostPort, WebSettings, listen_address

PATIENCE = 5.0
"""Seconds. A daemon that needs longer for two lines of text serves nobody."""
_MOST = 65_536


def ask(web: WebSettings, patience: float = PATIENCE) -> Heard | None:
    """None: the port is another one with each start. patience: seconds for all of it, a name that nobody resolves and
    an answer that drips included: a socket's own limit counts from byte to byte."""
    address = listen_address(web.listen)
    if not address.port:
        return None
    heard: list[Heard] = []
    asking = threading.Thread(target=lambda: heard.append(_ask(address, patience)), daemon=True)
    asking.start()
    asking.join(patience)
    return heard[0] if heard else _silent(patience)


def _ask(address: HostPort, patience: float) -> Heard:
    connection = http.client.HTTPConnection(address.here.host, address.port, timeout=patience)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return _read(answer.status, answer.read(_MOST))
    except ConnectionRefusedError:
        return _could_listen(address)
    except TimeoutError:
        return _silent(patience)
    except socket.gaierror:
        return Heard(fault="no such host")
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, OSError) and error.errno in (errno.EADDRNOTAVAIL, errno.ENETUNREACH):
            return _could_listen(address)
        return Heard(fault="another program than ctibridge answers there")
    finally:
        connection.close()


def _silent(patience: float) -> Heard:
    return Heard(fault=f"no answer within {patience:.0f} s")


def _read(status: int, body: bytes) -> Heard:
    """As `delivery.adapters.http` writes it."""
    try:
        said = json.loads(body)
        reasons, remarks = said["reasons"], said.get("remarks", [])
        if status in (200, 503) and isinstance(reasons, list) and isinstance(remarks, list):
            return Heard(tuple(map(str, reasons)), tuple(map(str, remarks)))
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return Heard(fault="another program than ctibridge answers there")


def _could_listen(address: HostPort) -> Heard:
    """Bound for a moment and given back: a daemon that starts meanwhile still gets it, as ours takes no connections."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(where)
    except OSError as error:
        return Heard(fault=f"cannot listen there: {error.strerror}")
    return Heard(free=True)
