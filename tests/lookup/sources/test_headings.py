import pytest

from ctibridge.lookup.sources.headings import LONGEST, brief


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("name", "name"),
        (" Größe ", "Größe"),
        ("phones\nacme,p1,Jo Doe", "phones"),
        ("phones\racme", "phones"),
        ("a\x1b[2J\x07b\u202ec\udcff", "a[2Jbc"),
        ("", ""),
        ("\n", ""),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * 41, "x" * 39 + "…"),
    ],
)
def test_brief(heading: str, shown: str) -> None:
    assert brief(heading) == shown
