from ctibridge.delivery.outputs import Check
from ctibridge.domain.private import Private


def test_a_token_does_not_print() -> None:
    assert "ctb_secret" not in repr(Check(1, Private("ctb_secret")))
