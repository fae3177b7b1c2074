"""What the tests of one registration share: an account, what a registrar answers, and what was asked."""

from dataclasses import replace
from typing import Any

from ctibridge.sip import digest
from ctibridge.sip.digest import Credentials
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.registration import Account, Failed, Registration, Say, Send
from tests.sip.scripts import counted

CONTACT = "sip:token@192.0.2.1:5066"
ACCOUNT = Account("6001", "sip:6001@pbx", "sip:pbx", CONTACT, Credentials("6001", "secret"), 120)
PHONE = ("contact", "<sip:6001@192.0.2.50>;expires=3600")
INSTANCE = "urn:uuid:0A1b2c3d-0000-8000-a000-000000000001"
MARK = f'+sip.instance="<{INSTANCE}>"'
ELSEWHERE = "sip:token@203.0.113.7:40000"


def new(**changed: Any) -> Registration:
    return Registration(replace(ACCOUNT, **changed), counted())


def sent(said: list[Say]) -> Request:
    (only,) = said
    assert isinstance(only, Send)
    return only.request


def why(said: list[Say]) -> str:
    (only,) = said
    assert isinstance(only, Failed)
    return only.why


def answer(status: int, *lines: tuple[str, str]) -> Response:
    return Response(status, "", Headers(lines))


def ok(expires: int = 120, *others: tuple[str, str]) -> Response:
    return answer(200, ("contact", f"<{CONTACT}>;expires={expires}"), *others)


def challenge(nonce: str, status: int = 401, more: str = ', qop="auth"') -> Response:
    name = "www-authenticate" if status == 401 else "proxy-authenticate"
    return answer(status, (name, f'Digest realm="pbx", nonce="{nonce}"{more}'))


def authorization(request: Request, name: str = "authorization") -> digest.Answer:
    return digest.read_answer(request.headers.need(name))
