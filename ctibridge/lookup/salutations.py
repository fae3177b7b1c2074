"""What people say at which time of the day, by language. A table; grows with the customers.

The hours are those of CLDR's day periods, where what is said changes at all: Spanish evenings begin at eight.
"""

from collections.abc import Mapping
from datetime import datetime

from ctibridge.domain import hours
from ctibridge.lookup import tags

Said = tuple[str, Mapping[int, str]]

# (neutral, {from this hour: …}). Neutral is for callers whose time of day is not known; the last one holds all night.
_SAID: dict[str, Said] = {
    "af": ("Goeiedag", {4: "Goeiemôre", 12: "Goeiemiddag", 18: "Goeienaand"}),
    "ar": ("مرحبًا", {4: "صباح الخير", 12: "مساء الخير"}),
    "az": ("Salam", {4: "Sabahınız xeyir", 12: "Günortanız xeyir", 18: "Axşamınız xeyir"}),
    "be": ("Добры дзень", {4: "Добрай раніцы", 12: "Добры дзень", 18: "Добры вечар"}),
    "bg": ("Добър ден", {4: "Добро утро", 11: "Добър ден", 18: "Добър вечер"}),
    "bn": ("নমস্কার", {4: "সুপ্রভাত", 12: "শুভ অপরাহ্ণ", 18: "শুভ সন্ধ্যা"}),
    "bs": ("Dobar dan", {4: "Dobro jutro", 10: "Dobar dan", 18: "Dobra večer"}),
    "ca": ("Bon dia", {4: "Bon dia", 12: "Bona tarda", 19: "Bon vespre"}),
    "cs": ("Dobrý den", {4: "Dobré ráno", 9: "Dobrý den", 18: "Dobrý večer"}),
    "cy": ("Helo", {4: "Bore da", 12: "Prynhawn da", 18: "Noswaith dda"}),
    "da": ("Goddag", {4: "Godmorgen", 10: "Goddag", 18: "Godaften"}),
    "de": ("Guten Tag", {4: "Guten Morgen", 11: "Guten Tag", 18: "Guten Abend"}),
    "el": ("Χαίρετε", {4: "Καλημέρα", 12: "Καλησπέρα"}),
    "en": ("Hello", {4: "Good morning", 12: "Good afternoon", 18: "Good evening"}),
    "es": ("Buenos días", {4: "Buenos días", 12: "Buenas tardes", 20: "Buenas noches"}),
    "et": ("Tere", {4: "Tere hommikust", 12: "Tere päevast", 18: "Tere õhtust"}),
    "eu": ("Kaixo", {4: "Egun on", 12: "Arratsalde on", 18: "Gabon"}),
    "fa": ("سلام", {4: "صبح بخیر", 12: "روز بخیر", 17: "عصر بخیر"}),
    "fi": ("Hyvää päivää", {4: "Hyvää huomenta", 10: "Hyvää päivää", 18: "Hyvää iltaa"}),
    "fil": ("Kumusta po", {4: "Magandang umaga po", 12: "Magandang hapon po", 18: "Magandang gabi po"}),
    "fr": ("Bonjour", {4: "Bonjour", 18: "Bonsoir"}),
    "ga": ("Dia duit", {4: "Maidin mhaith", 12: "Tráthnóna maith"}),
    "gl": ("Bos días", {4: "Bos días", 12: "Boas tardes", 18: "Boas noites"}),
    "gsw": ("Grüezi", {4: "Guete Morge", 11: "Grüezi", 18: "Guete Abig"}),
    "he": ("שלום", {4: "בוקר טוב", 12: "צהריים טובים", 18: "ערב טוב"}),
    "hi": ("नमस्ते", {4: "सुप्रभात", 12: "नमस्ते", 17: "शुभ संध्या"}),
    "hr": ("Dobar dan", {4: "Dobro jutro", 10: "Dobar dan", 18: "Dobra večer"}),
    "hu": ("Jó napot", {4: "Jó reggelt", 9: "Jó napot", 18: "Jó estét"}),
    "hy": ("Բարև Ձեզ", {4: "Բարի լույս", 12: "Բարի օր", 18: "Բարի երեկո"}),
    "id": ("Halo", {4: "Selamat pagi", 11: "Selamat siang", 15: "Selamat sore", 18: "Selamat malam"}),
    "is": ("Góðan dag", {4: "Góðan dag", 18: "Gott kvöld"}),
    "it": ("Buongiorno", {4: "Buongiorno", 18: "Buonasera"}),
    "ja": ("こんにちは", {4: "おはようございます", 11: "こんにちは", 18: "こんばんは"}),
    "ka": ("გამარჯობა", {4: "დილა მშვიდობისა", 12: "შუადღე მშვიდობისა", 18: "საღამო მშვიდობისა"}),
    "kk": ("Сәлеметсіз бе", {4: "Қайырлы таң", 12: "Қайырлы күн", 18: "Қайырлы кеш"}),
    "ko": ("안녕하세요", {4: "안녕하세요"}),
    "lb": ("Moien", {4: "Gudde Moien", 12: "Gudde Mëtteg", 18: "Gudden Owend"}),
    "lt": ("Laba diena", {4: "Labas rytas", 12: "Laba diena", 18: "Labas vakaras"}),
    "lv": ("Labdien", {4: "Labrīt", 12: "Labdien", 18: "Labvakar"}),
    "mk": ("Добар ден", {4: "Добро утро", 12: "Добар ден", 18: "Добра вечер"}),
    "ms": (
        "Selamat sejahtera",
        {4: "Selamat pagi", 12: "Selamat tengah hari", 14: "Selamat petang", 19: "Selamat malam"},
    ),
    "mt": ("Bonġu", {4: "Bonġu", 18: "Bonswa"}),
    "nb": ("God dag", {4: "God morgen", 10: "God dag", 18: "God kveld"}),
    "nl": ("Goedendag", {4: "Goedemorgen", 12: "Goedemiddag", 18: "Goedenavond"}),
    "nn": ("God dag", {4: "God morgon", 10: "God dag", 18: "God kveld"}),
    "no": ("God dag", {4: "God morgen", 10: "God dag", 18: "God kveld"}),
    "pl": ("Dzień dobry", {4: "Dzień dobry", 18: "Dobry wieczór"}),
    "pt": ("Bom dia", {4: "Bom dia", 12: "Boa tarde", 19: "Boa noite"}),
    "ro": ("Bună ziua", {4: "Bună dimineața", 12: "Bună ziua", 18: "Bună seara"}),
    "ru": ("Здравствуйте", {4: "Доброе утро", 12: "Добрый день", 18: "Добрый вечер"}),
    "sk": ("Dobrý deň", {4: "Dobré ráno", 9: "Dobrý deň", 18: "Dobrý večer"}),
    "sl": ("Dober dan", {4: "Dobro jutro", 10: "Dober dan", 18: "Dober večer"}),
    "sq": ("Mirëdita", {4: "Mirëmëngjesi", 12: "Mirëdita", 18: "Mirëmbrëma"}),
    "sr": ("Добар дан", {4: "Добро јутро", 10: "Добар дан", 18: "Добро вече"}),
    "sv": ("God dag", {4: "God morgon", 10: "God dag", 18: "God kväll"}),
    "sw": ("Habari", {4: "Habari za asubuhi", 12: "Habari za mchana", 18: "Habari za jioni"}),
    "ta": ("வணக்கம்", {4: "காலை வணக்கம்", 12: "மதிய வணக்கம்", 18: "மாலை வணக்கம்"}),
    "th": ("สวัสดี", {4: "สวัสดีตอนเช้า", 12: "สวัสดีตอนบ่าย", 18: "สวัสดีตอนเย็น"}),
    "tr": ("İyi günler", {4: "Günaydın", 11: "İyi günler", 18: "İyi akşamlar"}),
    "uk": ("Добрий день", {4: "Доброго ранку", 12: "Добрий день", 18: "Добрий вечір"}),
    "ur": ("السلام علیکم", {4: "صبح بخیر", 12: "سہ پہر بخیر", 18: "شام بخیر"}),
    "uz": ("Assalomu alaykum", {4: "Xayrli tong", 12: "Xayrli kun", 18: "Xayrli kech"}),
    "vi": ("Xin chào", {4: "Xin chào"}),
    "yue": ("你好", {4: "早晨", 12: "午安", 18: "晚安"}),
    "zh": ("您好", {4: "早上好", 12: "下午好", 18: "晚上好"}),
}
# One language, two ways to write or say it.
_REGIONAL: dict[str, Said] = {
    "sr-Latn": ("Dobar dan", {4: "Dobro jutro", 10: "Dobar dan", 18: "Dobro veče"}),
    "zh-Hant": ("您好", {4: "早安", 12: "午安", 18: "晚安"}),
    "zh-HK": ("您好", {4: "早晨", 12: "午安", 18: "晚安"}),
    "zh-TW": ("您好", {4: "早安", 12: "午安", 18: "晚安"}),
}
_FALLBACK = "en"


def salutation(tag: str, zone: str | None, at: datetime) -> str:
    """What one says in that language (BCP 47) at the time of day in that zone (IANA); neutral where it is unknown."""
    neutral, by_hour = _said(tag)
    local = hours.there(zone, at)
    if local is None:
        return neutral
    begun = [hour for hour in by_hour if hour <= local.hour]
    return by_hour[max(begun or by_hour)]


def _said(tag: str) -> Said:
    language, *rest = tag.split("-")
    regional = next(
        (_REGIONAL[f"{language}-{part}"] for part in reversed(rest) if f"{language}-{part}" in _REGIONAL), None
    )
    return regional or next((_SAID[form] for form in tags.forms(tag) if form in _SAID), _SAID[_FALLBACK])
