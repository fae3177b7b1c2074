"""What is asked of the people's tables: each question by account first, so that it reads nothing of any other.

Lists are given as JSON. CROSS JOIN keeps the order in which the tables are gone through: the accounts that may be seen,
then theirs alone. Aliases of the large tables are their names without `directory_`, so that a plan can be read.
"""

from ctibridge.lookup.claims import KINDS, REQUEST

END = "\U0010ffff"
"""Behind every text that begins with the same letters."""
FAX_LABEL = 5
"""Of `stored_numbers.FAX` in every store's directory_label."""

_NUMBER_ROW = "account.id, person.id, label.name, person.disabled, phone.imported, phone.number"
_ROW_OF_PHONE = (
    "CROSS JOIN directory_person person ON person.no = phone.person "
    "LEFT JOIN directory_label label ON label.no = phone.label"
)


def _first_people(rows: str, counted: str) -> str:
    """Such rows of phones, up to the person who is the ?3rd of those that are counted."""
    return f"""
SELECT {_NUMBER_ROW}, wanted.key
FROM json_each(?1) visible CROSS JOIN directory_account account ON account.id = visible.value
CROSS JOIN json_each(?2) wanted
CROSS JOIN directory_phone phone ON phone.account = account.no AND phone.number = wanted.value AND phone.{rows}
    AND phone.person <= ifnull((
        SELECT DISTINCT person FROM directory_phone further
        WHERE further.account = account.no AND further.number = wanted.value AND {counted}
        ORDER BY person LIMIT 1 OFFSET ?3 - 1
    ), 9223372036854775807)
{_ROW_OF_PHONE}
"""  # noqa: S608 - our own words


# ?1: ids of the accounts; ?2: keys as `number_key.pack` makes them, best first; ?3: people of one account at most. No
# more than that many people are read, and in most accounts nobody: a team's number of 100,000 costs what 1,000 cost.
# A fax never matches: however many list the machine, whose telephone it is besides comes in. Who lists it is told all
# the same, as far as that costs no more: `ctibridge lookup` says why not.
HOLDERS = (
    f"{_first_people(f'label <> {FAX_LABEL}', f'further.label <> {FAX_LABEL}')}"
    f"UNION ALL {_first_people(f'label = {FAX_LABEL}', 'TRUE')}"
)
# ?2: the tail's last seven digits as an integer; ?3: rows of one account at most; ?4: the whole tail as text. No fax.
SUFFIX = f"""
SELECT {_NUMBER_ROW}
FROM json_each(?1) visible CROSS JOIN directory_account account ON account.id = visible.value
CROSS JOIN directory_phone phone ON (phone.account, phone.number, phone.person, phone.label, phone.origin) IN (
    SELECT account, number, person, label, origin FROM directory_phone tail
    WHERE tail.account = account.no AND tail.number % 10000000 = ?2 AND tail.number < 1000000000000000
        AND substr(tail.number, -length(?4)) = ?4 AND tail.label <> {FAX_LABEL}
    ORDER BY number, person, label, origin LIMIT ?3
)
{_ROW_OF_PHONE}
"""  # noqa: S608
# How much of a field its index has; the index of the others has all.
_INDEXED = {"email": 12}


def _beginning(kind: str, text: str) -> str:
    return f"substr({text}, 1, {_INDEXED[kind]})" if kind in _INDEXED else text


def _is(person: str, kind: str) -> str:
    """Has this person ?2 there? First by what the index has of it."""
    indexed = f"{_beginning(kind, f'{person}.{kind}')} = {_beginning(kind, '?2')} COLLATE NOCASE"
    return f"{indexed} AND {person}.{kind} = ?2 COLLATE NOCASE" if kind in _INDEXED else indexed


