"""One port for UDP and TCP, and the options that a connection of ours has."""

import os
import socket

import pytest

from ctibridge.sip.adapters import sockets, udp
from ctibridge.sip.adapters.sockets import bind_both, outgoing, prepare, reset
from ctibridge.sip.hop import Hop, Transport
from tests.peers.ports import Loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_udp_and_tcp_have_the_same_port(host: str) -> None:
    datagrams, listener = bind_both((host, 0))
    with datagrams, listener, socket.create_connection(listener.getsockname()[:2]) as visitor:
        assert datagrams.getsockname()[:2] == listener.getsockname()[:2] == visitor.getpeername()[:2]


def test_another_file_under_the_same_descriptor_is_another_socket() -> None:
    with socket.socket() as one, socket.socket() as other:
        before = sockets.identity(one)
        assert before == sockets.identity(one)
        assert before != sockets.identity(other)
        os.dup2(other.fileno(), one.fileno())
        assert sockets.identity(one) == sockets.identity(other)
    assert sockets.identity(one) is None


def test_a_free_port_is_one_that_is_free_for_both(monkeypatch: pytest.MonkeyPatch, loopback: Loopback) -> None:
    """At an address of its own: seen once, another test's port was in the way, and a fourth was tried."""
    tried = []
    real = sockets._listening

    def twice_in_use(address: tuple[str, int]) -> socket.socket:
        tried.append(address[1])
        if len(tried) < 3:
            with real(address):
                return real(address)
        return real(address)

    monkeypatch.setattr(sockets, "_listening", twice_in_use)
    datagrams, listener = bind_both((loopback.address(), 0))
    with datagrams, listener:
        assert len(tried) == 3
        assert listener.getsockname()[1] == datagrams.getsockname()[1] == tried[-1]


def test_a_machine_without_free_ports_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_use(_: object) -> socket.socket:
        raise OSError(98, "in use")

    monkeypatch.setattr(sockets, "_listening", in_use)
    with pytest.raises(OSError, match="in use"):
        bind_both(("127.0.0.1", 0))


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_written_port_that_one_of_them_has_not_is_refused_and_leaves_no_socket(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        with pytest.raises(OSError, match="in use"):
            bind_both(other.getsockname())
        if kind is socket.SOCK_STREAM:
            udp.bind(other.getsockname()).close()


def test_an_address_of_somebody_else_is_refused_at_once() -> None:
    with pytest.raises(OSError, match="assign"):
        bind_both(("192.0.2.1", 0))


def test_a_connection_notices_a_peer_that_is_gone() -> None:
    with outgoing(Hop(Transport.TCP, "127.0.0.1", 5060), "127.0.0.1") as sock:
        assert sock.getsockname()[0] == "127.0.0.1"
        assert not sock.getblocking()
        for level, option in (
            (socket.IPPROTO_TCP, socket.TCP_NODELAY),
            (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
        ):
            assert sock.getsockopt(level, option) > 0


@pytest.mark.parametrize(("host", "everywhere"), [("127.0.0.1", "0.0.0.0"), ("::1", "::")])  # noqa: S104 - compared
def test_who_listens_everywhere_lets_the_system_choose(host: str, everywhere: str) -> None:
    with outgoing(Hop(Transport.TCP, host, 5060), everywhere) as sock:
        assert sock.getsockname()[1] == 0


def test_an_address_that_is_not_ours_leaves_no_socket() -> None:
    with pytest.raises(OSError, match="assign"):
        outgoing(Hop(Transport.TCP, "127.0.0.1", 5060), "192.0.2.1")


def test_a_reset_connection_leaves_nothing_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as visitor:
        ours, _ = server.accept()
        prepare(ours)
        reset(ours)
        with pytest.raises(ConnectionResetError):
            visitor.recv(1)
