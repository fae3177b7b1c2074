"""The board as a terminal shows it: the call that rings largest, what stands beside it, what was.

Comes in: the board and the time. Goes out: as many lines as the terminal has. Texts are `plain` and never markup: rich
gets Text objects alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ctibridge.watch import whose, words
from ctibridge.watch.adapters import pop_panel
from ctibridge.watch.board import Board, Row, State, seconds
from ctibridge.watch.plain import plain

_LINE_STATES = {
    "registered": ("heard", "green"),
    "registering": ("connecting", "yellow"),
    "alone": ("held back: no other phone is signed on", "yellow"),
    "deaf": ("deaf: its calls do not appear here", "bold red"),
}
_ALARM, _CARE = Style.parse("bold white on red"), Style.parse("black on yellow")
_ENDS_SOON = 30 * 60.0
_BESIDE = 4
_EARLIER = 3  # lines of the list that a long pop leaves to it

Lines = list[list[Segment]]


@dataclass(frozen=True)
class Screen:
    """now: Unix seconds."""

    board: Board
    now: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, options.height or console.height
        of = options.update(width=width, height=None)

        def lines(*shown: RenderableType) -> Lines:
            return [line for one in shown for line in console.render_lines(one, of)]

        top = lines(*self._head())[: max(1, height // 2)]  # long notices take no call's place
        beside, earlier = lines(*self._beside()), lines(*self._earlier())
        room = height - len(top) - len(beside) - min(len(earlier), _EARLIER)
        page = [*top, *self._main(console, of, room), *beside]
        page += earlier[: max(0, height - len(page))]
        page += [[Segment(" " * width)]] * (height - len(page))
        for number, line in enumerate(page[:height]):
            if number:
                yield Segment.line()
            yield from line

    def _head(self) -> Iterator[RenderableType]:
        board = self.board
        title = Table.grid(expand=True, padding=(0, 1))
        title.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        title.add_column(justify="right", no_wrap=True)
        title.add_row(self._desk(), Text.assemble(_link(board), f"   {_clock(self.now)} "))
        yield title
        yield from (bar(text, style) for text, style in self._alerts())
        yield Text("")

    def _desk(self) -> Text:
        said = Text(f" {plain(self.board.name, words.NAME) or 'ctibridge'}", style="bold")
        for line in self.board.lines[:8]:
            state, style = _LINE_STATES.get(line.state, (plain(line.state, 20), "yellow"))
            if line.shared and not line.sitting:
                state, style = "not yours now", "dim"
            said.append(f"   {plain(line.line, 20)}", style="not bold")
            if self.board.link.state is State.LIVE:  # else nobody knows
                said.append(f" {state}", style=f"not bold {style}")
        return said

    def _alerts(self) -> Iterator[tuple[str, Style]]:
        board = self.board
        if board.link.state is State.LOST:
            yield lost(board, self.now), _ALARM
        if board.live_only:
            yield "Nothing can be stored now: what is missed while disconnected is lost.", _CARE
        if board.node_alone:
            yield "Cut off from the other nodes: calls of shared lines may be missing here.", _CARE
        if board.ends_at is not None and board.ends_at - self.now < _ENDS_SOON:
            yield f"Your token ends at {_clock(board.ends_at)}: calls do not appear here afterwards.", _CARE
        for notice in board.notices:
            yield f"{_clock(notice.at)}  {plain(notice.text)}", _CARE

    def _main(self, console: Console, options: ConsoleOptions, room: int) -> Lines:
        row = self.board.main(self.now)
        if row is None:
            return console.render_lines(self._idle(), options)[: max(0, room)]
        live = self.board.link.state is State.LIVE
        shown = pop_panel.Shown(row, self.board.agent, self.now, live=live)
        return pop_panel.lines(shown, console, options, room)

    def _idle(self) -> RenderableType:
        heard = [plain(line.line, 20) for line in self.board.lines if line.state == "registered"]
        match self.board.link.state:
            case State.LOST:
                said = "Calls do not appear here now."
            case State.CONNECTING:
                said = "Connecting…"
            case _ if heard:
                said = f"No call rings. Listening on {', '.join(heard[:8])}."
            case _:
                said = "No call can ring here: none of your lines is heard."
        return Text(f"\n\n{said}\n\nq leaves\n", style="dim", justify="center")

    def _beside(self) -> Iterator[RenderableType]:
        rows = self.board.beside(self.now)
        for row in rows[:_BESIDE]:
            # What rings has a colour of its own; where we are not connected nobody knows whether it still does.
            lost = row.rings and self.board.link.state is not State.LIVE
            style = "dim" if lost else "bold yellow" if row.rings else "green"
            what = "rang too" if lost else "also rings" if row.rings else "you talk to"
            yield self._strip(row, f" ● {what:<11} {pop_panel.since(row, self.now):>5}", style)
        if len(rows) > _BESIDE:
            yield Text(f"   and {len(rows) - _BESIDE} more", style="bold yellow")

    def _earlier(self) -> Iterator[RenderableType]:
        rows = self.board.over(self.now)
        if rows:
            yield Text("\n Earlier", style="dim")
        for row in islice(rows, 50):
            at = seconds(row.call.rang_at)
            work = words.work(row.work, self.board.agent)
            # What nobody has seen to is what has to be seen.
            style = "red" if words.is_missed(row.call) and not work else "dim"
            standing = work or words.standing(row.call, self.board.agent)
            yield self._strip(row, f"   {_clock(at) if at else ''}", "dim", standing, style)

    def _strip(self, row: Row, what: str, style: str, standing: str = "", standing_style: str = "") -> Table:
        """One call on one line."""
        table = Table.grid(expand=True, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        for ratio in (4, 3, 4) if standing else (4, 3, 3):
            table.add_column(ratio=ratio, no_wrap=True, overflow="ellipsis")
        speaks = words.tongue(row.pop)
        last = Text(standing, style=standing_style) if standing else Text(speaks, style=style)
        cells = [
            Text(words.company(row.call, row.pop), style="" if standing else "bold"),
            Text(whose.who(row.pop)),
            last,
        ]
        table.add_row(Text(what, style=style), *cells)
        return table


def bar(text: str, style: Style) -> RenderableType:
    """Over the whole width, so that it is seen from the corner of an eye."""
    line = Table.grid(expand=True)
    line.add_row(Text(f" {text}"), style=style)
    return line


def lost(board: Board, now: float) -> str:
    again = board.link.again_at
    wait = max(0, round(again - now)) if again is not None else 0
    when = f"Again in {wait} s" if wait else "Trying again"
    why = f" ({plain(board.link.why, words.NAME)})" if board.link.why else ""
    return f"Not connected: calls do not appear here. {when}{why}."


def _link(board: Board) -> Text:
    match board.link.state:
        case State.LIVE:
            return Text("● connected", style="green")
        case State.CONNECTING:
            return Text("○ connecting", style="yellow")
    return Text("○ not connected", style="bold red")


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%H:%M}"
