"""Online equals offline: the vectors of a backtest held against those that decisions read, value for value.

Online, events reach a store in groups as `risk_features` and `merchant_features` commit them: shuffled, some of them
twice, and half an hour ahead of the question. A question then reads its documents, as `risk_decision` does.
"""

import asyncio
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from jobs.backtest.features import Offline, Row
from shared.clock import SYSTEM
from shared.deadline import Deadline
from shared.events.events import Event, Transaction
from shared.privacy import Pseudonymiser
from shared.risk.features.batch_folds import ClientDeviceFold, MerchantFold
from shared.risk.features.extract import States, extract
from shared.risk.features.fold import EventOutcome, PreparedEvent, prepare
from shared.risk.features.inputs import of_event
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS, keys
from shared.storage.documents import Documents
from shared.storage.group_commit import GroupCommit, Limits

_GROUP = timedelta(minutes=10)
_AHEAD = timedelta(minutes=30)
_WITHIN = 60.0
_TWICE = 0.05  # of the events
_UNBOUNDED = Limits(items=2**31, bytes=2**62)


class Compared(NamedTuple):
    """How many vectors were compared, and the spendings whose vectors differ."""

    rows: int
    differing: Sequence[str]


async def compare(events: Iterable[Event], tokens: Pseudonymiser, documents: Documents) -> Compared:
    """Compare the vectors of all spendings among `events` (in order), with `documents` empty at first."""
    online, rows, differing = Online(documents, tokens), 0, []
    arriving = groupby(events, lambda event: event.occurred_at.timestamp() // _GROUP.total_seconds())
    ahead: list[Event] = []
    arrived = datetime.min.replace(tzinfo=UTC)
    offline = Offline(tokens)
    while True:
        group = next(arriving, None)
        here = list(group[1]) if group else []
        if here:
            await online.take(here)
            arrived = here[-1].occurred_at
            ahead += here
        until = arrived - _AHEAD if here else arrived
        ready = [event for event in ahead if event.occurred_at <= until]
        ahead = ahead[len(ready) :]
        for row in offline.rows(ready):
            rows += 1
            if await online.row(row.event) != row:
                differing.append(row.event.event_id)
        if not here:
            return Compared(rows, differing)


class Online:
    """The event functions' work and a decision's reading, over `documents`."""

    def __init__(self, documents: Documents, tokens: Pseudonymiser) -> None:
        self._documents = documents
        self._tokens = tokens
        self._random = random.Random(1)  # noqa: S311 - an order of arrival
        own = ClientDeviceFold(SYSTEM, replay=True)
        self._ways: Sequence[tuple[frozenset[str], GroupCommit[PreparedEvent, tuple[EventOutcome, ...]]]] = (
            (frozenset({CLIENTS, DEVICES}), GroupCommit(documents, own, _UNBOUNDED)),
            (frozenset({MERCHANTS}), GroupCommit(documents, MerchantFold(SYSTEM), _UNBOUNDED)),
        )

    async def take(self, events: Sequence[Event]) -> None:
        """Commit `events` in any order, some of them twice."""
        arrivals = [*events, *(event for event in events if self._random.random() < _TWICE)]
        self._random.shuffle(arrivals)
        deadline = Deadline.after(_WITHIN)
        for collections, way in self._ways:
            items = [item for event in arrivals if (item := prepare(event, self._tokens, collections)).keys]
            await asyncio.gather(*(way.submit(item, 0, deadline) for item in items))

    async def row(self, event: Transaction) -> Row:
        """What a question about `event` at its time would be decided on."""
        facts = of_event(event, self._tokens)
        names = keys(facts)[:3]
        present = [name for name in names if name is not None]
        documents = dict(zip(present, await self._documents.read(present, Deadline.after(_WITHIN)), strict=True))
        states = [document.state if name and (document := documents[name]) else None for name in names]
        return Row(event, *extract(facts, event.occurred_at, States(*states)))
