"""Hops."""

from ctibridge.sip.hop import Hop, Transport, datagram


def test_a_connection_does_not_make_it_another_hop() -> None:
    there = Hop(Transport.TLS, "192.0.2.9", 5061, name="pbx.example.net")
    assert there == Hop(Transport.TLS, "192.0.2.9", 5061, 7, "pbx.example.net")
    assert there != Hop(Transport.TLS, "192.0.2.9", 5061, name="other.example.net")
    assert len({there, Hop(Transport.TLS, "192.0.2.9", 5061, 7, "pbx.example.net")}) == 1


def test_datagrams_are_lost_and_streams_are_not() -> None:
    assert [each for each in Transport if each.is_stream] == [Transport.TCP, Transport.TLS]
    assert datagram("192.0.2.9", 5060).address == ("192.0.2.9", 5060)
