"""Nobody who built on version 1 of the stream breaks, and what has come since stands in docs/stream-changelog.md.

Each version that was released is kept whole: `ctibridge schema asyncapi > tests/delivery/stream/1.1.json`. Who changes
the stream raises `asyncapi.VERSION` once after a release and writes a line for each change; who breaks it does not.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ctibridge.delivery import asyncapi
from ctibridge.delivery.adapters import stream_files
from tests.delivery.stream.compatibility import changes

ROOT = Path(__file__).parents[2]
RELEASED = {path.stem: path for path in sorted(Path(__file__).with_name("stream").glob("*.json"))}
NOW: dict[str, Any] = json.loads(stream_files.described().body)
CHANGELOG = (ROOT / "docs" / "stream-changelog.md").read_text(encoding="utf-8")


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def sections(text: str) -> dict[str, str]:
    """What is written under each version."""
    _, *parts = re.split(r"^## (\S+).*$", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def told_since(version: str, text: str) -> set[str]:
    """What stands in backticks under later versions."""
    later = "".join(part for one, part in sections(text).items() if number(one) > number(version))
    return set(re.findall(r"`([^`\n]+)`", later))


@pytest.mark.parametrize("version", RELEASED)
def test_nobody_who_built_on_it_breaks(version: str) -> None:
    found = changes(json.loads(RELEASED[version].read_text(encoding="utf-8")), NOW)
    assert [str(one) for one in found if one.breaks] == [], "this would be version 2 of the stream"


@pytest.mark.parametrize("version", RELEASED)
def test_what_has_come_since_is_told(version: str) -> None:
    found = changes(json.loads(RELEASED[version].read_text(encoding="utf-8")), NOW)
    told = told_since(version, CHANGELOG)
    untold = [str(one) for one in found if one.where not in told]
    assert untold == [], f"raise asyncapi.VERSION above {version} and name it in docs/stream-changelog.md"


def test_the_newest_that_is_told_is_this_one_and_all_before_it_are_kept() -> None:
    told = list(sections(CHANGELOG))
    assert told == sorted(told, key=number, reverse=True), "the newest stands first"
    assert told[0] == asyncapi.VERSION
    assert set(told[1:]) <= set(RELEASED) <= set(told), "a version is kept before the next one begins"


def test_each_is_kept_under_its_own_number() -> None:
    for version, path in RELEASED.items():
        assert json.loads(path.read_text(encoding="utf-8"))["info"]["version"] == version


def test_lines_of_earlier_versions_tell_nothing_of_later_ones() -> None:
    text = "# Log\n\n## 1.2\n* `A.b` is new\n\n## 1.1 (2026-12-01)\n* `A.a`\n\n## 1.0\nThe first.\n"
    assert told_since("1.0", text) == {"A.a", "A.b"}
    assert told_since("1.1", text) == {"A.b"}
    assert told_since("1.2", text) == set()
