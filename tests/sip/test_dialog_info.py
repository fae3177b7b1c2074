"""The documents of real PBXs and of the RFC, odd ones, and hostile ones."""

import os
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import dialog_info
from ctibridge.sip.dialog_info import (
    DEEPEST,
    LONGEST_BODY,
    LONGEST_VALUE,
    MOST_ELEMENTS,
    NAMESPACE,
    Dialog,
    DialogEvent,
    DialogInfo,
    Direction,
    Party,
    State,
    parse,
)
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import Request
from tests.sip import documents
from tests.sip.documents import CALLER, element, xml
from tests.sip.scripts import NAME, NUMBER

PREFIXED = f"""<?xml version="1.0"?>
<d:dialog-info xmlns:d="{NAMESPACE}" xmlns:x="urn:x" version="7" state="partial" entity="sip:alice@example.com">
 <d:dialog id="as7d900as8" call-id="a84b4c76e66710" local-tag="1928301774" remote-tag="456887766" direction="initiator">
  <x:state event="error">terminated</x:state>
  <d:state event="replaced" code="200">Confirmed</d:state>
  <x:remote><d:identity>sip:nobody@example.com</d:identity></x:remote>
  <d:duration>274</d:duration>
  <d:replaces call-id="hg287s98s89" local-tag="6762h7" remote-tag="09278hsb"/>
  <d:referred-by display="Bob">sip:bob@example.com</d:referred-by>
  <d:local><d:target uri="sip:alice@pc.example.com"/></d:local>
  <d:remote><d:identity display="Carol">sip:carol@example.com</d:identity><d:target uri="sip:carol@pc"/></d:remote>
 </d:dialog>
</d:dialog-info>""".encode()

KAMAILIO = f"""<?xml version="1.0"?>
<dialog-info xmlns="{NAMESPACE}" version="3"          state="full" entity="sip:6001@pbx">
  <dialog id="u-1" call-id="c-1" remote-tag="a" direction="recipient">
    <state>early</state>
    <remote><identity>{CALLER}</identity><target display="x" uri="sip:device@10.0.0.1"/></remote>
    <local><identity>sip:6001@pbx</identity><target uri="sip:6001@pbx"/></local>
  </dialog>
  <dialog id="u-2" call-id="c-2" local-tag="b" remote-tag="c" direction="initiator"><state>confirmed</state></dialog>
</dialog-info>""".encode()


def only(body: bytes) -> Dialog:
    (dialog,) = parse(body).dialogs
    return dialog


def bodies() -> list[bytes]:
    """All that was captured."""
    scenarios = (documents.RINGING, documents.ANSWERED)
    found = [each for scenario in scenarios for each in documents.captured(scenario)]
    return [each.body for each in found if isinstance(each, Request)]


SEEDS = [PREFIXED, KAMAILIO, *sorted(set(bodies()))]


def test_what_asterisk_says_of_a_ringing_extension() -> None:
    info = parse(bodies()[0])
    remote = Party(f"sip:{NUMBER}@127.0.0.10", NAME)
    local = Party("sip:6001@127.0.0.10", "Agent 6001")
    ringing = Dialog("6001", State.EARLY, direction=Direction.RECIPIENT, remote=remote, local=local)
    assert info == DialogInfo(0, full=True, entity="sip:6001@127.0.0.10", dialogs=(ringing,))


def test_all_that_a_document_can_say_also_with_prefixes_and_other_namespaces_between() -> None:
    info = parse(PREFIXED)
    assert (info.version, info.full, info.entity) == (7, False, "sip:alice@example.com")
    assert info.dialogs == (
        Dialog(
            "as7d900as8", State.CONFIRMED, "a84b4c76e66710", "1928301774", "456887766", Direction.INITIATOR,
            DialogEvent.REPLACED, 200, Party("sip:carol@example.com", "Carol"), Party("sip:alice@pc.example.com"),
            ("hg287s98s89", "6762h7", "09278hsb"), "sip:bob@example.com",
        ),
    )  # fmt: skip


def test_kamailio_tells_several_dialogs_with_their_call_ids() -> None:
    info = parse(KAMAILIO)
    first, second = info.dialogs
    assert (info.version, info.full) == (3, True)
    assert (first.call_id, first.remote_tag, first.remote) == ("c-1", "a", Party(CALLER))
    assert (second.call_id, second.direction, second.state) == ("c-2", Direction.INITIATOR, State.CONFIRMED)


