from ctibridge.cli.checks.restored import findings
from ctibridge.domain.finding import Kind


def test_a_store_that_nobody_restored_has_no_row() -> None:
    assert list(findings(["ctibridge.db", "desks.db", "backup.part", "restore-notes"])) == []


def test_what_was_set_aside_is_worth_knowing_as_nobody_else_removes_it() -> None:
    (found,) = findings(["ctibridge.db", "replaced-20261123T010203Z"])
    assert found.kind is Kind.NOTE
    assert "replaced-20261123T010203Z" in found.text


def test_one_that_was_cut_short_is_carried_out_by_the_next_command() -> None:
    for name in ("restore-20261123T010203Z.part", "restore-20261123T010203Z.whole", "restore-20261123T010203Z.coming"):
        (found,) = findings([name])
        assert found.kind is Kind.MEND
        assert "ctibridge grants" in str(found.mend)
