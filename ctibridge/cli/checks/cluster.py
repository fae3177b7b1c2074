"""The nodes that are joined by Redis: which there are, whether this one is among them, what nobody has. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from ctibridge.cli.checks.wording import counted, named
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.standing import BEHIND, Stand, nobodys, stands
from ctibridge.cluster.view import View
from ctibridge.domain.finding import Finding, note


@dataclass(frozen=True, slots=True)
class Here:
    """name: of this node. incarnation: of the process that began here last; None: nobody knows. runs: it does now."""

    name: str
    incarnation: str | None
    runs: bool


def this_node(view: View, here: Here) -> Iterator[Finding]:
    """Nothing while it is stopped: whoever else has its name then may be its own last breath."""
    there = view.nodes.get(here.name)
    if not here.runs:
        return
    if there is None:
        text = f"{here.name} runs, and the others do not know of it: it has no connection to Redis, or just began"
        yield Finding("this node", text, "see cluster_alone in its log: journalctl -u ctibridge")
    elif here.incarnation not in (None, there.incarnation):
        text = f"another ctibridge is {here.name} in this cluster"
        yield Finding("this node", text, "give one of them another [node] name, and restart it")
    else:
        (one,) = (one for one in stands(view) if one.name == here.name)
        yield Finding("this node", f"{here.name}: {one.state}, {counted(one.lots, 'lot')}")


def findings(view: View) -> Iterator[Finding]:
    """Of all nodes together."""
    all_of_them = stands(view)
    live = [one for one in all_of_them if one.state != "gone"]
    if not live:
        yield note("nodes", "no node is there", "systemctl start ctibridge, on each")
        return
    yield Finding("nodes", f"{counted(len(live), 'node')}: {named(map(_who, live))}")
    yield from _lots(view, all_of_them)
    late = [f"{one.name} ({one.lag or 0:.1f} s)" for one in live if one.state == "behind"]
    if late:
        text = f"behind what the others say by more than {BEHIND:g} s: {named(late)}"
        yield note("lag", text, "see how busy these machines are, and their way to Redis")
    yield from _keepers(live)
    versions = {one.version or "unknown" for one in live}
    if len(versions) > 1:
        yield note("versions", f"not of one version: {named(versions)}", "end the upgrade on each node")
    if len({one.redundancy for one in live}) > 1:
        those = named(one.name for one in live if one.redundancy == "both")
        yield note("redundancy", f"only {those} registers lines of others as well", "write the same on each node")


def _keepers(live: list[Stand]) -> Iterator[Finding]:
    """Where people are shared in Redis."""
    keepers = [one.name for one in live if one.people == "keeper"]
    if not any(one.people for one in live):
        return
    if not keepers:
        text = "no node that runs has people on its disk: nothing could write them to Redis anew"
        yield note("keepers", text, "start one that keeps them")
    elif len(keepers) == 1 and len(live) > 1:
        text = f"{keepers[0]} alone has people on its disk"
        yield note("keepers", text, "ctibridge cluster keep on another node, so that two have them")
    else:
        yield Finding("keepers", f"people are on the disks of {named(keepers)}")


def _lots(view: View, all_of_them: tuple[Stand, ...]) -> Iterator[Finding]:
    missing = len(nobodys(view))
    if not missing:
        yield Finding("lots", f"each of {LOTS} has an owner")
    elif view.quiet:
        text = f"{missing} of {LOTS} have no owner yet: Redis was empty, and claims wait for a lease"
        yield note("lots", text, "look again in a moment")
    else:
        gone = [one.name for one in all_of_them if one.state == "gone"]
        last = f"; {named(gone)} had some last" if gone else ""
        text = f"{missing} of {LOTS} have no owner, nobody registers their lines{last}"
        yield Finding("lots", text, "see cluster_alone in the log of each node: journalctl -u ctibridge")


def _who(one: Stand) -> str:
    return one.name if one.state == "member" else f"{one.name} ({one.state})"
