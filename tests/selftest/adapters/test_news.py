"""Who waits looks whenever there is news, and no longer than he wants to."""

import asyncio

from ctibridge.selftest.adapters.news import News


async def test_what_holds_already_is_not_waited_for() -> None:
    assert await News().until(lambda: True, 0.0)


async def test_news_of_others_are_looked_at_and_let_pass() -> None:
    news, heard = News(), list[int]()
    waiting = asyncio.create_task(news.until(lambda: len(heard) == 2, 5))
    for each in (1, 2):
        await asyncio.sleep(0)
        assert not waiting.done()
        heard.append(each)
        news.tell(each)
    assert await waiting


async def test_nobody_waits_longer_than_he_wants() -> None:
    news = News()
    news.tell()
    assert not await news.until(lambda: False, 0.01)
