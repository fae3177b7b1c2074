"""Whatever changes, is answered, is lost and takes its time: at the end the registrar has exactly the lines of the last
access, and no line was harmed on the way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ctibridge.sip.events import Hearing
from ctibridge.sip.message import Request, parse
from ctibridge.sip.neighbours import FIRST_AWAY
from ctibridge.sip.settings import TrunkAccess
from tests.sip.changing import Site, with_passwords
from tests.sip.registrar import PHONE

LINES = ("l0", "l1", "l2", "l3")
WORDS = ("right", "wrong")

MANY = tuple(f"l{number}" for number in range(10))
many = st.dictionaries(st.sampled_from(MANY), st.sampled_from(WORDS), min_size=5)
passwords = st.dictionaries(st.sampled_from(LINES), st.sampled_from(WORDS), max_size=4)
pauses = st.sampled_from([0.0, 0.005, 0.01, 0.02, 0.05, 0.3, 5.0, 61.0, 200.0])
what_happens = st.sampled_from(["nothing", "mute", "speaks", "restart"])
steps = st.lists(st.tuples(passwords, pauses, what_happens), min_size=1, max_size=8)


def access(chosen: dict[str, str]) -> TrunkAccess:
    return TrunkAccess(with_passwords(chosen))


def played(first: dict[str, str], then: list[tuple[dict[str, str], float, str]], loss: float, **keys: object) -> Site:
    site = Site(access(first), loss=loss, **keys)  # type: ignore[arg-type]
    site.registrar.passwords |= dict.fromkeys(LINES, "right")
    site.start(until=0.0)
    for chosen, pause, event in then:
        site.run(pause)
        if event == "restart":
            site.registrar.nonce += "x"
        site.registrar.mute = event == "mute" or (site.registrar.mute and event != "speaks")
        site.trunk.change(access(chosen), site.network.now)
    site.registrar.mute = False
    return site


def never_without_contact(site: Site) -> bool:
    asked = [parse(data) for data in site.requests("REGISTER")]
    contacts = [each.headers.first("contact") or "" for each in asked if isinstance(each, Request)]
    return len(contacts) == len(asked) and all(contact.startswith("<sip:") for contact in contacts)


@given(passwords, steps, st.sampled_from([0.0, 0.2]), st.sampled_from(["stay", "leave"]))
@settings(max_examples=50)
def test_the_registrar_has_the_lines_of_the_last_word(
    first: dict[str, str], then: list[tuple[dict[str, str], float, str]], loss: float, alone: str
) -> None:
    site = played(first, then, loss, alone=alone)
    site.run(2000.0)
    last = then[-1][0]
    right = {line for line, word in last.items() if word == "right"}
    assert site.registered() == dict.fromkeys(right, 1)
    assert site.hearing() == {line: Hearing.REGISTERED if line in right else Hearing.DEAF for line in last}
    assert never_without_contact(site)
    assert all(PHONE in site.registrar.of(line, site.network.now) for line in LINES)


@given(many, st.lists(st.tuples(many, pauses), min_size=1, max_size=5))
@settings(max_examples=60)
def test_where_a_line_may_have_one_contact_a_change_harms_one_more_at_most(
    first: dict[str, str], then: list[tuple[dict[str, str], float]]
) -> None:
    site = Site(access(first), alone="leave")
    site.registrar.contacts = 1
    site.registrar.passwords |= dict.fromkeys(MANY, "right")
    site.start(until=0.0)
    for chosen, pause in then:
        site.run(pause)
        site.trunk.change(access(chosen), site.network.now)
    site.run(300.0)
    harmed = sum(PHONE not in site.registrar.of(line, site.network.now) for line in MANY)
    assert harmed <= 1 + len(then) + int(site.network.now / FIRST_AWAY)
    assert site.registered() == {}, "who is alone leaves"
