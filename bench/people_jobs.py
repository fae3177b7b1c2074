"""Job titles and departments of the synthetic people; English where a language has none of its own."""

from functools import lru_cache

_TITLES = {
    "en": "Accountant|Buyer|Controller|Software Developer|Nurse|Warehouse Lead|Sales Manager|Project Engineer|"
    "HR Business Partner|Service Technician|Forklift Driver|Legal Counsel|Data Analyst|Receptionist|Plant Manager",
    "de": "Buchhalterin|Einkäufer|Sachbearbeiterin|Schichtführer|Werkleiter|Softwareentwickler|Lagerist|Außendienst|"
    "Personalreferentin|Monteur|Geschäftsführer|Empfang",
    "fr": "Comptable|Acheteuse|Directeur général|Vendeuse|Chef de projet|Développeur|Responsable qualité|Infirmière|"
    "Magasinier|Assistante RH",
    "es": "Contable|Jefe de compras|Ingeniera de procesos|Vendedor|Técnico de soporte|Enfermera|Almacenista|Directora",
    "it": "Contabile|Responsabile acquisti|Ingegnere di processo|Magazziniere|Tecnico|Segretaria di direzione",
    "pt": "Contador|Analista de sistemas|Técnico de manutenção|Vendedora|Gerente de operações|Recepcionista",
    "pl": "Księgowa|Kierownik zmiany|Spawacz|Programista|Specjalista ds. kadr|Magazynier",
    "ja": "営業部長|経理担当|システムエンジニア|工場長|人事課長|受付",
    "zh": "会计|销售经理|软件工程师|仓库主管|人事专员|前台",
    "ar": "محاسب|مدير المبيعات|مهندس|أمين المستودع|موظفة استقبال",
    "uk": "Бухгалтер|Інженер-програміст|Начальник зміни|Менеджер з продажу",
    "el": "Λογιστής|Υπεύθυνη καταστήματος|Πωλητής|Μηχανικός",
}
_UNITS = {
    "en": "Finance|Sales|Production|Logistics|IT|Human Resources|Legal|Marketing|After Sales|Research|Quality",
    "de": "Finanzen|Vertrieb|Produktion|Logistik|IT|Personal|Recht|Einkauf|Qualität|Werkschutz",
    "fr": "Finances|Boutiques|Production|Logistique|Systèmes|Ressources humaines|Juridique|Achats|Qualité",
    "ja": "営業部|経理部|製造部|情報システム部|人事部",
}


@lru_cache(maxsize=256)
def of(language: str) -> tuple[list[str], list[str]]:
    """64 titles and 32 departments, with repetitions."""
    primary = language.partition("-")[0]
    titles, units = _TITLES.get(primary, _TITLES["en"]).split("|"), _UNITS.get(primary, _UNITS["en"]).split("|")
    return [titles[place % len(titles)] for place in range(64)], [units[place % len(units)] for place in range(32)]
