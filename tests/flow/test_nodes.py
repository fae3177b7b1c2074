"""A node is alone, unless said otherwise."""

from ctibridge.flow.call_names import FreshNames
from ctibridge.flow.joint import Known
from ctibridge.flow.nodes import Nodes


def test_alone() -> None:
    nodes = Nodes(FreshNames(str))
    assert not nodes.homes.are_several
    nodes.say(Known("c1", None, None, shared=False))
