"""User parts that name nobody: words, words typed on a keypad, zeros, and codes that ask to stay unknown.

Networks write "withheld" in the language and alphabet of their makers, some as digits (266696687 is ANONYMOUS on a
keypad). Such digits are nobody's here even where they could be somebody's national number; with the country code in
front they are a number as any other.
"""

import re
import unicodedata

from ctibridge.sip.events import Withheld

_RESTRICTED_WORDS = """
    anonymous anonym anonyme anónimo anônimo anonimo anoniem anonimowy anonymní anonimas anonymt anonimno anonimus
    anonim аноним анонимный анонимно анонім анонімний ανώνυμος restricted private private-number privat privatnummer
    privé prive privato privado número-privado numero-privato privatni prywatny частный withheld number-withheld
    blocked hidden clir masqué numéro-masqué unterdrückt unterdrueckt nummer-unterdrückt geheim verborgen afgeschermd
    oculto número-oculto nascosto riservato skjult skjult-nummer hemligt-nummer salainen zastrzeżony skrytý rejtett
    gizli gizli-numara confidential confidentiel 非通知 匿名 隐藏号码 私人号码 발신번호표시제한 익명 מוסתר חסוי محجوب
"""
_UNAVAILABLE_WORDS = """
    unavailable unknown unknown-number unknown-caller not-available out-of-area no-caller-id no-number no-id unbekannt
    unbekannter-teilnehmer inconnu inconnue numéro-inconnu sconosciuto desconocido desconocida desconhecido onbekend
    okänd okänt ukjent ukendt tuntematon nieznany neznámý neznáme ismeretlen necunoscut nepoznat neznan nežinomas
    nezināms tundmatu bilinmeyen bilinmiyor άγνωστος неизвестен неизвестно неизвестный невідомо невідомий непознат
    未知 未知号码 不明 表示圏外 通知不可能 公衆電話 알수없음 לא-ידוע مجهول غير-معروف none null undefined invalid
    asterisk freeswitch
"""
"""`asterisk` is what Asterisk sends as user part where it knows no caller; `freeswitch` likewise."""
_KEYPAD = {
    "266696687": Withheld.RESTRICTED,  # ANONYMOUS
    "7378742833": Withheld.RESTRICTED,  # RESTRICTED
    "7748283": Withheld.RESTRICTED,  # PRIVATE
    "94844353": Withheld.RESTRICTED,  # WITHHELD
    "2562533": Withheld.RESTRICTED,  # BLOCKED
    "86282452253": Withheld.UNAVAILABLE,  # UNAVAILABLE
    "8656696": Withheld.UNAVAILABLE,  # UNKNOWN
    "688632732": Withheld.UNAVAILABLE,  # OUTOFAREA
    "6622553743": Withheld.UNAVAILABLE,  # NOCALLERID
}
_ZEROS = re.compile(r"\+?0{2,}")
_CODE = re.compile(r"[*#]31[*#]|\*67")
"""What hides the caller in one network shows him in the next (`*31#`): all of them count as the wish to stay unknown.
Codes of digits alone (1831, 141) need a country: the look-up knows them."""
_MARKS = frozenset({"Mn", "Cf", "Cc", "Zs", "Pd", "Pc", "Po"})
_DIGITS = re.compile(r"\+?[0-9]+")


def why(user: str) -> Withheld | None:
    """Why this user part (or display name) names nobody; None where it may be somebody's."""
    if _DIGITS.fullmatch(user):
        return Withheld.UNAVAILABLE if _ZEROS.fullmatch(user) else _KEYPAD.get(user.removeprefix("+"))
    word = _word(user)
    if word in _RESTRICTED:
        return Withheld.RESTRICTED
    return Withheld.UNAVAILABLE if word in _UNAVAILABLE else None


def asks_to_be_unknown(user: str) -> bool:
    """Does a code that withholds stand in front of the number? Before a called number it is only what was dialled."""
    return _CODE.match(user) is not None


def _word(text: str) -> str:
    """Lower case, without accents, blanks, hyphens and what cannot be seen: `Numéro Masqué` → numeromasque."""
    if text.isascii():
        return re.sub(r"[^a-z0-9]", "", text.lower())
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(character for character in plain if unicodedata.category(character) not in _MARKS)
    return unicodedata.normalize("NFC", kept)


_RESTRICTED = frozenset(map(_word, _RESTRICTED_WORDS.split()))
_UNAVAILABLE = frozenset(map(_word, _UNAVAILABLE_WORDS.split()))
