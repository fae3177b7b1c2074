"""`flow/apart.py`: desks hear when their node has lost the others, and when it has them again."""

import asyncio
import json

from ctibridge.delivery.outputs import Send
from ctibridge.flow.apart import Apart
from tests.delivery import examples as ex
from tests.delivery.desk_room import Room


async def test_each_change_is_told_once_to_who_is_here_and_stands_in_the_welcome_of_who_comes() -> None:
    room, told = Room(), list[tuple[int, str]]()
    ana, _ = room.sign_in("ana")

    def deliver() -> None:
        sent = [out for out in room.said() if isinstance(out, Send)]
        told.extend((out.session, json.loads(out.frame)["data"]["kind"]) for out in sent)

    apart = Apart(room.desks, deliver, lambda: ex.AT)
    apart.heard(alone=False)  # as when Redis answers for the first time
    await asyncio.sleep(0)
    assert told == []
    apart.heard(alone=True)
    await asyncio.sleep(0)
    apart.heard(alone=True)
    await asyncio.sleep(0)
    assert told == [(ana, "node_alone")]
    ben, (welcome,) = room.sign_in("ben")
    assert welcome["data"]["node_alone"] is True
    apart.heard(alone=False)
    await asyncio.sleep(0)
    assert told[1:] == [(ana, "node_together"), (ben, "node_together")]
    assert room.sign_in("cleo")[1][0]["data"]["node_alone"] is False
    apart.stop()
