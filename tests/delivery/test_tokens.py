from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.delivery.tokens import SECRET_BYTES, Kind, Token, hash_of, refuse_desk, refuse_token, text_of
from ctibridge.domain.private import Private
from tests.delivery.examples import ANA, AT

TOKEN = Token("t1", Kind.DESK, "ana", AT, AT + timedelta(days=1))


def test_text_and_hash() -> None:
    text = text_of(bytes(range(SECRET_BYTES)))
    assert text.value == "ctb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    found = hash_of(text)
    assert found is not None
    assert len(found) == 32
    assert hash_of(text_of(bytes(SECRET_BYTES))) != found


@pytest.mark.parametrize(
    "text", ["", "ctb_", "ctb_" + "A" * 42, "ctb_" + "A" * 44, "xtb_" + "A" * 43, "ctb_" + "ä" * 43]
)
def test_what_cannot_be_a_token_is_not_looked_up(text: str) -> None:
    assert hash_of(Private(text)) is None


def test_a_token_is_good_until_it_expires_or_is_revoked() -> None:
    assert refuse_token(TOKEN, AT) is None
    assert refuse_token(replace(TOKEN, expires_at=None), AT + timedelta(days=9999)) is None
    verdicts = [
        refuse_token(None, AT),
        refuse_token(TOKEN, AT + timedelta(days=1)),
        refuse_token(replace(TOKEN, revoked_at=AT), AT),
    ]
    assert [verdict and verdict.code for verdict in verdicts] == [4401, 4401, 4401]


def test_a_good_token_that_opens_no_desk() -> None:
    assert refuse_desk(TOKEN, ANA) is None
    verdicts = [
        refuse_desk(replace(TOKEN, kind=Kind.IVR, agent=None), None),
        refuse_desk(TOKEN, None),
        refuse_desk(TOKEN, replace(ANA, disabled=True)),
    ]
    assert [verdict and verdict.code for verdict in verdicts] == [4403, 4403, 4403]
