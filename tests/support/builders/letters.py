"""Dead letters on record, and the API over them, where two people are on call."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from shared.commands import ledger
from shared.commands.command import Command
from shared.commands.status import CommandStatus
from shared.dead_letters import letter as letters
from shared.dead_letters.letter import Letter
from shared.dead_letters.parsing import parse_letter
from shared.dead_letters.resend import resend_due
from shared.dead_letters.store import LetterStore
from shared.dead_letters.subject import of_command
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Invalid, Problem
from shared.ids import OperationRef
from shared.messaging.dead_letter_publisher import COMMANDS, DeadLetterPublisher
from shared.messaging.messages import Delivery, Message
from tests.support.builders.operator_api import NOW, TOKENS, Office
from tests.support.deadlines import plenty
from tests.support.http_requests import Reply

ERROR = Invalid(Problem("/payload/kind", "a kind expected"))


def command(id_: str = "c-1", kind: str = "create_ticket", **payload: Any) -> Command:
    """One that its schema allows, unless told otherwise."""
    payloads: dict[str, dict[str, Any]] = {
        "create_ticket": {"kind": "fraud", "summary": "Look", "client_id": "C-1"},
        "open_review": {"client_id": "C-1", "reasons": [], "rule_set": "r@1"},
        "resolve_transaction": {
            "transaction_id": "op-1", "review": "transaction.op-1.1", "decision": "approve",
            "reviewer": "ana@x.example", "reason": "CONFIRMED",
        },
        "notify_client": {
            "client_id": "C-1", "channel": "push", "template": "t", "category": "service",
            "variables": {"name": "Jane Doe"},
        },
    }  # fmt: skip
    return Command(
        id=id_, type=kind, version=1, issued_at=NOW, issued_by="risk_decision", not_after=NOW + timedelta(days=1),
        payload={**payloads[kind], **payload}, operation=OperationRef("transaction", "op-1", 1),
    )  # fmt: skip


class Desk(Office):
    """The API with dead letters; ana and ben are on call, cem is not."""

    who = "reviewer=cem@x.example,on_call=ana@x.example ben@x.example,auditor=dora@x.example"

    async def letter(
        self, made: Command | bytes, topic: str = "", error: Exception = ERROR, at: datetime = NOW, **attributes: str
    ) -> str:
        """Put a dead letter on record as the function that drains them does; its id. A command that would be accepted
        has been, and is dead-lettered in the ledger.
        """
        body = made.encoded() if isinstance(made, Command) else made
        topic = topic or (f"commands-{made.type.replace('_', '-')}" if isinstance(made, Command) else "transactions")
        by = "command_dispatch" if topic.startswith("commands") else "risk_features"
        publisher, soon = MemoryPublisher(), plenty()
        delivered = Delivery(Message(body, attributes), "m", f"{topic}.{by}", 1, at)
        await DeadLetterPublisher(publisher, COMMANDS, by).publish_error(delivered, error, soon)
        [message] = publisher.published[COMMANDS]
        new = parse_letter(Delivery(message, "d", "x.dead_letters", None, at), at)
        about = of_command(body, TOKENS)
        described = msgspec.structs.replace(
            new.letter, subject=about.id, operation=about.operation, client=about.client
        )
        await LetterStore(self.documents).keep(new._replace(letter=described), body, None, at, soon)
        if isinstance(made, Command) and topic.startswith("commands"):
            [document] = await self.documents.read([ledger.key(made.id)], soon)
            write = ledger.dead_lettered(document, made, at)
            await self.documents.commit([write] if write else [], soon)
        return new.id

    async def record(self, id_: str) -> Letter:
        [document] = await self.documents.read([letters.key(id_)], plenty())
        assert document is not None
        return letters.CODEC.decode(document)

    async def status(self, id_: str = "c-1") -> CommandStatus | None:
        """What the ledger says of a command."""
        [document] = await self.documents.read([ledger.key(id_)], plenty())
        return ledger.read(document).status if document is not None else None

    async def settle(self, who: str, what: str, *ids: str, **body: Any) -> Reply:
        """Somebody redrives or discards letters."""
        chosen = {"letters": list(ids)} if ids else {}
        return await self.call(who, "POST", f"/v1/dead-letters/{what}", {"why": "case 7", **chosen, **body})

    async def finish(self, now: datetime | None = None, limit: int = 100) -> tuple[int, int]:
        """What scheduled work does."""
        when = now or self.now
        done = await resend_due(self.documents, self.publisher, now=when, limit=limit, deadline=plenty())
        return done.taken, done.done

    async def acts(self, action: str) -> list[tuple[str, str, list[str]]]:
        """Who did that, how it ended, and to which letters."""
        entries = [entry for entry in await self.audit() if entry["action"] == f"dead_letters.{action}"]
        return [(entry["actor"][:3], entry["outcome"], entry.get("targets", [])) for entry in entries]
