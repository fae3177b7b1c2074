"""The names of keys, and the table of them."""

from redis.crc import key_slot

from ctibridge.cluster.keys import TABLE, Keys


def names(prefix: str) -> list[str]:
    keys = Keys(prefix)
    return [keys.all, keys.inbox("NODE"), keys.registry, keys.lots, keys.leases]


def test_the_table_has_them_all() -> None:
    assert [f"{{cti}}:{one.name}" for one in TABLE] == names("cti")


def test_they_lie_on_one_shard() -> None:
    assert len({key_slot(name.encode()) for name in names("cti")}) == 1
