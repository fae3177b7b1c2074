"""Where the synthetic people work: countries with how often a customer is at home there, their languages and cities."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """code: ISO 3166 alpha-2; weight: home of so many customers of a hundred; languages: BCP 47, the main one first."""

    code: str
    weight: int
    time_zone: str
    languages: tuple[str, ...]
    cities: tuple[str, ...]
    legal_forms: tuple[str, ...]


def _country(line: str) -> Country:
    code, weight, zone, languages, cities, forms = (part.strip() for part in line.split("|"))
    return Country(
        code, int(weight), zone, tuple(languages.split()), tuple(cities.split(", ")), tuple(forms.split(", "))
    )


_TABLE = """
DE|12|Europe/Berlin|de|Berlin, München, Hamburg, Köln, Nürnberg, Stuttgart, Saarbrücken, Görlitz|GmbH, AG, SE, KG
AT|3|Europe/Vienna|de-AT|Wien, Graz, Linz, Sankt Pölten|GmbH, AG
CH|4|Europe/Zurich|de-CH fr-CH it-CH|Zürich, Genève, Lugano, Basel, Neuchâtel|AG, SA, Sagl
FR|6|Europe/Paris|fr|Paris, Lyon, Marseille, Saint-Étienne, Besançon|SA, SAS, SARL
BE|2|Europe/Brussels|nl-BE fr-BE|Brussel, Antwerpen, Liège, Gent|NV, SA
NL|3|Europe/Amsterdam|nl|Amsterdam, Rotterdam, 's-Hertogenbosch, Utrecht|BV, NV
GB|6|Europe/London|en-GB|London, Manchester, Leeds, Edinburgh, Cardiff, Belfast|Ltd, plc
IE|1|Europe/Dublin|en-IE|Dublin, Cork, Dún Laoghaire|Ltd
US|8|America/New_York|en-US|New York, Boston, Atlanta, Charlotte, Pittsburgh, Miami|Inc., LLC, Corp.
CA|2|America/Toronto|en-CA fr-CA|Toronto, Montréal, Ottawa, Québec|Inc., Ltd
AU|2|Australia/Sydney|en-AU|Sydney, Melbourne, Canberra|Pty Ltd
NZ|1|Pacific/Auckland|en-NZ|Auckland, Wellington, Whangārei|Ltd
ES|3|Europe/Madrid|es|Madrid, Barcelona, Málaga, A Coruña|SA, SL
PT|1|Europe/Lisbon|pt-PT|Lisboa, Porto, Guimarães|SA, Lda
IT|4|Europe/Rome|it|Milano, Roma, Torino, Forlì|SpA, Srl
PL|3|Europe/Warsaw|pl|Warszawa, Kraków, Łódź, Gdańsk|sp. z o.o., SA
CZ|2|Europe/Prague|cs|Praha, Brno, Plzeň, Ústí nad Labem|s.r.o., a.s.
SK|1|Europe/Bratislava|sk|Bratislava, Košice, Žilina|s.r.o.
HU|1|Europe/Budapest|hu|Budapest, Győr, Székesfehérvár|Kft., Zrt.
RO|1|Europe/Bucharest|ro|București, Cluj-Napoca, Iași|SRL, SA
SE|2|Europe/Stockholm|sv|Stockholm, Göteborg, Malmö|AB
NO|1|Europe/Oslo|nb|Oslo, Tromsø, Ålesund|AS
DK|1|Europe/Copenhagen|da|København, Aarhus, Næstved|A/S, ApS
FI|1|Europe/Helsinki|fi|Helsinki, Jyväskylä, Hämeenlinna|Oy
TR|2|Europe/Istanbul|tr|İstanbul, İzmir, Eskişehir|A.Ş.
GR|2|Europe/Athens|el|Αθήνα, Θεσσαλονίκη, Πάτρα|ΑΕ
CY|1|Asia/Nicosia|el-CY en|Λευκωσία, Λεμεσός|Ltd
UA|2|Europe/Kyiv|uk|Київ, Львів, Харків|ТОВ
BG|1|Europe/Sofia|bg|София, Пловдив, Варна|ООД
RS|1|Europe/Belgrade|sr|Београд, Ниш|д.о.о.
KZ|1|Asia/Almaty|ru-KZ|Алматы, Астана|ТОО
IL|1|Asia/Jerusalem|he|תל אביב, חיפה|Ltd
AE|2|Asia/Dubai|ar-AE en|دبي, أبو ظبي|LLC
SA|1|Asia/Riyadh|ar-SA|الرياض, جدة|LLC
EG|1|Africa/Cairo|ar-EG|القاهرة, الإسكندرية|SAE
MA|1|Africa/Casablanca|fr-MA ar-MA|Casablanca, Rabat, Fès|SARL
IN|4|Asia/Kolkata|hi en-IN|मुंबई, दिल्ली, पुणे, Bengaluru|Pvt Ltd
CN|3|Asia/Shanghai|zh-CN|上海, 北京, 深圳, 成都|有限公司
TW|1|Asia/Taipei|zh-TW|台北, 高雄|股份有限公司
JP|3|Asia/Tokyo|ja|東京, 大阪, 名古屋|株式会社
KR|2|Asia/Seoul|ko|서울, 부산|주식회사
TH|1|Asia/Bangkok|th|กรุงเทพมหานคร, เชียงใหม่|Co. Ltd
VN|1|Asia/Ho_Chi_Minh|vi|Hà Nội, Đà Nẵng, Thành phố Hồ Chí Minh|JSC
ID|1|Asia/Jakarta|id|Jakarta, Surabaya|PT
SG|1|Asia/Singapore|en-SG zh-SG|Singapore, Jurong East|Pte Ltd
ZA|1|Africa/Johannesburg|en-ZA|Johannesburg, Cape Town|(Pty) Ltd
BR|3|America/Sao_Paulo|pt-BR|São Paulo, Rio de Janeiro, Florianópolis|Ltda, SA
MX|1|America/Mexico_City|es-MX|Ciudad de México, León, Mérida|SA de CV
AR|1|America/Argentina/Buenos_Aires|es-AR|Buenos Aires, Córdoba|SA
CO|1|America/Bogota|es-CO|Bogotá, Medellín|SAS
"""

COUNTRIES = {country.code: country for country in map(_country, _TABLE.strip().splitlines())}
