"""Everything there is at one moment, in plain dicts: the truth that both the directories and the oracle go by."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from ctibridge.domain.account import Account
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.context import ConfigurationItem, MajorIncident, Request, Service, StandardRequest
from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup.choices import Choice
from ctibridge.lookup.context import Article
from ctibridge.lookup.snapshot import Snapshot, build
from tests.tenants import customers
from tests.tenants.customers import ACCOUNTS, AGENTS, BEGIN, PEOPLE, RESOLUTION, mark

Phones = dict[tuple[str, str], tuple[bool, datetime | None]]
"""By number and label: imported, and since when he has it."""


@dataclass
class Known:
    """What an account's own files say of its people's services. people: by service, '*' is everybody; `of`: of whom."""

    services: dict[str, Service]
    people: dict[str, tuple[str, ...]]
    items: dict[str, tuple[str, ConfigurationItem]]
    requests: dict[str, tuple[str | None, Request]]
    standard_requests: tuple[StandardRequest, ...]
    articles: tuple[Article, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.services or self.items or self.requests)

    def covering(self, person: str) -> set[str]:
        return {service for service, people in self.people.items() if person in people or "*" in people}

    def incidents(self, person: str | None) -> list[MajorIncident]:
        covered = set(self.services) if person is None else self.covering(person)
        found = [
            MajorIncident(one.service, str(one.subject), one.url)
            for whose, one in self.requests.values()
            if whose is None and one.status == "major_incident" and (one.service in covered or one.service is None)
        ]
        down = [one for one in self.services.values() if one.status == "outage" and one.id in covered]
        return found + [MajorIncident(one.id, f"{one.name}: {one.status}") for one in down]


@dataclass
class State:
    """tables: raised with everything but people; people and phones by person; context by account."""

    now: datetime = BEGIN
    version: int = 1
    tables: int = 1
    agents: dict[str, Agent] = field(default_factory=dict)
    shares: dict[str, RoleShare] = field(default_factory=dict)
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    people: dict[PersonKey, Person] = field(default_factory=dict)
    phones: dict[PersonKey, Phones] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    contacts: dict[PersonKey, datetime] = field(default_factory=dict)
    context: dict[str, Known] = field(default_factory=dict)
    announcing: set[str] = field(default_factory=lambda: set(ACCOUNTS))
    _snapshots: dict[object, Snapshot] = field(default_factory=dict)

    def snapshot(self, keep: frozenset[str] | None = None, called: str | None = None) -> Snapshot:
        """keep: without all other accounts, of which the one called keeps what is shown to whoever rings; None: all."""
        key = (self.tables, keep, called)
        if key not in self._snapshots:
            if len(self._snapshots) > 500:
                self._snapshots.clear()
            self._snapshots[key] = self._build(keep, called)
        return self._snapshots[key].at(self.version)

    def _build(self, keep: frozenset[str] | None, called: str | None) -> Snapshot:
        kept = frozenset(ACCOUNTS) if keep is None else keep
        named = [one for one in ACCOUNTS if one in kept or one == called]
        return build(
            self.version,
            accounts=[customers.account(one) if one in kept else _as_called(customers.account(one)) for one in named],
            agents=self.agents.values(),
            shares=[share for share in self.shares.values() if share.account in kept],
            grants=[grant for grant in self.grants.values() if grant.account in kept],
            service_numbers=map(customers.service_number, named),
            sites=[customers.site(one) for one in ACCOUNTS if one in kept],
            announcements=[customers.announcement(one) for one in ACCOUNTS if one in kept & self.announcing],
            tables=self.tables,
            context_accounts=[one for one, known in self.context.items() if one in kept and not known.is_empty],
        )

    def holders(self, number: str) -> list[tuple[PersonKey, str, bool]]:
        """Person, label, imported."""
        return [
            (key, label, imported)
            for key, phones in self.phones.items()
            for (held, label), (imported, _) in phones.items()
            if held == number
        ]

    def record(self, key: PersonKey) -> Person:
        """With when his numbers came to him."""
        changed: dict[str, datetime] = {}
        for (number, _), (_, at) in self.phones[key].items():
            if at is not None:
                changed[number] = max(at, changed.get(number, at))
        return replace(self.people[key], numbers_changed=changed)

    def choose(self, choice: Choice) -> None:
        """The last one of a call is its one, of its account and of its agent; what is too old goes."""
        oldest = choice.at - timedelta(days=RESOLUTION.choice_days)

        def stays(one: Choice) -> bool:
            of_this_call = (one.number, one.call) == (choice.number, choice.call)
            return one.at >= oldest and not (of_this_call and (one.account == choice.account or one.by == choice.by))

        self.choices = [*filter(stays, self.choices), choice]

    def ended(self) -> list[str]:
        """Accounts whose share is over."""
        return [one for one, share in self.shares.items() if share.ends_at is not None and share.ends_at <= self.now]

    def purge(self, account: str) -> None:
        for key in [key for key in self.people if key.account == account]:
            del self.people[key], self.phones[key]
        self.choices = [one for one in self.choices if one.account != account]
        self.contacts = {key: at for key, at in self.contacts.items() if key.account != account}
        known = self.context[account]
        known.services, known.people, known.items, known.requests = {}, {}, {}, {}
        known.standard_requests, known.articles = (), ()
        self.announcing.discard(account)


def _as_called(account: Account) -> Account:
    """What whoever rings there is shown, and no more."""
    return replace(account, links=(), briefing={}, verification={})


def known(account: str) -> Known:
    """The same services, items and requests at every customer, but for the mark."""
    text, down = mark(account), int(account[1:]) % 4 == 0
    url = f"https://{text}.example/x"
    return Known(
        {"s1": Service("s1", f"Mail {text}"), "s2": Service("s2", f"ERP {text}", "outage" if down else None)},
        {"s1": ("*",), "s2": ("p0", "p1", "p2")},
        {"c1": ("p0", ConfigurationItem("c1", f"Laptop {text}", f"Book {text}", None, "s1")),
         "c2": ("p3", ConfigurationItem("c2", f"Phone {text}", None, None, "s2"))},
        {"r1": ("p0", Request("r1", f"Broken {text}", "assigned", BEGIN - timedelta(days=2), "s1", url)),
         "r2": ("p1", Request("r2", f"Lost {text}", "completed", BEGIN - timedelta(days=1), None, url, open=False)),
         "r3": (None, Request("r3", f"All down {text}", "major_incident", BEGIN, "s2", url))},
        (StandardRequest("q1", "s1", f"Mailbox {text}", f"ask {text}"), StandardRequest("q2", "s2", f"Rôle {text}")),
        (Article("k1", "s1", f"How to {text}", url, ("de", "fr")), Article("k2", "s2", f"Why {text}", url, ("en",))),
    )  # fmt: skip


def begin(rng: Random) -> State:
    """Most accounts shared, each agent with some of them, most people there."""
    state = State(agents={one: customers.agent(one) for one in AGENTS}, context={one: known(one) for one in ACCOUNTS})
    state.shares = {one: RoleShare(one) for one in ACCOUNTS if rng.random() < 0.8}
    for agent in AGENTS:
        for account in rng.sample(ACCOUNTS, rng.choice((1, 2, 3, 6, 12, 25))):
            state.grants[agent, account] = Grant(agent, account)
    for key in _everybody():
        if rng.random() < 0.5:
            add(state, key, rng)
    return state


def _everybody() -> Iterable[PersonKey]:
    return (PersonKey(account, person) for account in ACCOUNTS for person in PEOPLE)


def add(state: State, key: PersonKey, rng: Random) -> None:
    state.people[key] = customers.person(key, rng)
    state.phones[key] = phones(state.now, rng)


def phones(now: datetime, rng: Random) -> Phones:
    numbers = rng.sample((*customers.E164, *customers.SHORT), rng.choice((0, 1, 1, 2, 3)))
    labels = rng.choices(customers.LABELS, customers.LABEL_WEIGHTS, k=len(numbers))
    return {
        (number, label): (rng.random() < 0.5, now - timedelta(days=rng.randrange(60)) if rng.random() < 0.3 else None)
        for number, label in zip(numbers, labels, strict=True)
    }
