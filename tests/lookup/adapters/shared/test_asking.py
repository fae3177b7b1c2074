from ctibridge.lookup.adapters.shared.asking import PeopleMissing


def test_what_is_missing_is_a_fault_of_one_line_with_the_mend() -> None:
    assert isinstance(PeopleMissing(), OSError)
    assert str(PeopleMissing()).startswith("the people of the directory are not in Redis; start ctibridge on a node")
