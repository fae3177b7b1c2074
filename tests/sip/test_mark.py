"""A mark that all nodes of a cluster can make, and nobody else."""

import pytest

from ctibridge.sip.mark import LENGTH, Mark

MARK = Mark(b"k" * 32, "sip:6001@pbx")


def test_who_has_the_key_knows_it() -> None:
    user = MARK.on("t1")
    assert (user[:2], len(user)) == ("t1", 2 + LENGTH)
    assert Mark(b"k" * 32, "sip:6001@pbx").is_on(user)


@pytest.mark.parametrize("user", [None, "", "t1", "6001", MARK.on("t1")[2:], "t2" + MARK.on("t1")[2:], "ü" * 40])
def test_what_is_no_contact_of_ours(user: str | None) -> None:
    assert not MARK.is_on(user)


def test_another_key_or_another_line_is_another_mark() -> None:
    others = Mark(b"j" * 32, MARK.aor), Mark(MARK.key, "sip:6002@pbx")
    assert not any(other.is_on(MARK.on("t1")) for other in others)


def test_the_key_is_not_shown() -> None:
    assert "kkk" not in repr(MARK)
