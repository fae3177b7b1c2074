"""What stands in the store after an import."""

import sqlite3
from pathlib import Path

from ctibridge.lookup import folding, number_key

ORIGINS = ("people", "phones", "plan")


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def people(path: Path) -> list[object]:
    query = "SELECT a.id || '/' || p.id FROM directory_person p JOIN directory_account a ON a.no = p.account ORDER BY 1"
    return [row[0] for row in rows(path, query)]


def numbers(path: Path) -> list[tuple[object, ...]]:
    """Person, label, number, origin."""
    query = (
        "SELECT p.id, l.name, f.number, f.origin FROM directory_phone f "
        "JOIN directory_person p ON p.no = f.person AND p.account = f.account JOIN directory_label l ON l.no = f.label "
        "ORDER BY 1, 2, 3, 4"
    )
    return [(*row[:2], number_key.unpack(int(str(row[2]))), ORIGINS[int(str(row[3]))]) for row in rows(path, query)]


def version(path: Path) -> object:
    return rows(path, "SELECT version FROM directory_change")[0][0]


def changed(path: Path, after: int) -> list[object]:
    """Whom versions behind that one changed."""
    query = f"SELECT id FROM directory_changed_person WHERE version > {after} ORDER BY 1"  # noqa: S608 - an integer
    return [row[0] for row in rows(path, query)]


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that is said of people, without the numbers that the store gives them; checks that tables fit each other."""
    person = "SELECT a.id AS account, p.* FROM directory_person p JOIN directory_account a ON a.no = p.account"
    found = {
        "people": [(row[0], *row[3:]) for row in rows(path, f"{person} ORDER BY 1, p.id")],
        "phones": numbers(path),
        "known": rows(path, "SELECT number, origin, imported, changed_at FROM directory_phone ORDER BY 1, 2, 3, 4"),
        "labels": rows(path, "SELECT name FROM directory_label ORDER BY 1"),
    }
    assert len(found["phones"]) == len(found["known"]), "a number without its person"
    terms = rows(path, "SELECT account, term, person FROM directory_term ORDER BY 1, 2, 3")
    names = rows(path, "SELECT account, name, no FROM directory_person")
    assert terms == sorted((account, term, no) for account, name, no in names for term in folding.terms(str(name)))
    return found