@pytest.mark.parametrize(
    ("remote", "party"),
    [
        ("<identity>sip:a@b</identity><target uri='sip:c@d'/>", Party("sip:a@b")),
        ("<target uri='sip:c@d'/>", Party("sip:c@d")),
        ("<identity display='A'> </identity><target uri='sip:c@d'/>", Party("sip:c@d", "A")),
        ("<identity>&quot;B, C&quot; &lt;sip:a@b;x=1&gt;</identity>", Party("sip:a@b;x=1", "B, C")),
        ("<identity>&lt;sip:a@b</identity>", None),
        ("<identity/>", None),
        ("<identity>sip:a@b</identity><identity>sip:e@f</identity>", Party("sip:a@b")),
    ],
)
def test_who_the_other_side_is(remote: str, party: Party | None) -> None:
    assert only(xml(f"<dialog id='1'><remote>{remote}</remote><state>early</state></dialog>")).remote == party


@pytest.mark.parametrize("word", ["held", "", "early early", "é"])
def test_a_state_that_we_do_not_know_is_no_end(word: str) -> None:
    assert only(xml(element("1", word))).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("attributes", "event", "code"),
    [
        ('event="rejected" code="486"', DialogEvent.REJECTED, 486),
        ('event="x" code="1_0"', None, None),
        ("", None, None),
    ],
)
def test_why_it_ended(attributes: str, event: DialogEvent | None, code: int | None) -> None:
    ended = only(xml(f'<dialog id="1"><state {attributes}>terminated</state></dialog>'))
    assert (ended.state, ended.event, ended.code) == (State.TERMINATED, event, code)


def test_a_dialog_without_id_is_named_by_its_call_id_or_not_at_all() -> None:
    nameless = "<dialog><state>early</state></dialog>"
    assert [each.id for each in parse(xml(nameless, '<dialog call-id="c"/>', element("1", "early"))).dialogs] == [
        "c",
        "1",
    ]


@pytest.mark.parametrize(
    ("word", "full"), [("full", True), ("FULL", True), ("partial", False), ("", False), ("x", False)]
)
def test_only_who_says_full_tells_everything(word: str, full: bool) -> None:
    assert parse(xml(state=word)).full is full


@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16", "no-such-codec", "zlib"])
@pytest.mark.parametrize("sent", ["utf-8", "latin-1"])
def test_a_wrong_encoding_costs_no_name(declared: str, sent: str) -> None:
    dialog = "<dialog id='1'><remote><identity display='Jürgen'>sip:j@b</identity></remote></dialog>"
    text = xml(dialog).decode().replace("UTF-8", declared)
    assert only(text.encode(sent)).remote == Party("sip:j@b", "Jürgen")


@pytest.mark.parametrize("around", [b"\xef\xbb\xbf%s", b"\r\n%s\r\n"])
def test_what_some_put_around_the_document(around: bytes) -> None:
    assert parse(around.replace(b"%s", xml())) == parse(xml())


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">'


@pytest.mark.parametrize("doctype", [BOMB, EXTERNAL, "<!DOCTYPE dialog-info>"])
def test_a_doctype_is_refused_before_anything_expands(doctype: str) -> None:
    hostile = xml(element("1", "&b;")).replace(b"<dialog-info", doctype.encode() + b"<dialog-info", 1)
    with pytest.raises(RemoteFault, match="DOCTYPE"):
        parse(hostile)


def many(count: int) -> bytes:
    return xml("<dialog id='1'>" + "<x/>" * count + "</dialog>")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe<\x00", 400),
        (b"{}", 400),
        (b"<presence/>", 400),
        (xml().replace(b"<dialog-info", b"<!ENTITY a 'b'><dialog-info", 1), 400),
        (xml() + b"<more/>", 400),
        (xml()[:-3], 400),
        (xml().replace(b'version="0"', b""), 400),
        (xml().replace(b'version="0"', b'version="-1"'), 400),
        (xml().replace(b'version="0"', b'version="4294967296"'), 400),
        (xml().replace(b"<dialog-info", b"<x:dialog-info"), 400),
        (xml().replace(NAMESPACE.encode(), b"urn:other"), 400),
        (b" " * LONGEST_BODY + xml(), 413),
        (xml("<x>" * DEEPEST + "</x>" * DEEPEST), 413),
        (many(MOST_ELEMENTS), 413),
        (xml(element("1" * (LONGEST_VALUE + 1), "early")), 413),
        (xml(element("1", "early", caller="1" * (LONGEST_VALUE + 1))), 413),
    ],
)
def test_what_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(RemoteFault) as fault:
        parse(body)
    assert fault.value.status == status


