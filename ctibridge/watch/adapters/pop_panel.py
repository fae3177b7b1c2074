"""The call that matters most, as large as the terminal allows: what it rings for, what to say, whose number it is.

In the order of what is needed first, so that a small terminal cuts off what is needed last.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ctibridge.watch import opening, whose, words
from ctibridge.watch.board import Row, seconds
from ctibridge.watch.heard import Data
from ctibridge.watch.plain import plain
from ctibridge.watch.pop import Candidate

_WIDE = 110  # columns from which what is known besides stands beside, and not below
_TALL = 26  # lines from which the company's name has air around it
_FRAME = 2  # lines of the panel's own
_PEOPLE = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """agent: whose desk it is. now: Unix seconds. live: are we connected?"""

    row: Row
    agent: str
    now: float
    live: bool = True

    @property
    def colour(self) -> str:
        if not self.live or not (self.row.rings or self.row.talks):
            return "bright_black"
        return "yellow" if self.row.rings else "green"


def lines(shown: Shown, console: Console, options: ConsoleOptions, room: int) -> list[list[Segment]]:
    """At most `room` lines; fewer where there is less to say."""
    if room <= _FRAME:
        return []
    wide = options.max_width >= _WIDE
    needed = Panel(_body(shown, wide=wide, tall=console.height >= _TALL), **_look(shown))  # type: ignore[arg-type]
    height = min(room, len(console.render_lines(needed, options)))
    needed.height = height
    return console.render_lines(needed, options.update(height=None))[:height]


def since(row: Row, now: float) -> str:
    """How long it is talked on or rings, `0:07`."""
    began = seconds(row.call.answered_at) if row.talks else None
    began = began if began is not None else seconds(row.call.rang_at)
    gone = max(0, int(now - began)) if began is not None else 0
    return f"{gone // 60}:{gone % 60:02}"


def standing(shown: Shown) -> str:
    row = shown.row
    if row.rings and not shown.live:
        return "rang when the connection was lost"
    said = words.standing(row.call, shown.agent)
    return f"{said}  {since(row, shown.now)}" if row.rings or row.talks else said


def _look(shown: Shown) -> dict[str, object]:
    colour = shown.colour
    return {
        "title": Text(f" ● {standing(shown)} ", style=f"bold {colour}"),
        "title_align": "left",
        "subtitle": Text(f" line {plain(shown.row.call.line, words.NAME)} ", style="dim"),
        "subtitle_align": "right",
        "border_style": colour,
        "box": box.HEAVY if shown.row.rings else box.ROUNDED,
        "padding": (0, 1),
        "expand": True,
    }


def _body(shown: Shown, *, wide: bool, tall: bool) -> RenderableType:
    pop = shown.row.pop
    if pop is None:
        return Group(_company(shown, None, tall=tall), Text("\nWhat rang is not known here any more.", style="dim"))
    first = [_company(shown, pop, tall=tall), *_say(pop, shown.agent)]
    whom, besides = [*_whose(pop), *_calls(pop)], [*_besides(pop)]
    if not wide or not besides:
        return Group(*first, *whom, *besides)
    split = Table.grid(expand=True, padding=(0, 2, 0, 0))
    split.add_column(ratio=3)
    split.add_column(ratio=2)
    split.add_row(Group(*whom), Group(*besides))
    return Group(*first, split)


def _company(shown: Shown, pop: Data | None, *, tall: bool) -> RenderableType:
    said = Text(words.company(shown.row.call, pop), style="bold")
    account = words.account(pop) if pop else ""
    if account:
        said.append(f"  {account}", style="not bold")
    ground = {"yellow": "black on yellow", "green": "black on green"}.get(shown.colour, "white on bright_black")
    return Padding(said, (1 if tall else 0, 2), style=ground)


def _say(pop: Data, agent: str) -> Iterator[RenderableType]:
    yield Text("")
    if pop.language.greeting:
        yield Text(f"“{plain(pop.language.greeting, words.GREETING)}”", style="bold")
    else:
        yield Text("No greeting on record", style="dim")
    tongue, _, rest = words.language(pop.language).partition(" · ")
    yield Text.assemble((tongue, "bold cyan"), (f" · {rest}" if rest else "", "dim"))
    if warning := words.not_spoken(pop.language, agent):
        yield Text(warning, style="bold red")
    if closed := words.hours(pop):
        yield Text(closed.capitalize(), style="bold yellow")
    if pop.called.out_of_hours is not None:
        yield Text(f"Tell callers now: {plain(pop.called.out_of_hours.text, words.GREETING)}", style="yellow")


def _whose(pop: Data) -> Iterator[RenderableType]:
    said = whose.belonging(pop)
    identified = pop.resolution.status == "identified"
    yield Text("")
    if handed := words.handed(pop):
        yield Text(handed, style="bold magenta")
    yield Text(said.label, style="dim")
    if said.title:
        yield Text(said.title, style="bold")
    if said.hint:
        yield Text(said.hint, style="yellow")
    for place, one in enumerate(said.people[:_PEOPLE]):
        if identified and place == 1:
            yield Text("Also on record for", style="dim")
        yield from _person(one, place, numbered=not identified)
    if len(said.people) > _PEOPLE:
        yield Text(f"and {len(said.people) - _PEOPLE} more", style="dim")
    for warning in whose.signals(pop):
        yield Text(f"! {warning}", style="bold yellow")
    for hint in filter(None, (whose.no_role(pop), whose.sure(pop))):
        yield Text(hint, style="italic dim")


def _person(one: Candidate, place: int, *, numbered: bool) -> Iterator[RenderableType]:
    first = f"{place + 1}. " if numbered else ""
    style = "dim strike" if one.person.disabled else "bold"
    said = Text.assemble((first, "dim"), (whose.name(one.person), style))
    if marks := whose.marks(one.person):
        said.append(f"  {marks}", style="magenta")
    yield said
    for text, style in ((whose.role(one), ""), (whose.because(one), "dim")):
        if text:
            yield Padding(Text(text, style=style), (0, 0, 0, len(first)))


def _calls(pop: Data) -> Iterator[RenderableType]:
    if caller := words.caller(pop):
        yield Text.assemble(("Calls from  ", "dim"), caller)


def _besides(pop: Data) -> Iterator[RenderableType]:
    said = [(f"! {text}", "yellow") for text in words.announcements(pop)]
    said += [(text, "red" if text.startswith("Happening now") else "") for text in words.context(pop)]
    if said or pop.links:
        yield Text("")
    for text, style in said:
        yield Text(text, style=style)
    for link in pop.links[:3]:
        # Where the terminal knows how, a click opens it (OSC 8); what may not be opened is text alone.
        url = opening.address(link.url)
        where = Style(color="blue", underline=url is not None, link=url)
        yield Text.assemble((f"{plain(link.title, 30)}  ", "dim"), (plain(link.url), where))
