"""What stays of an event whose time is over at a desk that keeps others for longer: events are a gapless tail, so it
stays as an event, and says of nobody who called.

Of a pop: the call, what was called, the language. Of work: who did what. Of suggestions: the call. Of a notice about a
customer: that it was one.
"""

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from ctibridge.delivery import encode, encode_context, wire
from ctibridge.delivery.caught_up import WITHDRAWN
from ctibridge.delivery.wire import EventType
from ctibridge.domain.context import Context

_json = msgspec.json.Encoder()
_pop = msgspec.json.Decoder(wire.PopData)
_worked = msgspec.json.Decoder(wire.WorkedData)
_suggestions = msgspec.json.Decoder(wire.SuggestionsData)
_any = msgspec.json.Decoder(dict[str, object])
_NOBODY: dict[str, object] = dict.fromkeys(("number", "raw", "display_name", "extension", "diverted_by"))


def data(kind: EventType, before: bytes) -> bytes:
    """Raises msgspec.DecodeError where it is no JSON object."""
    make = _MADE.get(kind)
    if make is None:
        return before
    try:
        return make(before)
    except msgspec.ValidationError:
        return _rest(before)


def _of_pop(before: bytes) -> bytes:
    pop = _pop.decode(before)
    status: wire.Status = "withheld" if pop.resolution.status == "withheld" else "unknown"
    return _json.encode(
        replace(
            pop,
            caller=replace(pop.caller, **_NOBODY, remarks=[]),
            language=replace(pop.language, greeting=None),
            resolution=wire.ResolutionBody(status, pop.resolution.revision, None, []),
            context=encode_context.context(Context(), complete=True),
            trust=wire.TrustBody(False, []),
            links=[],
            hand_over=None,
            customer=None,
        )
    )


def _of_work(before: bytes) -> bytes:
    return _json.encode(replace(_worked.decode(before), note=None))


def _of_suggestions(before: bytes) -> bytes:
    return _json.encode(replace(_suggestions.decode(before), standard_requests=[], knowledge_articles=[]))


def _of_notice(_: bytes) -> bytes:
    return encode.notice_data(WITHDRAWN)


def _rest(before: bytes) -> bytes:
    """Of what was emptied before (`withdrawn`), and is asked for again: not even by whom."""
    whole = _any.decode(before)
    if isinstance(whole.get("caller"), dict):
        whole["caller"] = {**_NOBODY, "remarks": []}
    return _json.encode({key: None if key == "note" else value for key, value in whole.items()})


_MADE: Mapping[EventType, Callable[[bytes], bytes]] = {
    "call.ringing": _of_pop,
    "call.updated": _of_pop,
    "call.worked": _of_work,
    "suggestions": _of_suggestions,
    "notice": _of_notice,
}
