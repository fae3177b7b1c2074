import pytest

from ctibridge.domain.finding import Finding, Kind, note


@pytest.mark.parametrize(
    ("finding", "kind"),
    [
        (Finding("clock", "set by the network"), Kind.GOOD),
        (Finding("store", "damaged", "restore it from a backup"), Kind.MEND),
        (note("grants", "1 ends within 14 days", "ctibridge grant AGENT ACCOUNT --until T"), Kind.NOTE),
    ],
)
def test_it_is_good_without_a_mend_and_a_note_where_the_mend_can_wait(finding: Finding, kind: Kind) -> None:
    assert finding.kind is kind
    assert finding.good is (kind is Kind.GOOD)


def test_each_kind_has_the_word_that_programs_read() -> None:
    assert [kind.value for kind in Kind] == ["ok", "note", "mend"]
