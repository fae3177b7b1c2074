"""What can be heard of a line."""

from ctibridge.domain.line import LineState
from ctibridge.flow.homes import Homes
from ctibridge.flow.line_news import LineNews
from ctibridge.sip.events import Hearing, LineChanged, LineGone
from tests.flow.house import AT, FakeLookup, House

DEAF = LineChanged("pbx", "6002", Hearing.DEAF, "no answer")


async def test_a_change_is_told_once_and_only_at_desks_of_ours() -> None:
    house = House(FakeLookup())
    news = LineNews(house.desks, Homes(lambda agent: agent == "ana"))
    for _ in range(2):
        news.changed(DEAF, AT)
        house.deliver()
    assert [(frame["desk"], frame["type"]) for frame in house.frames if frame["type"] == "notice"] == [(1, "notice")]
    assert "ben" not in house.desks._desks


async def test_a_line_that_is_gone_is_told_anew_when_it_comes_back() -> None:
    house = House(FakeLookup())
    news = LineNews(house.desks, Homes())
    news.changed(DEAF, AT)
    news.gone(LineGone("pbx", "6002"))
    assert house.desks.states()["pbx", LineState.DEAF] == 0
    news.changed(DEAF, AT)
    assert house.desks.states()["pbx", LineState.DEAF] == 1
