"""The hello to read aloud: the customer's text, in the caller's language, with names and time of day put in."""

import re
from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.account import ServiceNumber
from ctibridge.lookup import tags
from ctibridge.lookup.salutations import salutation

_PLACEHOLDER = re.compile(r"\{(agent|account|salutation)\}")

_AGENT = "{agent}"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it to whom, when. agent: None where nobody is asked for. zone: IANA, where the caller is; at: aware."""

    agent: str | None
    account: str
    zone: str | None
    at: datetime


def greeting(service: ServiceNumber, tag: str, speaker: Speaker) -> str | None:
    """Exact tag, then what it is part of (`zh-Hant-TW`: `zh-Hant`, then `zh`), then the service number's default
    language, else None. None, too, for a text that names the agent where there is none.

    Placeholders are replaced literally and once: the texts are customers' data, and `str.format` would let them reach
    into our objects. What is no placeholder of ours stays as it is written.
    """
    found = _text(service, tag)
    if found is None or (speaker.agent is None and _AGENT in found[1]):
        return None
    spoken_tag, text = found

    def value(match: re.Match[str]) -> str:
        if match[1] == "salutation":
            return salutation(spoken_tag, speaker.zone, speaker.at)
        return speaker.agent or "" if match[1] == "agent" else speaker.account

    return _PLACEHOLDER.sub(value, text)


def names_agent(service: ServiceNumber, tag: str) -> bool:
    """Is the text for this language one that only an agent can say?"""
    found = _text(service, tag)
    return found is not None and _AGENT in found[1]


def _text(service: ServiceNumber, tag: str) -> tuple[str, str] | None:
    """(language of the text, text)."""
    wanted = [tag] if service.default_language is None else [tag, service.default_language]
    for key in (key for one in wanted for key in tags.forms(one)):
        if key in service.greetings:
            return key, service.greetings[key]
    return None
