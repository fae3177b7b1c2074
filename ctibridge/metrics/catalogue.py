"""All metrics, with what they mean: the one truth for the scrape, the dashboard, the alerts and the documentation.

Names follow Prometheus' own rules: prefix, base unit, `_total` for what only grows. Labels are trunks, companies,
states and codes; never a person, a number, a line or an agent: nothing personal leaves, and all of it is bounded.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram", "info"]


@dataclass(frozen=True, slots=True)
class Metric:
    """name: as it is scraped; of a histogram without `_bucket`, `_sum` and `_count`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str


CALLS = Metric(
    "ctibridge_calls_total", "counter", ("account", "outcome"),
    "Calls that are over at all desks, by the company that was called (`none`: nobody's number; `other`: beyond the"
    " first 200 companies) and outcome. One that nobody took is counted a minute after its last ring, as it may come"
    " round again until then",
)  # fmt: skip
STATUSES = Metric(
    "ctibridge_resolutions_total", "counter", ("status",),
    "The same calls by what the desk that was told most was told of the caller; the identified share is"
    " `identified` divided by all",
)  # fmt: skip
OPEN_CALLS = Metric("ctibridge_open_calls", "gauge", (), "Calls that ring or are talked on at a desk now")
POPS = Metric(
    "ctibridge_invite_to_frame_seconds", "histogram", (),
    "From the INVITE, read from its socket, to the screen pop in the transport of a desk; one for each desk and round."
    " Where only dialog-info told of the call, from then on",
)  # fmt: skip
WITHOUT_DESK = Metric("ctibridge_rings_without_desk_total", "counter", ("trunk",), "Rings on lines where nobody sits")
LINES = Metric(
    "ctibridge_lines", "gauge", ("trunk", "state"),
    "Lines by what can be heard of them: `registered` (heard), `registering`, `alone` (held back, no other phone is on"
    " it), `deaf` (calls do not reach us)",
)  # fmt: skip
STRANGERS = Metric(
    "ctibridge_strangers_total", "counter", ("trunk",),
    "Messages and connections from addresses that are not the trunk's, left without an answer",
)  # fmt: skip
DROPPED = Metric("ctibridge_udp_dropped_total", "counter", ("trunk",), "Datagrams that the kernel had no room for")
TRANSACTIONS = Metric(
    "ctibridge_sip_transactions", "gauge", ("trunk",),
    "INVITEs whose last answer may still be asked for, and our own requests without a final response",
)  # fmt: skip
CONNECTIONS = Metric(
    "ctibridge_desk_connections", "gauge", ("state",), "Websockets of desks: `signed_in`, or `signing_in`"
)  # fmt: skip
AGENTS_HERE = Metric("ctibridge_agents_connected", "gauge", (), "Agents of whom a desk is signed in")
CLOSED = Metric(
    "ctibridge_desk_closes_total", "counter", ("code",),
    "Desk connections that we ended, by close code: 1012 restart, 1013 try later, 4008 too slow, 4400 bad message,"
    " 4401 token refused, 4403 wrong token, 4408 no token",
)  # fmt: skip
BACKLOG = Metric("ctibridge_desk_backlog_frames", "gauge", (), "Frames that wait for slow desks, all together")
WORST_BACKLOG = Metric(
    "ctibridge_desk_backlog_worst_frames", "gauge", (), "Frames that wait for the slowest desk; at 1000 it is closed"
)  # fmt: skip
UNWRITTEN = Metric(
    "ctibridge_outbox_unwritten_items", "gauge", (), "Events, calls and facts that are not in `desks.db` yet"
)  # fmt: skip
UNWRITTEN_BYTES = Metric("ctibridge_outbox_unwritten_bytes", "gauge", (), "Their size")
WAITING = Metric("ctibridge_lookups_waiting", "gauge", (), "Questions that the directory store has not answered")
LATE = Metric(
    "ctibridge_lookups_late_total", "counter", ("step",),
    "First pops that did not wait any longer for the store: `index` (who it is), `record` (what is known of him)",
)  # fmt: skip
REVISIONS = Metric("ctibridge_revisions_waiting", "gauge", (), "Pops of which more is still to come")
LAG = Metric(
    "ctibridge_loop_lag_seconds", "histogram", (), "By how much the event loop was late, looked at five times a second"
)  # fmt: skip
WORST_LAG = Metric("ctibridge_loop_lag_worst_seconds", "gauge", (), "The worst of it in the last one to two minutes")
READY = Metric("ctibridge_ready", "gauge", (), "1: `/readyz` says 200; it says the reasons where it does not")
LIVE_ONLY = Metric(
    "ctibridge_live_only", "gauge", (), "1: events cannot be stored, so what a desk misses now it cannot get later"
)  # fmt: skip
STORE_BYTES = Metric(
    "ctibridge_store_bytes", "gauge", ("file",), "Size of each file of the store in `state_dir`, with its log (`-wal`)"
)  # fmt: skip
FREE_BYTES = Metric("ctibridge_state_free_bytes", "gauge", (), "Room that is left for us where `state_dir` lies")
ACCOUNTS = Metric("ctibridge_directory_accounts", "gauge", (), "Companies in the directory")
AGENTS = Metric("ctibridge_directory_agents", "gauge", (), "Agents in the directory")
SERVICE_NUMBERS = Metric("ctibridge_directory_service_numbers", "gauge", (), "Service numbers in the directory")
PEOPLE = Metric(
    "ctibridge_directory_people", "gauge", (),
    "People in the directory, counted again at most once in ten minutes; absent at a lean node",
)  # fmt: skip
NEWEST_IMPORT = Metric(
    "ctibridge_newest_import_timestamp_seconds", "gauge", (),
    "When an import last told of people of any company, in Unix seconds; absent before the first",
)  # fmt: skip
OLDEST_IMPORT = Metric(
    "ctibridge_oldest_import_timestamp_seconds", "gauge", (),
    "The same of the company that has waited longest, of those that have people and share them; `ctibridge check`"
    " names it",
)  # fmt: skip
INDEX_NUMBERS = Metric("ctibridge_index_numbers", "gauge", (), "Entries of the number index in memory")
INDEX_BYTES = Metric("ctibridge_index_bytes", "gauge", (), "What they take, without the changes")
INDEX_CHANGED = Metric("ctibridge_index_changed_people", "gauge", (), "People whose change lies over the index file")
INDEX_READY = Metric(
    "ctibridge_index_ready", "gauge", (), "1: numbers are found in memory; 0: the store is asked, which is slower"
)  # fmt: skip
WEBHOOK_REQUESTS = Metric(
    "ctibridge_webhook_requests_total", "counter", ("webhook", "outcome"),
    "Requests to a receiver of webhooks by what became of them: `taken`, `refused` (this event alone), `failed` (tried"
    " again later), `gone` (HTTP 410)",
)  # fmt: skip
WEBHOOK_LOST = Metric(
    "ctibridge_webhook_lost_events_total", "counter", ("webhook", "why"),
    "Events that a receiver will not get: `dropped` (it was more than 1,000 events of a desk behind), `restarted` (the"
    " desk began anew; counts as one), `too_old` (older than `keep`), `refused`, `unreadable`",
)  # fmt: skip
WEBHOOK_BEHIND = Metric(
    "ctibridge_webhook_behind_events", "gauge", ("webhook",), "Stored events that a receiver is still to get"
)  # fmt: skip
WEBHOOK_STATE = Metric(
    "ctibridge_webhook_state", "gauge", ("webhook", "state"),
    "1 for how it stands with a receiver: `well`, `waits` (it did not take the last one), `stopped` (it says that it is"
    " gone; a reload tries again)",
)  # fmt: skip
SELFTEST_GOOD = Metric(
    "ctibridge_selftest_success", "gauge", ("trunk",),
    "1: the last test call of a trunk that has `[trunk.selftest]` was all that it should be; absent before the first",
)  # fmt: skip
SELFTEST_POP = Metric(
    "ctibridge_selftest_pop_seconds", "gauge", ("trunk",),
    "From its INVITE, at who calls, to the frame at the desk; absent where nothing popped",
)  # fmt: skip
SELFTEST_AT = Metric(
    "ctibridge_selftest_timestamp_seconds", "gauge", ("trunk",), "When it was made, in Unix seconds"
)  # fmt: skip
CLUSTER_ALONE = Metric(
    "ctibridge_cluster_alone", "gauge", (),
    "1: Redis does not answer, and this node goes on with what it had; of several nodes, as all `ctibridge_cluster_…`",
)  # fmt: skip
CLUSTER_NODES = Metric("ctibridge_cluster_nodes", "gauge", (), "Nodes that live, as far as this one knows")
CLUSTER_LOTS = Metric(
    "ctibridge_cluster_lots_held", "gauge", (),
    "Of the 256 pieces of all lines and desks those that this node has; all nodes together have 256",
)  # fmt: skip
CLUSTER_RELAYED = Metric(
    "ctibridge_cluster_relayed_desks", "gauge", (), "Screens that are connected here, and whose desk is at another node"
)  # fmt: skip
POST_LAG = Metric(
    "ctibridge_cluster_post_lag_seconds", "gauge", (),
    "By so much this node reads later what the others say, or writes what it says itself",
)  # fmt: skip
POST_DROPPED = Metric(
    "ctibridge_cluster_post_dropped_total", "counter", (),
    "What this node could not say to the others: Redis was away for more than 5 s, or too slow",
)  # fmt: skip
POST_GAPS = Metric(
    "ctibridge_cluster_post_gaps_total", "counter", (),
    "Times that this node missed something of what the others said, and asked them how things stand",
)  # fmt: skip
TASKS = Metric("ctibridge_tasks", "gauge", (), "Tasks of the event loop: as many as ever, when nobody calls")
BUILD = Metric("ctibridge_build_info", "info", ("version", "python"), "Always 1; which program this is")

OURS = tuple(value for value in list(vars().values()) if isinstance(value, Metric))

PROCESS = (
    Metric("process_virtual_memory_bytes", "gauge", (), "Virtual memory"),
    Metric("process_resident_memory_bytes", "gauge", (), "Resident memory"),
    Metric("process_start_time_seconds", "gauge", (), "When the process began (Unix seconds): a restart changes it"),
    Metric("process_cpu_seconds_total", "counter", (), "Processor time of all its threads"),
    Metric("process_open_fds", "gauge", (), "Open file descriptors"),
    Metric("process_max_fds", "gauge", (), "As many are allowed"),
)  # fmt: skip
"""prometheus-client's own, of `/proc`."""

ALL = OURS + PROCESS


def table() -> str:
    """As Markdown, for the documentation."""
    rows = [f"| `{one.name}` | {one.kind} | {_labels(one)} | {one.meaning} |" for one in ALL]
    return "\n".join(["| name | type | labels | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{label}`" for label in metric.labels) or "–"