def test_at_the_limits_all_is_well() -> None:
    assert only(many(MOST_ELEMENTS - 2)).id == "1"
    assert only(xml(element("1" * LONGEST_VALUE, "early"))).id == "1" * LONGEST_VALUE
    assert parse(xml("<x>" * (DEEPEST - 1) + "</x>" * (DEEPEST - 1))).dialogs == ()
    long = "y" * (LONGEST_VALUE + 1)
    assert only(xml(f"<dialog id='1'><z a='{long}'>{long}</z></dialog>")).id == "1"


def test_an_element_of_somebody_else_lends_a_dialog_nothing() -> None:
    foreign = '<x:note xmlns:x="urn:x" id="2" call-id="c" direction="recipient"/>'
    assert only(xml(f"<dialog id='1'>{foreign}</dialog>")) == Dialog("1", State.UNKNOWN)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("sip:r&d;x=1@a", "sip:r&d;x=1@a"),
        ("sip:r&amp;d@a", "sip:r&d@a"),
        ("sip:a&b&&amp;@a&", "sip:a&b&&@a&"),
        ("sip:&#43;49@a", "sip:+49@a"),
        ("sip:&#x2b;49&copy;@a", "sip:+49&copy;@a"),
        ("sip:r&#38;d&#x26;e@a", "sip:r&d&e@a"),
        ("sip:&#0;&#x1F;&#55296;&#xFFFF;&#x110000;&#9999999;@a",) * 2,
        ("sip:a\x01b\x1f\uffff@a", "sip:a\ufffdb\ufffd\ufffd@a"),
    ],
)
def test_a_character_that_kamailio_does_not_escape_costs_no_call(sent: str, read: str) -> None:
    assert only(xml(element("1", "early", caller=sent))).remote == Party(read)


def test_a_fault_and_a_repr_name_the_part_and_never_its_value() -> None:
    assert NUMBER not in repr(parse(xml(element("1", "early"))))
    with pytest.raises(RemoteFault) as fault:
        parse(xml(element("1", "early"))[:-1])
    assert NUMBER not in str(fault.value)
    assert fault.value.__suppress_context__


@given(st.binary(max_size=2_000))
def test_no_bytes_raise_anything_but_a_remote_fault(body: bytes) -> None:
    swallow(body)


@given(st.lists(st.sampled_from([b"<", b">", b"/", b"=", b'"', b"&", b";", b"dialog", b"-info", b" id", b"<![CDATA[",
    b"]]>", b"<?", b"?>", b"<!", b"--", b"xmlns", b":", b"\x00", b"\xff", b"&#0;", b"&#x110000;"]), max_size=60),
    st.integers(0, 400))  # fmt: skip
def test_no_bytes_within_a_document_raise_anything_but_a_remote_fault(pieces: list[bytes], at: int) -> None:
    swallow(KAMAILIO[:at] + b"".join(pieces) + KAMAILIO[at:])


def swallow(body: bytes) -> DialogInfo | None:
    """None for what is refused."""
    try:
        return parse(body)
    except RemoteFault as fault:
        if fault.status not in (400, 413):
            raise
        return None


def test_thousands_of_mutants_are_read_or_refused() -> None:
    """Only a RemoteFault comes out, and what is read holds the limits. CTIBRIDGE_FUZZ: how many (`make soak`)."""
    chance = Random(4235)
    read, wanted = 0, int(os.environ.get("CTIBRIDGE_FUZZ", "5000"))
    for _ in range(wanted):
        info = swallow(mutant(chance))
        read += info is not None
        for dialog in info.dialogs if info else ():
            assert 0 < len(dialog.id) <= LONGEST_VALUE
            assert isinstance(dialog.state, State)
    assert wanted / 10 < read < wanted * 9 / 10


def mutant(chance: Random) -> bytes:
    body = bytearray(chance.choice(SEEDS))
    for _ in range(chance.choice((1, 1, 2, 4))):
        start = chance.randrange(len(body))
        stop = min(len(body), start + chance.choice((1, 1, 2, 20)))
        other = chance.choice(SEEDS)
        piece = chance.randrange(len(other))
        body[start:stop] = chance.choice(
            (b"", bytes(body[start:stop]) * 2, chance.randbytes(1), other[piece : piece + 30], b"\xe4", b"&lt;")
        )
    return bytes(body) or b"<"


def test_the_content_type_is_that_of_the_rfc() -> None:
    assert dialog_info.CONTENT_TYPE == "application/dialog-info+xml"
