from contextlib import closing
from pathlib import Path

from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.outbox_newest import newest_event
from ctibridge.delivery.adapters.outbox_tables import FILE
from tests.delivery.adapters.outboxes import opened, told
from tests.delivery.kept_examples import at


async def test_of_several_desks_the_newest(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    told(outbox, 1, 3)
    told(outbox, 1, 9, "ben")
    await outbox.close()
    with closing(outbox_tables.connect_reader(tmp_path / FILE)) as connection:
        assert newest_event(connection) == at(9)


def test_without_an_event_there_is_none(tmp_path: Path) -> None:
    connection, _ = outbox_tables.connect(tmp_path / FILE)
    with closing(connection):
        assert newest_event(connection) is None
