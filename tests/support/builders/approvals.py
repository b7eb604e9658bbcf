"""What decides about held money, together over one store: the operators' API, scheduled work and the dispatcher of
commands, beside the bank's transaction service.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from functions.command_dispatch.handlers.registry import HandlerRegistry
from functions.command_dispatch.handlers.resolve_transaction import SECRET, ResolveTransaction
from functions.command_dispatch.transaction_service import TransactionService
from local.stack.stand_ins import SECRETS
from local.stand_ins.json_store import JsonStore
from local.stand_ins.server import StandIn
from local.stand_ins.transactions import Transactions
from shared.commands.command import Command, parse
from shared.commands.types import topic_for
from shared.composition.ports import open_ports
from shared.embedded.file_secrets import FileSecrets
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.http.credentials import bearer
from shared.ids import OperationRef
from shared.messaging.dead_letter_publisher import REASON
from shared.messaging.messages import Message
from shared.risk import answers
from shared.risk.answers import AnswerRecord
from shared.risk.reviews.stored_review import CODEC, StoredReview, review_key, written
from tests.functions.command_dispatch.handlers.test_open_review import COMMAND, publish
from tests.support.builders import command_dispatch, scheduled_work
from tests.support.builders.operator_api import NOW, Office, Publisher
from tests.support.deadlines import plenty


@dataclass
class Approvals:
    """The functions over one store, on one clock; `deliver` is Pub/Sub."""

    office: Office
    work: scheduled_work.Function
    dispatch: command_dispatch.Dispatch
    bank: Transactions
    taken: Counter[str] = field(default_factory=Counter)

    async def opened(self, id_: str = "op-1", minor: int = 500_001) -> str:
        """The id of a review that a command has opened, of a large amount unless told otherwise."""
        operation, amount = OperationRef("transaction", id_, 1), {"minor": minor, "currency": "EUR"}
        payload = {**COMMAND.payload, "amount": amount}
        command = replace(COMMAND, id=f"{operation.key}.0", operation=operation, payload=payload)
        assert await self.dispatch.send(command) == 204
        return operation.key

    async def stored(self, review: str) -> StoredReview:
        """A review as it stands in the store."""
        [document] = await self.office.documents.read([review_key(review)], plenty())
        assert document is not None
        return CODEC.decode(document)

    async def forge(self, record: StoredReview) -> None:
        """Write a review past every function, due at once."""
        [document] = await self.office.documents.read([review_key(record.review.id)], plenty())
        write = written(document, record, self.office.now)
        await self.office.documents.commit([replace(write, due_at=self.office.now)], plenty())

    async def answer(self, id_: str, *pending: Command) -> None:
        """Write the record of an answer past `advice`, due at once."""
        record = AnswerRecord(b"digest", b'{"advice":"MANUAL_APPROVAL_NEEDED"}', NOW, [c.encoded() for c in pending])
        key = answers.CODEC.key(id_)
        await self.office.documents.commit([answers.CODEC.create(key, record, due_at=self.office.now)], plenty())

    def published(self, kind: str) -> list[str]:
        """The ids of all commands of a type that were published."""
        return [parse(message.data).id for message in self.office.publisher.published.get(topic_for(kind).name, [])]

    async def pass_time(self, hours: float = 0.1) -> dict[str, dict[str, int]]:
        """Let scheduled work do what has come due by then; its counts."""
        self.office.now += timedelta(hours=hours)
        counts: dict[str, dict[str, int]] = (await self.work.call())[1]
        return counts

    async def deliver(self) -> None:
        """Have the dispatcher do what is published, and what comes of that."""
        while fresh := self._fresh():
            for topic, message in fresh:
                await self.dispatch.deliver(message.data, topic)

    def _fresh(self) -> list[tuple[str, Message]]:
        fresh: list[tuple[str, Message]] = []
        for kind in ("open_review", "resolve_transaction", "notify_client"):
            topic = topic_for(kind).name
            messages = self.office.publisher.published.get(topic, [])
            fresh += [(topic, message) for message in messages[self.taken[topic] :]]
            self.taken[topic] = len(messages)
        return fresh

    def resolved(self) -> list[str]:
        """What became of transactions at the bank."""
        return [str(kept["status"]) for kept in self.bank.resolved().values()]

    def notified(self) -> int:
        """How often clients are told something."""
        return len(self.office.publisher.published.get("notifications", []))

    def letters(self) -> list[str]:
        """Why commands could not be done."""
        return [letter.attributes[REASON] for letter in self.dispatch.letters()]


@asynccontextmanager
async def approving(state: Path) -> AsyncIterator[Approvals]:
    """All of them, with the operation `transaction` in force."""
    documents, publisher = MemoryDocuments(), Publisher()
    clock = ManualClock(NOW, skip_sleeps=True)
    await publish(documents)
    bank = Transactions(JsonStore())
    async with StandIn(bank, {bearer(SECRETS[SECRET])}, now=lambda: clock.now().timestamp()) as service:
        environ = {**scheduled_work.environ(state), "SLACKER_TRANSACTIONS": service.url}
        ports = replace(open_ports(environ, clock), documents=documents, _publisher=publisher)
        assert isinstance(ports.secrets, FileSecrets)
        await ports.secrets.ensure(SECRET, 1, lambda: SECRETS[SECRET], plenty())
        handlers = HandlerRegistry(ports, environ)
        resolving = handlers.for_type("resolve_transaction")
        assert isinstance(resolving, ResolveTransaction)
        assert isinstance(resolving.transactions, TransactionService)
        try:
            yield Approvals(
                Office(documents, publisher, clock, state=state),
                scheduled_work.Function(state, documents, publisher, clock=clock),
                command_dispatch.Dispatch(state, handlers, documents, publisher, clock),
                bank,
            )
        finally:
            await resolving.transactions.close()
