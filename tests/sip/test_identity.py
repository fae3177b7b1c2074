"""Who calls and what was called: a table of callers, honest, shy and false."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import identity, limits
from ctibridge.sip.events import Withheld
from ctibridge.sip.grammar import quote
from ctibridge.sip.identity import LONGEST_NAME, LONGEST_USER, MOST_CALLED
from ctibridge.sip.message import HeaderList, Headers
from tests.sip.scripts import NAME, NUMBER

ORDER = ("P-Asserted-Identity", "Remote-Party-ID", "From")
FROM = ("from", f'"{NAME}" <sip:{NUMBER}@pbx>;tag=a')
TRUNK_FROM = ("from", "<sip:trunk-main@pbx>;tag=a")
ANONYMOUS = ("from", '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a')
PAI = ("p-asserted-identity", f'"{NAME}" <sip:{NUMBER}@pbx>')
OTHER = "+4930999999"


@pytest.mark.parametrize(
    ("lines", "user", "name", "source"),
    [
        ([FROM], NUMBER, NAME, "From"),
        ([FROM, ("p-asserted-identity", f"<sip:{OTHER}@pbx>")], OTHER, None, "P-Asserted-Identity"),
        ([TRUNK_FROM, PAI], NUMBER, NAME, "P-Asserted-Identity"),
        ([TRUNK_FROM, ("p-asserted-identity", f"<tel:{NUMBER}>")], NUMBER, None, "P-Asserted-Identity"),
        ([FROM, ("remote-party-id", f"<sip:{OTHER}@x>;party=calling;privacy=off")], OTHER, None, "Remote-Party-ID"),
        ([FROM, ("remote-party-id", f"<sip:{OTHER}@x>;party=called")], NUMBER, NAME, "From"),
        ([FROM, ("p-asserted-identity", "<sip:pbx.example.net>")], NUMBER, NAME, "From"),
        ([FROM, ("p-asserted-identity", "nonsense")], NUMBER, NAME, "From"),
        ([FROM, ("p-asserted-identity", ",".join(["<sip:a@b>"] * (limits.VALUES + 1)))], NUMBER, NAME, "From"),
        ([FROM, ("p-asserted-identity", f"<sip:alice@b>, <tel:{OTHER}>")], OTHER, None, "P-Asserted-Identity"),
        ([FROM, ("p-asserted-identity", "<sip:alice@b>"), ("p-asserted-identity", f"<tel:{OTHER}>")],
         OTHER, None, "P-Asserted-Identity"),
        ([FROM, ("p-asserted-identity", "<sip:alice@b>, <sip:bob@b>")], "alice", None, "P-Asserted-Identity"),
        ([ANONYMOUS, PAI, ("privacy", "none")], NUMBER, NAME, "P-Asserted-Identity"),
        ([FROM, ("privacy", "session; critical")], NUMBER, NAME, "From"),
        ([FROM, ("privacy", "history")], NUMBER, NAME, "From"),
        ([FROM, ("privacy", "none"), ("privacy", "critical")], NUMBER, NAME, "From"),
        ([FROM, ("privacy", "a-word-of-tomorrow")], NUMBER, NAME, "From"),
        ([FROM, ("p-preferred-identity", f"<sip:{OTHER}@pbx>")], NUMBER, NAME, "From"),
        ([PAI, ("p-asserted-identity", f"<tel:{NUMBER}>"), FROM], NUMBER, NAME, "P-Asserted-Identity"),
        ([("from", f'"Anonymous Bosch GmbH" <sip:{NUMBER}@pbx>')], NUMBER, "Anonymous Bosch GmbH", "From"),
        ([("from", "<sip:%2B4989123456@pbx>;tag=a")], NUMBER, None, "From"),
        ([("from", f"Meier, Maria <sip:{NUMBER}@pbx>;tag=a")], NUMBER, "Meier, Maria", "From"),
        # a name alone withholds nobody who shows a number
        ([("from", f'"Anonymous" <sip:{NUMBER}@pbx>')], NUMBER, "Anonymous", "From"),
        ([("from", f'"Restricted" <sip:{NUMBER}@pbx>'), PAI], NUMBER, NAME, "P-Asserted-Identity"),
        ([("from", '"Unbekannt" <sip:6001@pbx>')], "6001", "Unbekannt", "From"),
        ([("from", "<sip:+4794844353@pbx>")], "+4794844353", None, "From"),  # WITHHELD, but of Norway
        # a local number and where it is local (RFC 3966)
        ([FROM, ("p-asserted-identity", "<tel:23125000;phone-context=+4930>")], "23125000;phone-context=+4930", None,
         "P-Asserted-Identity"),
        ([FROM, ("p-asserted-identity", "<sip:alice@b>, <sip:23125000;phone-context=%2B4930@gw;user=phone>")],
         "23125000;phone-context=+4930", None, "P-Asserted-Identity"),
        ([FROM, ("p-asserted-identity", "<tel:4711;phone-context=pbx.example.com>")], "4711", None,
         "P-Asserted-Identity"),
        ([FROM, ("p-asserted-identity", f"<tel:{OTHER};phone-context=+4989>")], OTHER, None, "P-Asserted-Identity"),
    ],
)  # fmt: skip
def test_the_caller(lines: HeaderList, user: str, name: str | None, source: str) -> None:
    found = identity.caller(Headers(tuple(lines)), ORDER)
    assert (found.user, found.display_name, found.source, found.withheld) == (user, name, source, Withheld.NO)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([ANONYMOUS], Withheld.RESTRICTED),
        ([("from", "<sip:Anonymous@192.0.2.9>;tag=a")], Withheld.RESTRICTED),
        ([("from", "<sip:restricted@pbx>;tag=a")], Withheld.RESTRICTED),
        ([ANONYMOUS, PAI], Withheld.RESTRICTED),
        ([FROM, PAI, ("privacy", "id")], Withheld.RESTRICTED),
        ([FROM, PAI, ("privacy", "Header;ID")], Withheld.RESTRICTED),
        ([FROM, ("privacy", "user, critical")], Withheld.RESTRICTED),
        ([FROM, ("privacy", "session"), ("privacy", "id")], Withheld.RESTRICTED),
        ([FROM, ("privacy", "none;id")], Withheld.RESTRICTED),
        ([FROM, ("privacy", "full")], Withheld.RESTRICTED),
        ([FROM, ("privacy", "a-word-of-tomorrow;critical")], Withheld.RESTRICTED),
        ([("from", f"<sip:{NUMBER}@anonymous.invalid>;tag=a")], Withheld.RESTRICTED),
        ([("from", '"Anonymous" <sip:c8oqz84zk7z@privacy.example>;tag=a'), PAI], Withheld.RESTRICTED),
        ([FROM, ("p-asserted-identity", f"<sip:anonymous@pbx>, <tel:{NUMBER}>")], Withheld.RESTRICTED),
        ([FROM, ("remote-party-id", f"<sip:{NUMBER}@x>;privacy=full")], Withheld.RESTRICTED),
        ([FROM, ("remote-party-id", f'<sip:{NUMBER}@x>;privacy="uri-network"')], Withheld.RESTRICTED),
        ([FROM, PAI, ("remote-party-id", f"<sip:{NUMBER}@x>;party=calling;privacy=full")], Withheld.RESTRICTED),
        ([("from", "<sip:Privat@pbx>;tag=a")], Withheld.RESTRICTED),
        ([("from", "<sip:num%C3%A9ro-masqu%C3%A9@pbx>;tag=a")], Withheld.RESTRICTED),
        ([("from", '"Anonym" <sip:c8oqz84zk7z@privacy.example>;tag=a'), PAI], Withheld.RESTRICTED),
        ([("from", '"<sip:1@pbx>" <sip:anonymous@pbx>;tag=a'), PAI], Withheld.RESTRICTED),
        ([("from", "<sip:266696687@pbx>;tag=a")], Withheld.RESTRICTED),
        ([("from", "<sip:+7378742833@pbx>;tag=a"), PAI], Withheld.RESTRICTED),
        ([("from", "<sip:*67+12025550123@pbx>;tag=a")], Withheld.RESTRICTED),
        ([("from", "<sip:%2331%2303023125000@pbx>;tag=a")], Withheld.RESTRICTED),
        ([("from", "<sip:0000000000@pbx>;tag=a")], Withheld.UNAVAILABLE),
        ([("from", "<sip:86282452253@pbx>;tag=a")], Withheld.UNAVAILABLE),
        ([("from", '"+4930123456" <sip:unbekannt@pbx>;tag=a')], Withheld.UNAVAILABLE),
        ([("from", "<sip:unavailable@pbx>;tag=a")], Withheld.UNAVAILABLE),
        ([("from", '"asterisk" <sip:asterisk@pbx>;tag=a')], Withheld.UNAVAILABLE),
        ([("from", "<sip:pbx.example.net>;tag=a")], Withheld.UNAVAILABLE),
        ([("from", "nonsense")], Withheld.UNAVAILABLE),
        ([], Withheld.UNAVAILABLE),
    ],
)
def test_who_wants_to_stay_unknown_does(lines: HeaderList, why: Withheld) -> None:
    diverted = ("diversion", f"<sip:{OTHER}@pbx>;reason=unconditional")
    found = identity.caller(Headers((*lines, diverted)), ORDER)
    assert (found.user, found.display_name, found.diverted_by, found.withheld) == (None, None, None, why)


@pytest.mark.parametrize(
    ("lines", "marked"),
    [
        ([("from", '"ACME: Anonymous" <sip:anonymous@anonymous.invalid>;tag=a')], "ACME: Anonymous"),
        ([("from", '"ACME: R. Frei" <sip:+4930@pbx>;tag=a'), ("privacy", "id")], "ACME: R. Frei"),
        # Only what a telephone shows is marked; the name that the network asserts is the caller's own.
        ([("p-asserted-identity", '"Regula" <sip:+4930@pbx>'), ("privacy", "id")], None),
        ([("from", "<sip:anonymous@anonymous.invalid>;tag=a")], None),
        ([("from", '"BETA: Nikos" <sip:+49301234@pbx>;tag=a')], "BETA: Nikos"),
        ([("from", '"BETA: Nikos" <sip:+49301234@pbx>;tag=a'), ("p-asserted-identity", "<sip:+49301234@pbx>")],
         "BETA: Nikos"),
        ([("from", '"BETA: Nikos" <sip:+49301234@pbx>;tag=a'), PAI], "BETA: Nikos"),
        ([("from", '"BETA: Nikos" <sip:+49301234@pbx>;tag=a'),
          ("remote-party-id", '"N. P." <sip:+49301234@pbx>;privacy=name')], "BETA: Nikos"),
    ],
)  # fmt: skip
def test_the_mark_that_the_pbx_puts_before_a_name_in_from_comes_along_of_every_caller(
    lines: HeaderList, marked: str | None
) -> None:
    assert identity.caller(Headers(tuple(lines)), ORDER).marked == marked


@pytest.mark.parametrize(
    ("from_", "name"),
    [
        (f'"BETA: Nikos" <sip:{OTHER}@pbx>', "BETA: Nikos"),
        (f'"{NAME}" <sip:{NUMBER}@pbx>', None),  # another number's name
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', None),
        (f'"Anonymous" <sip:{OTHER}@pbx>', None),
        ('"asterisk" <sip:asterisk@pbx>', None),
        ('"Desk" <sip:unknown@pbx>', None),
        ('"\u202e" <sip:1@pbx>', None),
        ("nonsense", None),
    ],
)
def test_an_asserted_number_without_a_name_keeps_the_name_of_from_unless_that_is_nobodys(
    from_: str, name: str | None
) -> None:
    headers = Headers((("from", from_), ("p-asserted-identity", f"<sip:{OTHER}@pbx>"), ("privacy", "none")))
    found = identity.caller(headers, ORDER)
    assert (found.user, found.display_name, found.withheld) == (OTHER, name, Withheld.NO)


def test_where_from_is_not_believed_its_name_is_not_shown_either() -> None:
    headers = Headers((FROM, ("p-asserted-identity", f"<sip:{OTHER}@pbx>")))
    found = identity.caller(headers, ("P-Asserted-Identity",))
    assert (found.user, found.display_name, found.marked) == (OTHER, None, NAME)


@pytest.mark.parametrize(
    "lines",
    [
        [FROM, ("remote-party-id", f'"{NAME}" <sip:{NUMBER}@x>;party=calling;privacy=name')],
        [FROM, ("remote-party-id", f"<sip:{NUMBER}@x>;privacy=Name-Network")],
        [FROM, ("remote-party-id", f'"{NAME}" <sip:{NUMBER}@x>;privacy="name"')],
        [FROM, PAI, ("remote-party-id", f"<sip:{NUMBER}@x>;privacy=name")],  # another header names him
        [FROM, ("remote-party-id", f"<sip:{NUMBER}@x>;privacy=off, <sip:{NUMBER}@x>;privacy=name")],
    ],
)
def test_who_hides_his_name_alone_shows_his_number(lines: HeaderList) -> None:
    """draft-ietf-sip-privacy-04, 5.1. The name in From is his, too."""
    found = identity.caller(Headers(tuple(lines)), ORDER)
    assert (found.user, found.display_name, found.withheld) == (NUMBER, None, Withheld.NO)


@pytest.mark.parametrize(
    "asked",
    [
        "privacy=uri", "privacy=name,uri", "privacy=name, full-network", 'privacy="name,uri"', "privacy=uri,name",
        'privacy="name-network,uri"', "privacy=name;privacy=full", 'privacy=name;privacy="uri"', "privacy=tomorrow",
        f"privacy=name, <sip:{NUMBER}@x>;privacy=full",
    ],
)  # fmt: skip
def test_who_hides_more_than_his_name_is_withheld(asked: str) -> None:
    found = identity.caller(Headers((FROM, ("remote-party-id", f"<sip:{NUMBER}@x>;{asked}"))), ORDER)
    assert (found.user, found.display_name, found.withheld) == (None, None, Withheld.RESTRICTED)


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n")))
def test_no_display_name_changes_the_number(name: str) -> None:
    for header in ("p-asserted-identity", "remote-party-id", "from"):
        found = identity.caller(Headers(((header, f"{quote(name)} <sip:{NUMBER}@pbx>;tag=a"),)), ORDER)
        assert (found.user, found.withheld) == (NUMBER, Withheld.NO)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (r'"Maria \\\"Mimi\\\" Meier"', 'Maria "Mimi" Meier'),
        ('"\x07Maria\u202eMeier\x00"', "Maria Meier"),
        ('"\u202e"', None),
        ('"عبد الله"', "عبد الله"),
        (f'"{"x" * 1000}"', "x" * LONGEST_NAME),
        ('" "', None),
    ],
    ids=["escaped twice by Asterisk", "rearranges the page", "nothing left", "right to left", "endless", "blank"],
)
def test_a_display_name_as_a_page_may_show_it(line: str, shown: str | None) -> None:
    assert identity.caller(Headers((("from", f"{line} <sip:1@pbx>;tag=a"),)), ORDER).display_name == shown


def test_an_endless_user_part_is_cut() -> None:
    found = identity.caller(Headers((("from", f"<sip:{'9' * 1000}@pbx>"),)), ORDER)
    assert found.user == "9" * LONGEST_USER


@pytest.mark.parametrize(
    ("lines", "diverted"),
    [
        ([f'"Sales" <sip:{OTHER}@pbx>;reason=no-answer'], OTHER),
        ([f"<sip:{OTHER}@pbx>;privacy=off, <sip:1@pbx>"], OTHER),
        ([f"<sip:{OTHER}@pbx>", "<sip:1@pbx>"], OTHER),
        ([f"<sip:{OTHER}@pbx>;privacy=full"], None),
        ([f"<sip:{OTHER}@pbx>;privacy=name"], None),
        (["<sip:anonymous@pbx>"], None),
        (["nonsense", f"<sip:{OTHER}@pbx>"], None),
        ([], None),
    ],
)
def test_who_diverted_stands_apart_from_who_calls(lines: list[str], diverted: str | None) -> None:
    found = identity.caller(Headers((FROM, *(("diversion", line) for line in lines))), ORDER)
    assert (found.user, found.diverted_by) == (NUMBER, diverted)


FIRST = "+4930888888"


@pytest.mark.parametrize(
    ("lines", "diverted"),
    [
        ([("history-info", f"<sip:{FIRST}@pbx>;index=1, <sip:6001@pbx;cause=302>;index=1.1")], FIRST),
        ([("history-info", "<sip:6001@pbx>;index=1")], None),
        ([("diversion", f"<sip:{OTHER}@pbx>"),
          ("history-info", f"<sip:{FIRST}@pbx>;index=1, <sip:6001@pbx;cause=302>;index=1.1")], OTHER),
        ([("diversion", f"<sip:{OTHER}@pbx>;privacy=full"),
          ("history-info", f"<sip:{OTHER}@pbx>;index=1, <sip:6001@pbx;cause=302>;index=1.1")], None),
        ([("diversion", "nonsense"),
          ("history-info", f"<sip:{FIRST}@pbx>;index=1, <sip:6001@pbx;cause=302>;index=1.1")], FIRST),
        ([("history-info", f"<sip:{FIRST}@pbx?Privacy=history>;index=1, <sip:6001@pbx;cause=302>;index=1.1")], None),
        ([("history-info", "<sip:anonymous@pbx>;index=1, <sip:6001@pbx;cause=302>;index=1.1")], None),
    ],
    ids=["forwarded", "every call", "Diversion first", "Diversion hides", "odd Diversion", "hidden", "nobody"],
)  # fmt: skip
def test_where_no_diversion_says_it_history_info_names_who_forwarded(lines: HeaderList, diverted: str | None) -> None:
    assert identity.caller(Headers((FROM, *lines)), ORDER).diverted_by == diverted


def test_a_forward_of_a_withheld_caller_is_not_told() -> None:
    history = ("history-info", f"<sip:{FIRST}@pbx>;index=1, <sip:6001@pbx;cause=302>;index=1.1")
    assert identity.caller(Headers((ANONYMOUS, history)), ORDER).diverted_by is None


VERSTAT = ("from", f"<sip:{NUMBER};verstat=TN-Validation-Passed-A@pbx>;tag=a")


def test_what_the_network_verified_counts_only_where_the_trunk_is_trusted() -> None:
    assert identity.caller(Headers((VERSTAT,)), ORDER).attestation == "not-checked"
    trusted = identity.caller(Headers((VERSTAT,)), ORDER, attested=True)
    assert (trusted.user, trusted.attestation) == (NUMBER, "A")


def test_of_a_withheld_caller_no_attestation_is_told() -> None:
    found = identity.caller(Headers((VERSTAT, ("privacy", "id"))), ORDER, attested=True)
    assert (found.user, found.attestation) == (None, "not-checked")


@pytest.mark.parametrize(
    ("line", "user"),
    [
        ("<sip:6001@pbx>", "6001"),
        ("sip:6001@pbx;cid=x", "6001"),
        ("<sip:6001@pbx>;privacy=full", None),
        ("<sip:6001@anonymous.invalid>", None),
        ("nonsense", None),
    ],
)
def test_a_party_that_another_header_names(line: str, user: str | None) -> None:
    assert identity.party_user(line) == user


NAMES = ("from", "to", "p-asserted-identity", "remote-party-id", "privacy", "diversion", "history-info",
         "attestation-info", "p-attestation-indicator", "x-called-number")  # fmt: skip
ODD = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*'<>"@;:,?=%&\\', "sip:", "tel:", "verstat=", "TN-Validation-Failed", "cause=302", "mp=1",
                              "Privacy=", "Reason=SIP;", "index=1", "\ud800", "+49", "a"]), max_size=14).map("".join),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(NAMES), ODD), max_size=8))
def test_no_header_value_loses_the_call(lines: HeaderList) -> None:
    """Whatever stands there, a caller and called numbers come out; a withheld caller says nothing."""
    headers = Headers(tuple(lines))
    found = identity.caller(headers, ORDER, attested=True)
    if found.withheld is not Withheld.NO:
        assert (found.user, found.display_name, found.diverted_by, found.attestation) == (
            None, None, None, "not-checked",
        )  # fmt: skip
    assert len(identity.called(headers, "sip:x@y", ("History-Info", "X-Called-Number", "Diversion", "To"))) <= (
        4 * MOST_CALLED
    )
