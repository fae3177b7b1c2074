"""`python -m tools.pictures [FOLDER]`: takes the picture of README, site and quick start anew, `ringing.png`.

The page is the real one, in Chromium; what its daemon says is written here, and everybody in it is invented.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from tests.delivery.adapters.page_beside import Beside, ago, entry, pop, stranger
from tests.peers.chromium import Chromium

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
ACME = {"id": "acme", "name": "ACME AG"}
MOBILE = "+41790000017"


def text(words: str) -> dict[str, str]:
    return {"language": "en", "text": words}


CUSTOMER = {
    "account": ACME,
    "briefing": text(
        "Makes pumps. SAP problems go to the ERP team at once: month end is critical.\n"
        "Printers in Zürich: ask for the floor. Winterthur closes at four on Fridays."
    ),
    "verification": text(
        "Ask for the employee number and the manager's name. For passwords: call back at the number in the directory."
    ),
    "announcements": [
        {"id": "a1", "text": text("SAP is being updated until 14:00; no tickets for slow reports."), "site": None}
    ],
}
MISSED = (
    entry(8, 52, company="Assistance Fleuron", who="Amélie Rochat", language="fr-CH", endonym="français (Suisse)"),
    entry(7, 26, company="Khalij IT Support", who="佐藤 美咲", language="ja", endonym="日本語")
    | {"number": "+81312345678", "call_back": "+81312345678"}
    | {"work": {"state": "taken", "by": "ben", "at": ago(3), "answered_in": None}},
    stranger(6, 11, company="ACME IT Service Desk", status="withheld", number=None, endonym="Deutsch", language="de"),
)


def caller() -> dict[str, Any]:
    """The first pop of a call of ACME's Swiss controller."""
    data = pop(minutes=7 / 60)
    data["caller"] |= {"number": MOBILE, "raw": MOBILE, "display_name": "R. Frei"}
    data["called"] |= {"name": "ACME IT Service Desk Schweiz"}
    (candidate,) = data["resolution"]["candidates"]
    candidate["person"] |= {"pronunciation": "RAY-goo-la FRY", "local_time": "13:00"}
    candidate["evidence"][0]["matched"] = MOBILE
    candidate["evidence"].append({"kind": "last_contact", "at": ago(22 * 60)})
    data["trust"]["signals"] = [{"kind": "number_changed_recently", "days": 2}]
    data["context"]["major_incidents"] = [
        {"service": "sap", "subject": "SAP: reports run slowly", "url": "https://acme.example.net/problems/7"}
    ]
    data["links"] = [
        {"title": "Open the person", "url": "https://acme.example.net/people/17"},
        {"title": "Search the caller", "url": "https://acme.example.net/search?q=41790000017"},
    ]
    return data | {"customer": CUSTOMER}


async def main(folder: Path) -> None:
    async with Chromium(folder) as chromium:
        beside = Beside(chromium)
        beside.agent = {**beside.agent, "name": "Ana Lindqvist", "expires_in": None}
        page = await beside.stand(width=1440, height=900)
        await page.context.grant_permissions(["notifications"])
        beside.today = list(MISSED)
        await beside.sign_in()
        beside.event("call.ringing", **caller())
        await beside.sees("#pop", "Regula Frei")
        await beside.sees("#customer", "Makes pumps")
        await page.screenshot(path=folder / "ringing.png")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
