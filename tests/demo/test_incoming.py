"""How a PBX writes a caller down."""

from ctibridge.demo.incoming import Incoming, Shown


def incoming(shown: Shown, name: str | None = "Maria Meier") -> Incoming:
    return Incoming("c", ("6001",), "+49301234560", "+498912345678", name, shown)


def test_plain() -> None:
    call = incoming(Shown.PLAIN)
    assert call.caller("127.0.0.1") == '"Maria Meier" <sip:+498912345678@127.0.0.1>'
    assert call.headers("127.0.0.1") == ()


def test_asserted() -> None:
    call = incoming(Shown.ASSERTED, name=None)
    assert call.caller("127.0.0.1") == "<sip:trunk-main@127.0.0.1>"
    assert call.headers("127.0.0.1") == (("p-asserted-identity", "<sip:+498912345678@127.0.0.1>"),)


def test_withheld() -> None:
    call = incoming(Shown.WITHHELD)
    assert "anonymous" in call.caller("127.0.0.1")
    assert ("privacy", "id") in call.headers("127.0.0.1")


def test_a_caller_does_not_print() -> None:
    assert "8912345678" not in repr(incoming(Shown.PLAIN))
