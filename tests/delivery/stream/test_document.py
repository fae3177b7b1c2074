import json

from tests.delivery.golden_files import GOLDEN
from tests.delivery.stream.document import faults


def test_it_sees_what_is_not_in_the_document() -> None:
    frame = json.loads((GOLDEN / "call.ended.json").read_text())
    assert faults(frame) == []
    frame["data"]["call"]["outcome"] = "lost"
    del frame["data"]["call"]["line"]
    assert sorted(faults(frame)) == [
        "call.ended: $.data.call is against required",
        "call.ended: $.data.call.outcome is against enum",
    ]
