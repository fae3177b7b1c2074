"""Who asks over the uplink, and who is told what concerns all."""

from ctibridge.sip.asker import Asker, Member
from ctibridge.sip.leavers import Leavers
from ctibridge.sip.lines import Lines
from ctibridge.sip.uplink import Uplink
from tests.sip.scripts import HERE, counted


def test_lines_are_members_and_who_leaves_only_asks() -> None:
    uplink = Uplink(HERE, counted(), None)
    member: Member = Lines("pbx", {}, uplink, str, leave_alone=True)
    asker: Asker = Leavers(uplink, print)
    assert all(hasattr(each, "turn") for each in (member, asker))
    assert not hasattr(asker, "moved"), "its contact goes where it is registered"
