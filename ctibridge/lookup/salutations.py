"""What people say at which time of the day, by language. A table; grows with the customers."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ctibridge.lookup import tags

# (neutral, until 11, until 18, then). Neutral is for callers whose time of day is not known.
_SAID: dict[str, tuple[str, str, str, str]] = {
    "ar": ("مرحبًا", "صباح الخير", "مساء الخير", "مساء الخير"),
    "bg": ("Добър ден", "Добро утро", "Добър ден", "Добър вечер"),
    "ca": ("Bon dia", "Bon dia", "Bona tarda", "Bona nit"),
    "cs": ("Dobrý den", "Dobré ráno", "Dobrý den", "Dobrý večer"),
    "da": ("Goddag", "Godmorgen", "Goddag", "Godaften"),
    "de": ("Guten Tag", "Guten Morgen", "Guten Tag", "Guten Abend"),
    "el": ("Χαίρετε", "Καλημέρα", "Καλησπέρα", "Καλησπέρα"),
    "en": ("Hello", "Good morning", "Good afternoon", "Good evening"),
    "es": ("Buenos días", "Buenos días", "Buenas tardes", "Buenas noches"),
    "et": ("Tere", "Tere hommikust", "Tere päevast", "Tere õhtust"),
    "fa": ("سلام", "صبح بخیر", "روز بخیر", "عصر بخیر"),
    "fi": ("Hyvää päivää", "Hyvää huomenta", "Hyvää päivää", "Hyvää iltaa"),
    "fr": ("Bonjour", "Bonjour", "Bonjour", "Bonsoir"),
    "gsw": ("Grüezi", "Guete Morge", "Grüezi", "Guete Abig"),
    "he": ("שלום", "בוקר טוב", "צהריים טובים", "ערב טוב"),
    "hi": ("नमस्ते", "सुप्रभात", "नमस्ते", "शुभ संध्या"),
    "hr": ("Dobar dan", "Dobro jutro", "Dobar dan", "Dobra večer"),
    "hu": ("Jó napot", "Jó reggelt", "Jó napot", "Jó estét"),
    "id": ("Halo", "Selamat pagi", "Selamat siang", "Selamat malam"),
    "is": ("Góðan dag", "Góðan dag", "Góðan dag", "Gott kvöld"),
    "it": ("Buongiorno", "Buongiorno", "Buongiorno", "Buonasera"),
    "ja": ("こんにちは", "おはようございます", "こんにちは", "こんばんは"),
    "ko": ("안녕하세요", "안녕하세요", "안녕하세요", "안녕하세요"),
    "lt": ("Laba diena", "Labas rytas", "Laba diena", "Labas vakaras"),
    "lv": ("Labdien", "Labrīt", "Labdien", "Labvakar"),
    "nb": ("God dag", "God morgen", "God dag", "God kveld"),
    "nl": ("Goedendag", "Goedemorgen", "Goedemiddag", "Goedenavond"),
    "nn": ("God dag", "God morgon", "God dag", "God kveld"),
    "no": ("God dag", "God morgen", "God dag", "God kveld"),
    "pl": ("Dzień dobry", "Dzień dobry", "Dzień dobry", "Dobry wieczór"),
    "pt": ("Bom dia", "Bom dia", "Boa tarde", "Boa noite"),
    "ro": ("Bună ziua", "Bună dimineața", "Bună ziua", "Bună seara"),
    "ru": ("Здравствуйте", "Доброе утро", "Добрый день", "Добрый вечер"),
    "sk": ("Dobrý deň", "Dobré ráno", "Dobrý deň", "Dobrý večer"),
    "sl": ("Dober dan", "Dobro jutro", "Dober dan", "Dober večer"),
    "sr": ("Добар дан", "Добро јутро", "Добар дан", "Добро вече"),
    "sv": ("God dag", "God morgon", "God dag", "God kväll"),
    "th": ("สวัสดี", "สวัสดีตอนเช้า", "สวัสดีตอนบ่าย", "สวัสดีตอนเย็น"),
    "tr": ("İyi günler", "Günaydın", "İyi günler", "İyi akşamlar"),
    "uk": ("Добрий день", "Доброго ранку", "Добрий день", "Добрий вечір"),
    "vi": ("Xin chào", "Xin chào", "Xin chào", "Xin chào"),
    "zh": ("您好", "早上好", "下午好", "晚上好"),
}
# One language, two ways to write or say it.
_REGIONAL = {
    "sr-Latn": ("Dobar dan", "Dobro jutro", "Dobar dan", "Dobro veče"),
    "zh-Hant": ("您好", "早安", "午安", "晚安"),
    "zh-HK": ("您好", "早晨", "午安", "晚安"),
    "zh-TW": ("您好", "早安", "午安", "晚安"),
}
_FALLBACK = "en"
_NIGHT_ENDS, _NOON, _EVENING = 4, 11, 18


def salutation(tag: str, zone: str | None, at: datetime) -> str:
    """What one says in that language (BCP 47) at the time of day in that zone (IANA); neutral where it is unknown."""
    neutral, morning, day, evening = _said(tag)
    hour = _hour(zone, at)
    if hour is None:
        return neutral
    if _NIGHT_ENDS <= hour < _NOON:
        return morning
    return day if _NOON <= hour < _EVENING else evening


def _said(tag: str) -> tuple[str, str, str, str]:
    language, *rest = tag.split("-")
    regional = next((_REGIONAL[f"{language}-{part}"] for part in rest if f"{language}-{part}" in _REGIONAL), None)
    return regional or _SAID.get(tags.primary(tag)) or _SAID[_FALLBACK]


def _hour(zone: str | None, at: datetime) -> int | None:
    try:
        return None if zone is None else at.astimezone(ZoneInfo(zone)).hour
    except (KeyError, ValueError, OSError):
        return None
