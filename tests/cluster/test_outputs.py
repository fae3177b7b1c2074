"""`cluster/outputs.py`: a member says nothing else."""

from typing import get_args

from ctibridge.cluster import outputs


def test_all_that_there_is_to_say_is_named() -> None:
    said = {one for one in vars(outputs).values() if isinstance(one, type) and one.__module__ == outputs.__name__}
    assert set(get_args(outputs.Output)) == said
