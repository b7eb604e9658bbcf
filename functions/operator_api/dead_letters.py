"""Dead letters over HTTP, for the people on call: find them, look at one, put it right, send it again or give it up."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from shared.audit.log import AuditLog
from shared.dead_letters.letter import Action, Status
from shared.dead_letters.resolution import edited
from shared.dead_letters.search import Filter, grouped
from shared.dead_letters.store import MAX_SCANNED, LetterStore, StoredLetter
from shared.errors import Invalid, Problem
from shared.http.api import ApiResponse, Handler
from shared.privacy import Pseudonymiser
from shared.storage.documents import Documents
from shared.times import parse_time

from .access import OperatorRequest, audit_context
from .dead_letter_batch import Batch, candidates
from .dead_letter_edit import editing, rewritten
from .dead_letter_views import detail, raw_body, summary

PER_MINUTE = 600
"""Letters a minute, where nobody says how many."""

LONGEST_PLAN = timedelta(days=1)
"""How far ahead a redrive is spread."""

_PAGE = 50  # letters, where nobody says how many
_TOKEN = re.compile(r"t\d+_[0-9a-f]{32}")


class DeadLetterHandlers(msgspec.Struct, frozen=True):
    """The handlers over one store."""

    documents: Documents
    audit: AuditLog

    def handlers(self) -> dict[str, Handler[str]]:
        """By operation id. Looking through letters is a POST, so that no client's id stands in an address."""
        return {
            "dead_letters.list": self.search,
            "dead_letters.group": self.groups,
            "dead_letters.redrive": self.redrive,
            "dead_letters.discard": self.discard,
            "dead_letters.read": self.show,
            "dead_letters.reveal": self.reveal,
            "dead_letters.edit": self.edit,
        }

    async def search(self, request: OperatorRequest) -> ApiResponse:
        """Letters that fit, the oldest first."""
        letters, page = await self._chosen(request)
        await self._note(request, letters)
        return ApiResponse({"letters": [summary(stored) for stored in letters], **page})

    async def groups(self, request: OperatorRequest) -> ApiResponse:
        """How many letters there are of each type and reason, among those that one look goes through."""
        letters, page = await self._chosen(request, MAX_SCANNED)
        await self._note(request, ())
        return ApiResponse({"groups": grouped((stored.id, stored.letter) for stored in letters), **page})

    async def show(self, request: OperatorRequest) -> ApiResponse:
        """One letter, and what is wrong about it now."""
        stored = await self._letter(request)
        to_send, original = await self._bodies(stored, request)
        return ApiResponse(detail(stored, to_send, original), (stored.id,), _clients([stored]))

    async def reveal(self, request: OperatorRequest) -> ApiResponse:
        """The body as it came, for whoever says why."""
        stored = await self._letter(request)
        [body] = await self._store.bodies([stored], request.deadline, as_it_came=True)
        await self._note(request, [stored])
        return ApiResponse(raw_body(stored, body))

    async def edit(self, request: OperatorRequest) -> ApiResponse:
        """Have something else sent than what came, where its schema allows that; a dry run only says whether."""
        stored = await self._letter(request)
        to_send, original = await self._bodies(stored, request)
        body = rewritten(to_send, request.body)
        letter = edited(stored.letter, original, body)
        if request.body.get("dry_run", False):
            await self._note(request, [stored])
        else:
            await self.audit.record(
                editing(audit_context(request, request.body["why"]), stored, letter, body), request.deadline
            )
        return ApiResponse(detail(StoredLetter(stored.id, letter, stored.document), body, original))

    async def redrive(self, request: OperatorRequest) -> ApiResponse:
        """Send letters again, so many a minute."""
        return await self._settle(request, Action.REDRIVE)

    async def discard(self, request: OperatorRequest) -> ApiResponse:
        """Give letters up."""
        return await self._settle(request, Action.DISCARD)

    async def _settle(self, request: OperatorRequest, action: Action) -> ApiResponse:
        letters, page = await self._chosen(request)
        start, per_minute = _start(request), request.body.get("per_minute", PER_MINUTE)
        to_settle = await candidates(self._store, letters, action, request.deadline)
        batch = Batch(action, audit_context(request, request.body["why"]), to_settle, start, per_minute)
        if request.body.get("dry_run", False) or not to_settle:
            await self._note(request, letters)
            keys = batch.keys()
            documents = await self.documents.read(keys, request.deadline)
            results = batch.fold(dict(zip(keys, documents, strict=True))).result
        else:
            results = await self.audit.record(batch.act(), request.deadline)
        next_start = start + timedelta(minutes=1) * len(to_settle) / per_minute
        return ApiResponse({"results": [result._asdict() for result in results], "not_before": next_start, **page})

    @property
    def _store(self) -> LetterStore:
        return LetterStore(self.documents)

    async def _letter(self, request: OperatorRequest) -> StoredLetter:
        [stored] = await self._store.find([request.path["letter"]], request.deadline)
        return stored

    async def _bodies(self, stored: StoredLetter, request: OperatorRequest) -> tuple[bytes, bytes]:
        """What is to be sent of a letter, and what came."""
        [original] = await self._store.bodies([stored], request.deadline, as_it_came=True)
        if not stored.letter.edited:
            return original, original
        [to_send] = await self._store.bodies([stored], request.deadline)
        return to_send, original

    async def _chosen(
        self, request: OperatorRequest, limit: int = _PAGE
    ) -> tuple[Sequence[StoredLetter], dict[str, Any]]:
        """The letters that are named, or a page of those that match; and the response's fields about the page."""
        body = request.body
        if "letters" in body:
            letters = await self._store.find(list(dict.fromkeys(body["letters"])), request.deadline)
            return letters, {"looked": len(letters), "next": "", "unreadable": []}
        letter_filter = _filter(body.get("filter", {}), request.tokens)
        page = await self._store.search(
            letter_filter, body.get("after", ""), body.get("limit", limit), request.deadline
        )
        return page.letters, {"looked": page.scanned, "next": page.after, "unreadable": page.unreadable}

    async def _note(self, request: OperatorRequest, letters: Sequence[StoredLetter]) -> None:
        """Put on record that these were looked at, before they are shown."""
        context = audit_context(request, request.body.get("why", ""))
        await self.audit.note(context, tuple(stored.id for stored in letters), _clients(letters), request.deadline)


def _filter(criteria: Mapping[str, Any], tokens: Pseudonymiser) -> Filter:
    """The filter in a body; a client's id becomes its token here, so that nothing below sees the id."""
    client, status = criteria.get("client", ""), criteria.get("status", Status.WAITING)
    if client and _TOKEN.fullmatch(client) is None:
        client = tokens.client(client)
    return Filter(
        status=None if status == "any" else Status(status),
        type=criteria.get("type", ""),
        reason=criteria.get("reason", ""),
        client=client,
        since=_time("/filter/since", criteria["since"]) if "since" in criteria else None,
        until=_time("/filter/until", criteria["until"]) if "until" in criteria else None,
    )


def _start(request: OperatorRequest) -> datetime:
    """When the first letter is to be sent: where the page before ended, or now."""
    if "not_before" not in request.body:
        return request.now
    start = _time("/not_before", request.body["not_before"])
    if start > request.now + LONGEST_PLAN:
        raise Invalid(Problem("/not_before", "a time within a day expected"))
    return max(start, request.now)


def _time(field: str, text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError as error:
        raise Invalid(Problem(field, "a time that can be told expected")) from error


def _clients(letters: Sequence[StoredLetter]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stored.letter.client for stored in letters if stored.letter.client))
