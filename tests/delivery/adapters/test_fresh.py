from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.tokens import SECRET_BYTES


def test_nothing_comes_twice() -> None:
    for make in (fresh.epoch, fresh.token_id, fresh.token_secret):
        assert len({make() for _ in range(1000)}) == 1000
    assert len(fresh.token_secret()) == SECRET_BYTES
