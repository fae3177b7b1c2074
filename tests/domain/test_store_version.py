from ctibridge.domain.store_version import MEND, later


def test_it_names_what_was_found_what_is_known_and_the_mend() -> None:
    assert later("desks", 9, 3) == f"its tables (desks) are of version 9, this ctibridge knows 3; {MEND}"
    assert "of version unknown" in later("desks", None, 3)
