import aiosqlite
import pytest

from ctibridge.lookup.adapters import merge
from ctibridge.lookup.adapters.merge import Changes

DDL = """
CREATE TABLE directory_agent (id TEXT PRIMARY KEY, name TEXT, login TEXT, languages TEXT, disabled INTEGER);
CREATE TABLE staged_agents (id, name, login, languages, disabled, line, PRIMARY KEY (id));
CREATE TABLE directory_site (account, name, country, language, time_zone, extensions, PRIMARY KEY (account, name));
CREATE TABLE staged_sites (account, name, country, language, time_zone, extensions, line, PRIMARY KEY (account, name));
CREATE TABLE staged_kept (sheet, key1, key2);
INSERT INTO directory_agent VALUES ('ana', 'Ana', 'ana@x', 'de', 0), ('ben', 'Ben', NULL, NULL, 0);
INSERT INTO staged_agents VALUES ('ana', 'Ana', NULL, 'de', 0, 2), ('ben', 'Benjamin', NULL, NULL, 0, 3),
    ('zoe', 'Zoe', NULL, NULL, 0, 4);
INSERT INTO directory_site (account, name) VALUES
    ('acme', 'Berlin'), ('acme', 'Bern'), ('acme', 'Bonn'), ('x', 'Berlin');
INSERT INTO staged_sites (account, name) VALUES ('acme', 'Berlin');
INSERT INTO staged_kept VALUES ('sites', 'acme', 'Bonn');
"""


@pytest.mark.parametrize(
    ("given", "changes", "login"),
    [
        (["id", "name"], Changes(new=1, changed=1), "ana@x"),  # a column that the files do not have stays as it is
        (["id", "name", "login"], Changes(new=1, changed=2), None),  # one that they have empty is unknown now
        (["id"], Changes(new=1), "ana@x"),
    ],
)
async def test_only_what_differs_and_is_given_is_written(given: list[str], changes: Changes, login: str | None) -> None:
    async with aiosqlite.connect(":memory:") as connection:
        await connection.executescript(DDL)
        assert await merge.upsert(connection, "agents", given) == changes
        assert await merge.upsert(connection, "agents", given) == Changes()
        rows = await connection.execute_fetchall("SELECT login FROM directory_agent WHERE id = 'ana'")
        assert [row[0] for row in rows] == [login]


async def test_the_rest_of_the_account_goes_but_not_what_was_only_refused() -> None:
    async with aiosqlite.connect(":memory:") as connection:
        await connection.executescript(DDL)
        assert await merge.remove_rest(connection, "sites", "acme") == 1
        rows = await connection.execute_fetchall("SELECT account, name FROM directory_site ORDER BY 1, 2")
        assert [tuple(row) for row in rows] == [("acme", "Berlin"), ("acme", "Bonn"), ("x", "Berlin")]


def test_changes_add_up() -> None:
    assert Changes(1, 2, 3) + Changes(1) == Changes(2, 2, 3)
