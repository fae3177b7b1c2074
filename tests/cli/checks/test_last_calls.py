from datetime import UTC, datetime, timedelta

from ctibridge.cli.checks import last_calls
from ctibridge.domain.finding import Finding, Kind
from ctibridge.domain.last_call import LastCall
from ctibridge.sip.settings import SelftestSettings, TrunkSettings

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
TESTED = TrunkSettings(name="pbx", registrar="sip:192.0.2.1", selftest=SelftestSettings("6099", "6001"))
OTHER = TrunkSettings(name="old", registrar="sip:192.0.2.2")


def finding(*made: LastCall) -> Finding:
    (found,) = last_calls.findings([TESTED, OTHER], made, AT)
    return found


def test_without_a_selftest_there_is_nothing_to_say() -> None:
    assert list(last_calls.findings([OTHER], [LastCall("old", None, AT, "pop", None)], AT)) == []


def test_none_yet_is_worth_knowing() -> None:
    found = finding(LastCall("old", None, AT, None, 1))
    assert found.kind is Kind.NOTE
    assert found.text == "trunk pbx: none was made yet"


def test_the_newest_counts() -> None:
    good, bad = (LastCall("pbx", "acme", AT - timedelta(hours=n), how, 12) for n, how in ((1, None), (2, "pop")))
    assert finding(bad, good) == finding(good)
    assert finding(good).kind is Kind.GOOD
    assert "popped after 12 ms" in finding(good).text


def test_a_failed_one_is_to_be_mended() -> None:
    found = finding(LastCall("pbx", "acme", AT, "pop", None))
    assert found.kind is Kind.MEND
    assert "failed (pop)" in found.text
    assert (found.mend or "").startswith("ctibridge selftest --trunk pbx")


def test_an_old_one_is_worth_knowing() -> None:
    assert finding(LastCall("pbx", "acme", AT - timedelta(hours=26), None, 12)).kind is Kind.GOOD
    assert finding(LastCall("pbx", "acme", AT - timedelta(hours=27), None, 12)).kind is Kind.NOTE