# ?2: the value; ?3: people of one account at most: what more of them have is nobody's.
CLAIMED = {
    kind: f"""
SELECT account.id, person.id, person.disabled
FROM json_each(?1) visible CROSS JOIN directory_account account ON account.id = visible.value
CROSS JOIN directory_person person ON person.account = account.no AND {_is("person", kind)}
WHERE NOT EXISTS (
    SELECT 1 FROM directory_person further WHERE further.account = account.no AND {_is("further", kind)}
    LIMIT 1 OFFSET ?3
)
"""  # noqa: S608
    for kind in KINDS
}
CLAIMED[REQUEST] = """
SELECT account.id, person.id, person.disabled
FROM json_each(?1) visible CROSS JOIN directory_account account ON account.id = visible.value
CROSS JOIN directory_request request ON request.account = account.id AND request.id = ?2
CROSS JOIN directory_person person ON person.account = account.no AND person.id = request.requested_for
WHERE ?3 > 0
"""
# The people of a node may be elsewhere.
REQUESTED_FOR = """
SELECT request.account, request.requested_for FROM json_each(?1) visible
CROSS JOIN directory_request request ON request.account = visible.value AND request.id = ?2
WHERE request.requested_for IS NOT NULL
"""
# ?1: list of [account id, person id].
PEOPLE = """
SELECT account.id, person.id, person.name, person.disabled, person.vip, person.pronunciation, person.email,
    person.employee_id, person.support_id, person.source_id, person.job_title, person.organization, person.site,
    person.location, person.language, person.time_zone, (
        SELECT json_group_array(json_array(number, changed_at)) FROM directory_phone phone
        WHERE phone.person = person.no AND phone.changed_at IS NOT NULL
    )
FROM json_each(?1) wanted CROSS JOIN directory_account account ON account.id = json_extract(wanted.value, '$[0]')
CROSS JOIN directory_person person ON person.account = account.no AND person.id = json_extract(wanted.value, '$[1]')
"""
# Always at least one row. ?1: the version; ?2: at most so many rows.
CHANGES = """
SELECT change.version, change.logged_from, account.id, changed.id
FROM directory_change change LEFT JOIN directory_changed_person changed ON changed.version > ?1
LEFT JOIN directory_account account ON account.no = changed.account LIMIT ?2
"""
# How many people of each account have a word, as far as it matters. ?1: account ids; ?2: words, each a list of
# spellings; ?3: END, or nothing where the word must be whole; ?4: at most so many are counted.
COMMONNESS = """
SELECT visible.key, word.key, (
    SELECT count(*) FROM (
        SELECT 1 FROM json_each(word.value) spelling CROSS JOIN directory_term term
        ON term.account = account.no AND term.term >= spelling.value AND term.term <= spelling.value || ?3 LIMIT ?4
    )
)
FROM json_each(?1) visible CROSS JOIN directory_account account ON account.id = visible.value
CROSS JOIN json_each(?2) word
"""


def _having(spelling: str) -> str:
    return (
        "SELECT * FROM (SELECT person FROM directory_term term WHERE term.account = account.no "  # noqa: S608
        f"AND term.term >= {spelling} AND term.term <= {spelling} || ?3 LIMIT ?4)"
    )


def _word(place: int) -> str:
    """Who has a word of two spellings; of a second one that is null nobody has."""
    first, second = (f"json_extract(visible.value, '$[{place}][{number}]')" for number in range(2))
    return f"SELECT * FROM ({_having(first)} UNION ALL {_having(second)})"  # noqa: S608


def _ids_like(kind: str) -> str:
    typed, field = _beginning(kind, "?2"), _beginning(kind, f"{kind}.{kind}")
    indexed = f"{field} >= {typed} COLLATE NOCASE AND {field} <= {typed} || ?3 COLLATE NOCASE"
    whole = f"AND {kind}.{kind} >= ?2 COLLATE NOCASE AND {kind}.{kind} <= ?2 || ?3 COLLATE NOCASE"
    return (
        f"SELECT * FROM (SELECT no FROM directory_person {kind} WHERE {kind}.account = account.no "  # noqa: S608
        f"AND {indexed} {whole if kind in _INDEXED else ''} LIMIT ?5)"
    )


# ?1: list of [account id, two words that people there must have (each a list of spellings)]; ?2: what was typed; ?3:
# END, or nothing where words and ids must be whole; ?4: people of an account at most who have a word, and ?5: who have
# both, or such an id; ?6: people at most. fit: what `directory_fit` makes of a person; smaller is better, NULL is none.
SEARCH = f"""
WITH found AS MATERIALIZED (
    SELECT account.id AS account, person.id, person.name, ifnull(person.disabled, 0) AS disabled,
        directory_fit(?2, person.name, {", ".join(f"person.{kind}" for kind in KINDS)}) AS fit
    FROM json_each(?1) visible CROSS JOIN directory_account account ON account.id = json_extract(visible.value, '$[0]')
    CROSS JOIN directory_person person ON person.no IN (
        SELECT * FROM ({_word(1)} INTERSECT {_word(2)} LIMIT ?5) UNION ALL {" UNION ALL ".join(map(_ids_like, KINDS))}
    )
)
SELECT disabled, fit, name, account, id FROM found WHERE fit IS NOT NULL
ORDER BY disabled, fit, name, account, id LIMIT ?6
"""  # noqa: S608
