"""Dead letters over HTTP, for the people on call: find them, look at one, put it right, send it again or give it up."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from shared.audit.log import AuditLog
from shared.dead_letters.letter import Action, Status
from shared.dead_letters.search import Filter, grouped
from shared.dead_letters.store import MAX_SCANNED, Found, LetterStore
from shared.errors import Invalid, Problem
from shared.http.api import ApiResponse, Handler
from shared.privacy import Pseudonymiser
from shared.storage.documents import Documents
from shared.times import parse_time

from .access import OperatorRequest, deed
from .dead_letter_batch import Batch, candidates
from .dead_letter_edit import after_edit, editing, rewritten
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
        found, page = await self._chosen(request)
        await self._note(request, found)
        return ApiResponse({"letters": [summary(each) for each in found], **page})

    async def groups(self, request: OperatorRequest) -> ApiResponse:
        """How many letters there are of each type and reason, among those that one look goes through."""
        found, page = await self._chosen(request, MAX_SCANNED)
        await self._note(request, ())
        return ApiResponse({"groups": grouped((each.id, each.letter) for each in found), **page})

    async def show(self, request: OperatorRequest) -> ApiResponse:
        """One letter, and what is wrong about it now."""
        found = await self._one(request)
        [original] = bodies = await self._store.bodies([found], request.deadline, as_it_came=True)
        if found.letter.edited:
            bodies = await self._store.bodies([found], request.deadline)
        return ApiResponse(detail(found, bodies[0], original), (found.id,), _clients([found]))

    async def reveal(self, request: OperatorRequest) -> ApiResponse:
        """The body as it came, for whoever says why."""
        found = await self._one(request)
        [body] = await self._store.bodies([found], request.deadline, as_it_came=True)
        await self._note(request, [found])
        return ApiResponse(raw_body(found, body))

    async def edit(self, request: OperatorRequest) -> ApiResponse:
        """Have something else sent than what came, where its schema allows that; a dry run only says whether."""
        found = await self._one(request)
        [before] = await self._store.bodies([found], request.deadline)
        body = rewritten(before, request.body)
        letter = after_edit(found.letter, body, request.tokens)
        if request.body.get("dry_run", False):
            await self._note(request, [found])
        else:
            await self.audit.record(editing(deed(request, request.body["why"]), found, letter, body), request.deadline)
        return ApiResponse(detail(Found(found.id, letter, found.document), body, before))

    async def redrive(self, request: OperatorRequest) -> ApiResponse:
        """Send letters again, so many a minute."""
        return await self._settle(request, Action.REDRIVE)

    async def discard(self, request: OperatorRequest) -> ApiResponse:
        """Give letters up."""
        return await self._settle(request, Action.DISCARD)

    async def _settle(self, request: OperatorRequest, action: Action) -> ApiResponse:
        found, page = await self._chosen(request)
        start, per_minute = _start(request), request.body.get("per_minute", PER_MINUTE)
        known = await candidates(self._store, found, action, request.deadline)
        batch = Batch(action, deed(request, request.body["why"]), known, start, per_minute)
        if request.body.get("dry_run", False) or not known:
            await self._note(request, found)
            keys = batch.keys()
            held = await self.documents.read(keys, request.deadline)
            results = batch.fold(dict(zip(keys, held, strict=True))).result
        else:
            results = await self.audit.record(batch.act(), request.deadline)
        behind = start + timedelta(minutes=1) * len(known) / per_minute
        return ApiResponse({"results": [each._asdict() for each in results], "not_before": behind, **page})

    @property
    def _store(self) -> LetterStore:
        return LetterStore(self.documents)

    async def _one(self, request: OperatorRequest) -> Found:
        [found] = await self._store.find([request.path["letter"]], request.deadline)
        return found

    async def _chosen(self, request: OperatorRequest, limit: int = _PAGE) -> tuple[Sequence[Found], dict[str, Any]]:
        """The letters that are named, or those of one look that fit; and where that look went on to."""
        body = request.body
        if "letters" in body:
            found = await self._store.find(list(dict.fromkeys(body["letters"])), request.deadline)
            return found, {"looked": len(found), "next": "", "unreadable": []}
        wanted = _filter(body.get("filter", {}), request.tokens)
        page = await self._store.look(wanted, body.get("after", ""), body.get("limit", limit), request.deadline)
        return page.found, {"looked": page.looked, "next": page.after, "unreadable": page.unreadable}

    async def _note(self, request: OperatorRequest, found: Sequence[Found]) -> None:
        """Put on record that these were looked at, before they are shown."""
        context = deed(request, request.body.get("why", ""))
        await self.audit.note(context, tuple(each.id for each in found), _clients(found), request.deadline)


def _filter(given: Mapping[str, Any], tokens: Pseudonymiser) -> Filter:
    """What is asked for; a client's id becomes its token here, and is known nowhere behind."""
    client, status = given.get("client", ""), given.get("status", Status.WAITING)
    if client and _TOKEN.fullmatch(client) is None:
        client = tokens.client(client)
    return Filter(
        status=None if status == "any" else Status(status),
        type=given.get("type", ""),
        reason=given.get("reason", ""),
        client=client,
        since=_time("/filter/since", given["since"]) if "since" in given else None,
        until=_time("/filter/until", given["until"]) if "until" in given else None,
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


def _clients(found: Sequence[Found]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.letter.client for each in found if each.letter.client))
