"""What the store tells of a question: one batched read, and beside it one increment, whose new counts are features too.

Rejected attempts, and those still under way, never come back as events: the counts are how twenty questions within a
second are seen.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from shared.deadline import Deadline
from shared.errors import Damaged, Transient
from shared.risk.features.extract import NO_ATTEMPTS, Attempts, States
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.keys import attempt_keys, keys
from shared.risk.features.watermark import CODEC
from shared.storage.documents import Document, Documents, Increment, Key


class ReadResult(msgspec.Struct, frozen=True):
    """What was told in time. `states` is `None` where the read failed; `pointer` is the document read along.

    `trouble` is the first failure, for the log.
    """

    states: States | None = None
    attempts: Attempts = NO_ATTEMPTS
    watermark: datetime | None = None
    pointer: Document | None = None
    error: BaseException | None = None


async def read_features(
    documents: Documents,
    inputs: FeatureInputs,
    minute: datetime,
    now: datetime,
    deadline: Deadline,
    pointer_key: Key | None = None,
) -> ReadResult:
    """Read what `facts` are about, with the document `along`, and count this attempt in that `minute`."""
    counting = asyncio.ensure_future(_count(documents, inputs, minute, now, deadline))
    feature_keys = keys(inputs)
    requested = (*feature_keys, pointer_key)
    try:
        stored = iter(await documents.read([key for key in requested if key is not None], deadline))
    except Transient as error:
        attempts, _ = await counting
        return ReadResult(attempts=attempts, error=error)
    except BaseException:
        counting.cancel()
        raise
    attempts, trouble = await counting
    client, device, merchant, watermark, pointer = (next(stored) if key is not None else None for key in requested)
    newest = None
    try:
        if watermark is not None:
            newest = CODEC.decode(watermark)
    except Damaged as error:
        trouble = error
    return ReadResult(States(_state(client), _state(device), _state(merchant)), attempts, newest, pointer, trouble)


async def _count(
    documents: Documents, inputs: FeatureInputs, minute: datetime, now: datetime, deadline: Deadline
) -> tuple[Attempts, BaseException | None]:
    """The counts with this attempt in them."""
    counters = attempt_keys(inputs, minute, now)
    present: Sequence[Key | None] = counters[:3]
    writes = [Increment(key, expires_at=counters.expires_at) for key in present if key is not None]
    if not writes:
        return NO_ATTEMPTS, None
    try:
        written = iter(await documents.commit(writes, deadline))
    except Transient as error:
        return NO_ATTEMPTS, error
    return Attempts(*(next(written).count if key is not None else None for key in present)), None


def _state(document: Document | None) -> bytes | None:
    return document.state if document is not None else None
