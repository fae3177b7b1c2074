from dataclasses import replace
from datetime import datetime, timedelta, timezone

import msgspec
import pytest

from ctibridge.delivery import encode_context
from ctibridge.domain.account import Text
from ctibridge.domain.context import (
    ConfigurationItem,
    Context,
    KnowledgeArticle,
    MajorIncident,
    Request,
    Service,
    StandardRequest,
)
from ctibridge.domain.private import Name
from ctibridge.domain.screen_pop import Announced

HALF = "Postfach \ud800"


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (HALF, "Postfach ?"), (Name("Zoë"), "Zoë"), ("😀\x00", "😀\x00")]
)
def test_every_text_is_json(value: Name | str, expected: str) -> None:
    assert encode_context.sure_text(value) == expected
    assert encode_context.text_or_none(value) == expected
    assert encode_context.text_or_none(None) is None


def test_times_are_utc_with_microseconds() -> None:
    at = datetime(2026, 11, 21, 19, 0, tzinfo=timezone(timedelta(hours=1)))
    assert encode_context.time(at) == "2026-11-21T18:00:00.000000Z"


def test_half_a_surrogate_pair_from_a_source_costs_no_pop() -> None:
    """Subjects come from other people's tools, through their JSON."""
    context = Context(
        (Service("s", HALF),),
        (ConfigurationItem("c", HALF),),
        (Request("r", HALF),),
        (StandardRequest("t", None, HALF, HALF),),
        (KnowledgeArticle("k", None, HALF),),
        (MajorIncident(None, HALF),),
    )
    assert b"Postfach ?" in msgspec.json.encode(encode_context.context(context, complete=True))
    told = encode_context.announcements([Announced("a", Text("de", HALF))])
    assert told[0].text.text == "Postfach ?"


def test_what_failed_is_named_and_what_is_late_is_said() -> None:
    late = replace(Context(), failed=("requests",), complete=False)
    body = encode_context.context(late, complete=True)
    assert (body.failed, body.complete, body.repeat) == (["requests"], False, None)


def test_without_a_text_there_is_none() -> None:
    assert encode_context.text(None) is None
