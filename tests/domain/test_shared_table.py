"""What a room says of a table that all nodes have alike."""

from ctibridge.domain.shared_table import SharedTable


def test_a_table_is_changed_under_the_lease_unless_its_room_says_otherwise() -> None:
    plain = SharedTable("site", ("account", "name"))
    assert plain.act
    assert plain.gone
    assert plain.person is None
    assert not SharedTable("token", ("id",), act=False).act
