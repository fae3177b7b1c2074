"""The story is about people who are in the sample directory, and names nobody else's."""

import csv
from itertools import islice

import phonenumbers
import pytest

from ctibridge.demo import story
from ctibridge.demo.incoming import Shown
from ctibridge.demo.sample import sample_directory


def rows(name: str) -> list[dict[str, str]]:
    with (sample_directory() / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def known_numbers() -> set[str]:
    """All numbers of people, by the country of their site and of their account."""
    accounts = {row["id"]: row["country"] for row in rows("accounts.csv")}
    sites = {(row["account"], row["name"]): row["country"] for row in rows("sites.csv")}
    found = set()
    for row in rows("people.csv"):
        country = sites.get((row["account"], row["site"])) or accounts[row["account"]]
        for phone in row["phones"].replace("/", ";").split(";"):
            text = phone.partition(":")[2].strip()
            for each in (country, accounts[row["account"]]):
                found.add(_e164(text, each))
    return found


def _e164(text: str, country: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(text, country), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return ""


def test_lines_and_agent_are_of_the_sample() -> None:
    agents = {row["id"] for row in rows("agents.csv")}
    assert set(story.LINES.values()) <= agents
    assert story.AGENT in agents
    assert set(story.PICK_UP) <= set(story.LINES)


@pytest.mark.parametrize("scene", story.SCENES, ids=lambda scene: scene.title)
def test_a_scene_calls_a_service_number_from_a_known_number(scene: story.Scene) -> None:
    assert scene.called in {row["number"] for row in rows("service_numbers.csv")}
    assert (scene.number in known_numbers()) == ("nobody knows" not in scene.title)
    assert scene.taken_at is None or scene.taken_at in story.LINES


def test_the_first_four_are_what_the_product_is_about() -> None:
    first = story.SCENES[:4]
    assert [scene.taken_at in story.PICK_UP for scene in first] == [False, False, False, True]
    assert first[2].shown is Shown.WITHHELD
    assert len({scene.called for scene in first}) == 3


def test_it_goes_on_for_ever_in_the_same_order() -> None:
    many = list(islice(story.acts(story.SCENES, story.FOR_PROGRAMS, "demo"), 2 * len(story.SCENES)))
    assert [act.scene for act in many] == [*story.SCENES, *story.SCENES]
    assert len({act.incoming.call_id for act in many}) == len(many)


def test_who_answers_is_told_and_who_hangs_up_is_one() -> None:
    for act in islice(story.acts(story.SCENES, story.FOR_PEOPLE, "demo"), len(story.SCENES)):
        assert (act.order is None) == (act.scene.taken_at is None)
        if act.order is not None:
            assert act.order.call_id == act.incoming.call_id
            assert (act.order.talk is None) != (act.incoming.talk is None)
            assert act.order.after < act.incoming.ring


def test_a_person_has_time_to_read() -> None:
    assert story.FOR_PEOPLE.ring >= 8.0
    assert story.FOR_PEOPLE.answer >= 6.0


def test_people_see_the_answered_calls_last_as_those_keep_the_middle_of_the_page() -> None:
    taken = [scene.taken_at is not None for scene in story.for_people()]
    assert taken == sorted(taken)
    assert set(story.for_people()) == set(story.SCENES)
