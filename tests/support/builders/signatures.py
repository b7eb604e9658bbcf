"""Signatures of reviews with keys of this test run, in files that go with it."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec.structs import replace

from shared.audit.log import AuditLog
from shared.composition.ports import Ports, open_ports
from shared.composition.signing import signer, verifier
from shared.risk.reviews.acts import ReviewActs
from shared.risk.reviews.review import Review
from shared.risk.reviews.signatures import ReviewSignatures, judgements
from shared.risk.reviews.store import Reviews
from shared.runtime.log import Log
from shared.storage.documents import Documents
from tests.support.deadlines import plenty

_FOLDER = TemporaryDirectory()
STATE = Path(_FOLDER.name)
"""Where the keys are, for functions that are to sign with them."""


def ports(state: Path = STATE) -> Ports:
    """Ports in memory, with the keys in `state`."""
    return open_ports({"SLACKER_ENVIRONMENT": "local", "SLACKER_BACKEND": "memory", "SLACKER_STATE": str(state)})


def signatures(function: str, state: Path = STATE) -> ReviewSignatures:
    """What signs as a function."""
    of = ports(state)
    return ReviewSignatures(signer(of, function), verifier(of))


def acts(documents: Documents, function: str, log: BytesIO | None = None, audit: AuditLog | None = None) -> ReviewActs:
    """The acts of a function over a store, whose log is in `log`."""
    lines = Log(function, stream=log or BytesIO())
    audit = audit or AuditLog(documents, lines)
    return ReviewActs(Reviews(documents), audit, lambda: signatures(function), lines, function)


async def signed_throughout(review: Review, state: Path = STATE) -> Review:
    """A review with all the statements that come of what was said of it, by keys in `state`."""
    statements = []
    for judgement in judgements(review):
        one = signer(ports(state), judgement.kind.function)
        statements.append(await one.sign(judgement.kind.name, msgspec.json.encode(judgement), plenty()))
    opened = await signatures("command_dispatch", state).opened(review, plenty())
    return replace(opened, statements=tuple(statements))


async def signed(review: Review) -> Review:
    """The review as `command_dispatch` opens it."""
    return await signatures("command_dispatch").opened(review, plenty())
