"""Whose contacts a 200 lists."""

import pytest

from ctibridge.sip import bindings, limits
from ctibridge.sip.bindings import Bindings, Ours
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.mark import Mark
from ctibridge.sip.message import Headers

OURS = "sip:token@192.0.2.1:5066"
PHONE = "<sip:6001@192.0.2.50:5060>;expires=3600"


INSTANCE = "urn:uuid:0A1b2c3d-0000-8000-a000-000000000001"
PLAIN = Ours(OURS)
V6 = "sip:token@[2001:db8::1]:5066"


def read(*contacts: str, expires: str | None = None, ours: Ours = PLAIN) -> Bindings:
    lines = [("contact", contact) for contact in contacts]
    lines += [("expires", expires)] if expires is not None else []
    return bindings.read(Headers(tuple(lines)), ours, 120)


def headers(name: str, *values: str) -> Headers:
    return Headers(tuple((name, value) for value in values))


@pytest.mark.parametrize(
    ("found", "seconds", "others"),
    [
        (read(f"<{OURS}>;expires=60"), 60, 0),
        (read(f"<{OURS}>;expires=60", PHONE), 60, 1),
        (read(f"{PHONE}, <{OURS}>;expires=60, <sip:b@192.0.2.51>;expires=9"), 60, 2),
        (read(f"<{OURS}>", PHONE, expires="90"), 90, 1),
        (read(f"<{OURS}>"), 120, 0),
        (read(f"<{OURS}>;expires=soon"), 120, 0),
        (read("<sip:token@203.0.113.7:40000>;expires=60"), 60, 0),
        (read(f"<{OURS}>;expires=60", "<sip:earlier@192.0.2.1:5066>;expires=50"), 60, 0),
        (read(f"<{OURS}>;expires=60", "<sip:another@192.0.2.1:5067>;expires=50"), 60, 1),
        (read(f"<{OURS}>;expires=60", "<sip:gone@192.0.2.50>;expires=0"), 60, 0),
        (read(f"<{OURS}>;expires=60", "<mailto:x@y>", "nonsense", "*", "<tel:+4930123>"), 60, 0),
        (read(f'"A, \\"B\\" <sip:x@y>" <{OURS}>;q=0.5;expires=60;methods="INVITE, ACK"', PHONE), 60, 1),
        (read("sip:%74oken@HOST.Example;expires=60"), 60, 0),
        (read("<sip:token@192.0.2.1:5066;transport=UDP;ob?X=y>;EXPIRES = 60"), 60, 0),
        (read(f"<{OURS}>;expires=4294967296"), 120, 0),
        (read(f"<{OURS}>;expires=-1"), 120, 0),
        (read("<sip:token@203.0.113.7:9>;expires=3000", f"<{OURS}>;expires=60"), 60, 0),
        (read("<sip:token@203.0.113.7:9>;expires=30", "<sip:token@203.0.113.8:9>;expires=60"), 60, 0),
        (read(f"<{V6}>;expires=60", "<sip:old@[2001:DB8:0:0::0001]:5066>", ours=Ours(V6)), 60, 0),
        (read(f"<{V6}>;expires=60", "<sip:x@[2001:db8::2]:5066>", "<sip:x@[:::]>", ours=Ours(V6)), 60, 2),
        (read("<sips:token@h>;expires=60", "<sip:old@h:5061;transport=TLS>", ours=Ours("sips:token@h")), 60, 0),
        (read(f"<{OURS}>", f'<sip:old@198.51.100.1>;+sip.instance="<{INSTANCE.upper()}>"', ours=Ours(OURS, INSTANCE)),
         120, 0),
        (read(f"<{OURS}>", '<sip:x@198.51.100.1>;+sip.instance="<urn:uuid:other>"', ours=Ours(OURS, INSTANCE)), 120, 1),
        (read(f"<{OURS}>", '<sip:x@198.51.100.1>;+sip.instance=""', PHONE), 120, 2),
    ],
    ids=[
        "alone", "beside a phone", "three in one line", "Expires of the message", "as asked", "odd expires",
        "behind NAT", "our earlier life", "another program on our host", "a phone that just left", "no devices",
        "quoted name", "escaped user", "parameters in capitals", "huge expires", "negative expires",
        "two of ours: the one that we asked for", "two of ours: the longer", "IPv6 spelled differently",
        "IPv6 neighbours", "port of TLS", "our instance elsewhere", "another instance", "no instance",
    ],
)  # fmt: skip
def test_ours_and_the_others(found: Bindings, seconds: int, others: int) -> None:
    assert found == Bindings(seconds, others)


