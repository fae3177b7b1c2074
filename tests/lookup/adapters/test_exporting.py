"""What the directory has of one person: all columns that are known, and nobody else's."""

import json
from pathlib import Path

from ctibridge.lookup.adapters import exporting
from tests.lookup.adapters.test_erasing import prepared
from tests.lookup.adapters.test_purge import NUMBER, sql


async def test_hers(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    sql(path, "UPDATE directory_person SET updated_at = 86400, vip = 1 WHERE id = 'canary-7'")
    told = exporting.directory(path, "acme", "canary-7")
    record = told["record"]
    assert (record["name"], record["email"], record["vip"]) == ("Zyzzyva Quetzal", "zyzzyva@acme.example", True)
    assert record["updated_at"] == "1970-01-02T00:00:00+00:00"
    assert "pronunciation" not in record, "what is not known is not there"
    assert [(one["number"], one["label"]) for one in told["numbers"]] == [(NUMBER, "mobile"), ("4711", "work")]
    assert all(one["told_by"] == "people" for one in told["numbers"])
    assert [one["id"] for one in told["requests"]] == ["77"]
    assert [one["id"] for one in told["configuration_items"]] == ["c1"]
    assert told["services"] == [{"id": "s1", "name": "songbird"}], "and not who else uses it"
    assert "p17" not in json.dumps(told)


async def test_what_desks_taught_us_of_her(tmp_path: Path) -> None:
    told = exporting.learned(await prepared(tmp_path), "acme", "canary-7")
    assert told["spoken_to_last"] == "1970-01-01T00:00:01+00:00"
    assert [(one["number"], one["by"], one["call"]) for one in told["chosen_as_caller"]] == [(NUMBER, "ana", "c1")]


async def test_of_nobody_there_is_nothing(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    told = exporting.directory(path, "fleuron", "canary-7")
    assert told == {"record": None, "numbers": [], "requests": [], "configuration_items": [], "services": []}
    assert exporting.learned(path, "acme", "x") == {"chosen_as_caller": [], "spoken_to_last": None}
