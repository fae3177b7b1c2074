"""Number fields of millions of people: as `stored_numbers`, with a shortcut for what is E.164 already, as most is.

Goes out: numbers as `number_key.pack` makes them, with the labels as `stored_numbers` spells them.
"""

from ctibridge.lookup import number_key, numbers, stored_numbers
from ctibridge.lookup.stored_numbers import Field, label_of

Found = list[tuple[int, str]]
"""number, label."""
Lost = tuple[stored_numbers.NeverMatches, ...]


def read_field(text: str, label: str, country: str | None) -> tuple[Found, Lost]:
    """As `stored_numbers.read_field`."""
    if numbers.is_clean(text):
        return [(int(text), label_of(label))], ()
    return _packed(stored_numbers.read_field(text, label, country))


def read_list(text: str, country: str | None) -> tuple[Found, Lost]:
    """As `stored_numbers.read_list`."""
    found: dict[tuple[int, str], None] = {}
    for entry in text.split(";"):
        label, _, number = entry.partition(":")
        if not numbers.is_clean(number):
            return _packed(stored_numbers.read_list(text, country))
        found[int(number), label_of(label)] = None
    return list(found), ()


def _packed(field: Field) -> tuple[Found, Lost]:
    return [(number_key.pack(one.key), one.label) for one in field.numbers], field.unusable