@pytest.mark.parametrize("found", [read(PHONE), read(f"<{OURS}>;expires=0"), read(f"<{OURS}>", expires="0")])
def test_granted_nothing_is_not_registered(found: Bindings) -> None:
    assert found.seconds is None


def test_a_200_that_lists_nothing_grants_what_was_asked_and_shows_no_neighbour() -> None:
    assert read() == Bindings(120, 0)
    assert read(expires="60") == Bindings(60, 0)


@pytest.mark.parametrize(
    ("earlier", "flow", "instance", "lines"),
    [
        ((), True, None, [f"<{OURS}>;expires=60"]),
        ((), True, INSTANCE, [f'<{OURS}>;expires=60;+sip.instance="<{INSTANCE}>";reg-id=1']),
        ((), False, INSTANCE, [f'<{OURS}>;expires=60;+sip.instance="<{INSTANCE}>"']),
        (("sip:a@b",), True, INSTANCE, [f'<{OURS}>;expires=60;+sip.instance="<{INSTANCE}>"', "<sip:a@b>;expires=0"]),
    ],
)
def test_how_a_register_asks(earlier: tuple[str, ...], flow: bool, instance: str | None, lines: list[str]) -> None:
    assert bindings.ask(Ours(OURS, instance), 60, earlier, flow=flow) == tuple(("contact", line) for line in lines)


def test_what_is_asked_is_read_as_ours() -> None:
    asked = bindings.ask(Ours(OURS, INSTANCE), 60, (), flow=True)
    assert bindings.read(Headers(asked), Ours(OURS, INSTANCE), 120) == Bindings(60, 0)


@pytest.mark.parametrize(
    ("values", "route"),
    [
        ([], ()),
        (["<sip:a;lr>, <sip:b;lr>", '"C" <sip:c;lr>'], ("<sip:a;lr>", "<sip:b;lr>", '"C" <sip:c;lr>')),
        (["<sip:a;lr>, nonsense"], ()),
        (["<sip:a;lr>", "<http://b>"], ()),
        (["sip:a;lr"], ()),
        (["<sip:a\x00;lr>"], ()),
        (["<sip:ä;lr>"], ()),
        ([f"<sip:{'a' * bindings.LONGEST_ROUTE};lr>"], ()),
        (["<sip:a;lr>"] * (bindings.MOST_ROUTES + 1), ()),
        (["<sip:a;lr>"] * (limits.VALUES + 1), ()),
    ],
)
def test_a_service_route_is_taken_whole_or_not_at_all(values: list[str], route: tuple[str, ...]) -> None:
    assert bindings.service_route(headers("service-route", *values)) == route


@pytest.mark.parametrize(
    ("values", "does"), [(["outbound"], True), (["path, Outbound"], True), (["path"], False), ([], False)]
)
def test_a_registrar_that_does_outbound_says_so(values: list[str], does: bool) -> None:
    assert bindings.outbound(headers("require", *values)) is does


def test_contacts_have_a_limit() -> None:
    with pytest.raises(RemoteFault):
        read(",".join([PHONE] * (limits.VALUES + 1)))


def test_a_contact_of_another_node_of_ours_is_no_other_device() -> None:
    mark = Mark(b"key", "sip:6001@pbx")
    sibling, stranger = (f"<sip:{each.on('b')}@192.0.2.2:5066>" for each in (mark, Mark(b"another", "sip:6001@pbx")))
    ours = Ours(OURS, mark=mark)
    assert read(f"<{OURS}>", sibling, ours=ours).others == 0
    assert read(f"<{OURS}>", sibling, PHONE, ours=ours).others == 1
    assert read(f"<{OURS}>", stranger, ours=ours).others == 1
    assert read(f"<{OURS}>", sibling).others == 1
