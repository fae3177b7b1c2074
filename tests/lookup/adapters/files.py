"""Directory files written for a test, and their import."""

from collections.abc import Mapping
from pathlib import Path

from ctibridge.lookup.adapters.importing.importer import Importer, Summary, Wish
from ctibridge.lookup.adapters.importing.staging import Fault, LeftOut, Unusable
from ctibridge.lookup.phone_labels import EVERY_LABEL, AllowedLabels
from ctibridge.lookup.progress import Progress
from ctibridge.lookup.sheets import Refused
from ctibridge.lookup.sources.files import open_tables

ACCOUNTS = "id,name,country\nacme,ACME AG,DE\nfleuron,Fleuron SA,FR\n"
AGENTS = "id,name,languages\nana,Ana Ruiz,de;en\nben,Ben Okafor,en\n"
SHARES = "account,role\nacme,service_desk_analyst\nfleuron,service_desk_analyst\n"
GRANTS = "agent,account\nana,acme\nana,fleuron\nben,fleuron\n"
SITES = "account,name,country,language,time_zone\nacme,Zürich,CH,de-CH,Europe/Zurich\n"
NUMBERS = "number,account,name,default_language,greeting_de\n030 23125100,acme,ACME Desk,de,Hallo\n"
PEOPLE = (
    "account,id,name,site,vip,disabled,phones\n"
    "acme,p17,Regula Frei,Zürich,true,,work:+41 44 000 01 17;mobile:079 000 00 17\n"
    "acme,p18,Urs Zgraggen,,,,mobile:0171 3920018;fax:030 23125199\n"
    "fleuron,e1,Élodie Lefèvre,,,,work:01 99 00 11 01\n"
)
PHONES = "account,person,label,number,imported,changed_at\nacme,p17,home,044 000 02 17,true,2026-11-01\n"

BASE = {
    "accounts": ACCOUNTS,
    "agents": AGENTS,
    "role_shares": SHARES,
    "grants": GRANTS,
    "sites": SITES,
    "service_numbers": NUMBERS,
}
WHOLE = {**BASE, "people": PEOPLE, "phones": PHONES}


class Told:
    """What an import said."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.progress: list[Progress] = []

    @property
    def refused(self) -> list[str]:
        refused = [one for one in self.faults if isinstance(one, Refused)]
        return [f"{Path(one.file).name}:{one.line}: {one.reason}" for one in refused]

    @property
    def unusable(self) -> list[Unusable]:
        return [one for one in self.faults if isinstance(one, Unusable) and not one.fax]

    @property
    def left_out(self) -> list[tuple[str, str, str]]:
        """Account, person, label."""
        return [(one.account, one.person, one.label) for one in self.faults if isinstance(one, LeftOut)]

    def count(self, progress: Progress) -> None:
        self.progress.append(progress)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """The folder with exactly these CSV files in it."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


async def imported(
    store: Path,
    folder: Path,
    files: Mapping[str, str],
    wish: Wish | None = None,
    told: Told | None = None,
    allowed: AllowedLabels = EVERY_LABEL,
) -> Summary:
    """Writes the files and imports them into the store."""
    telling = told or Told()
    tables = open_tables([write(folder, files)])
    async with await Importer.open(store, wish or Wish(), allowed) as importer:
        return await importer.run(tables, telling.faults.append, telling.count)
