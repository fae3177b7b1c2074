"""The page of the addresses names all that are served, and the answer of the look-up as it is."""

import json
import re

from starlette.routing import Route, WebSocketRoute

from ctibridge.delivery.adapters import ivr
from ctibridge.delivery.adapters.http import HttpApp
from ctibridge.domain.resolution import Status
from tests.repository.test_docs import ROOT, blocks, tables, words

PAGE = ROOT / "docs" / "reference" / "http.md"


def served() -> set[str]:
    app = HttpApp(lambda: ([], []), lambda *_: None, lambda _: None)  # type: ignore[arg-type,return-value]
    app.sign_in(lambda _: None)  # type: ignore[arg-type,return-value]
    found = set()
    for route in app._app.router.routes:
        assert isinstance(route, Route | WebSocketRoute)
        if not route.path.startswith("/page/"):
            method = "POST" if isinstance(route, Route) and "POST" in (route.methods or ()) else "GET"
            found.add(f"{method} {route.path}")
    return found


def test_each_address_stands_there() -> None:
    (rows,) = [rows for head, rows in tables(PAGE.read_text()) if head[0] == "address"]
    assert {words(row[0])[0] for row in rows} == served()


def test_the_answer_of_the_look_up_is_as_shown() -> None:
    (shown,) = blocks(PAGE, "json")
    (rows,) = [rows for head, rows in tables(PAGE.read_text()) if head[0] == "field"]
    names = set(
        re.findall(r'^        "(\w+)":', (ROOT / "ctibridge/delivery/adapters/ivr.py").read_text(), re.MULTILINE)
    )
    assert set(json.loads(shown)) == {words(row[0])[0] for row in rows} == names
    assert set(words(rows[0][1])) == {one.value for one in Status}
    assert f"each at most {ivr.LONGEST} characters" in PAGE.read_text()
