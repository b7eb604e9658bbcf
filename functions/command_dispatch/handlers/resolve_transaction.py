"""`resolve_transaction`: what a review decided takes effect, once, and the client is told.

It takes effect only if the review on record holds just that decision, signed by who may take it: whoever can publish a
command, or write a document, cannot move money by it. Whoever comes second learns how the transaction was resolved: the
same way is as good as done, the other way is refused, and never overruled.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

import msgspec

from shared.clock import Clock
from shared.commands.command import Command, validated
from shared.commands.outcome import CommandOutcome
from shared.commands.publisher import CommandPublisher, TopicCommandPublisher
from shared.commands.types import topic_for
from shared.composition.encryption import id_cipher
from shared.composition.ports import Ports
from shared.composition.signing import signer, verifier
from shared.deadline import Deadline
from shared.errors import Misconfigured, NotFound, Unavailable
from shared.http.credentials import Credential, bearer
from shared.http.service_client import ServiceClient
from shared.risk.reviews.decisions import SignedDecisions
from shared.risk.reviews.policies import ReviewPolicies
from shared.risk.reviews.review import Review
from shared.risk.reviews.signatures import ReviewSignatures
from shared.risk.reviews.store import Reviews
from shared.runtime.id_cipher import IdCipher
from shared.runtime.settings import seconds, version
from shared.trace import Trace

from ..config_files import configuration
from ..transaction_service import TransactionService
from ..transactions import Resolution, Status, Transaction, Transactions
from .registry import Handler

SECRET = "transactions-token"  # noqa: S105 - the secret's name
"""The bearer token by which the bank's transaction service knows Slacker."""

_ISSUER = "command_dispatch"
_NOTICE = ("template", "channel", "category")
_SETTLING = 15.0  # seconds; the service answers a read with what it has done, so this is for a slow request to end


class Decisions(Protocol):
    """The reviews on record."""

    async def confirmed(self, command: Command, deadline: Deadline) -> Review:
        """The review that decided what `command` says; raises `Forbidden` where none did."""
        ...


class ResolveTransaction(msgspec.Struct, frozen=True):
    """The handler. `notices` says by decision what the client is told."""

    transactions: Transactions
    reviews: Decisions
    ids: IdCipher
    commands: CommandPublisher
    notices: Mapping[str, Any]
    clock: Clock
    settling_time: timedelta

    async def perform(self, command: Command, *, uncertain: bool, trace: Trace, deadline: Deadline) -> CommandOutcome:
        """See `functions.command_dispatch.handlers.registry`; as every try reads first, an uncertain one is like
        any other.
        """
        review = await self.reviews.confirmed(command, deadline)
        payload = command.payload
        resolution = Resolution(payload["decision"], payload["review"], payload["reviewer"], payload["reason"])
        try:
            transaction = await self.transactions.read(payload["transaction_id"], deadline)
            if transaction.status is Status.HELD:
                transaction = await self.transactions.resolve(
                    transaction, resolution, command.id, trace.traceparent(), deadline
                )
        except NotFound:
            return CommandOutcome.refused("unknown_transaction")
        if transaction.status is Status.HELD:
            raise Unavailable("the transaction has changed since it was read")
        if transaction.status is not resolution.status:
            return CommandOutcome.refused(f"already_{transaction.status}")
        return CommandOutcome.done(_result(transaction, await self._notify(command, review, deadline)))

    async def _notify(self, command: Command, review: Review, deadline: Deadline) -> str:
        """Have the client told, where that is permitted, and give that command's id; done twice it is one command."""
        notice = self.notices.get(command.payload["decision"])
        if notice is None or command.payload["reason"] not in notice["reasons"]:
            return ""
        client_id = await self._client_id(review, deadline)
        now = self.clock.now()
        notification = Command(
            id=f"{review.id}:told",
            type="notify_client",
            version=1,
            issued_at=now,
            issued_by=_ISSUER,
            not_after=now + topic_for("notify_client").lifetime,
            payload={"client_id": client_id, **{name: notice[name] for name in _NOTICE}},
            operation=review.operation,
            traceparent=command.traceparent,
        )
        await self.commands.publish([validated(notification)], deadline)
        return notification.id

    async def _client_id(self, review: Review, deadline: Deadline) -> str:
        """The id of a review's client, which one from before ids were encrypted names itself."""
        encrypted = review.encrypted_client_id
        return await self.ids.decrypt(encrypted, review.id, deadline) if encrypted else review.client


def _result(transaction: Transaction, notification_id: str) -> Mapping[str, str]:
    return {"transaction": str(transaction.status), **({"told": notification_id} if notification_id else {})}


def build(ports: Ports, environ: Mapping[str, str]) -> Handler:
    """The handler that `environ` asks for; raises `Misconfigured`, saying what to set."""
    address = environ.get("SLACKER_TRANSACTIONS", "")
    if not address:
        raise Misconfigured("set SLACKER_TRANSACTIONS to the address of the bank's transaction service")
    credential = Credential(ports.secrets, SECRET, version(environ, "SLACKER_TRANSACTIONS_TOKEN_VERSION"), bearer)
    return ResolveTransaction(
        transactions=TransactionService(
            ServiceClient("the transaction service", address, credential, clock=ports.clock)
        ),
        reviews=SignedDecisions(
            Reviews(ports.documents),
            ReviewSignatures(signer(ports, _ISSUER), verifier(ports)),
            ReviewPolicies(ports.documents, ports.clock),
            ports.clock,
        ),
        ids=id_cipher(ports),
        commands=TopicCommandPublisher(ports.publisher),
        notices=configuration("resolution_notices"),
        clock=ports.clock,
        settling_time=timedelta(seconds=seconds(environ, "SLACKER_TRANSACTIONS_SETTLING", _SETTLING)),
    )
