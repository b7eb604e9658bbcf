"""Dead letters over HTTP, for the people on call: find them, look at one, put it right, send it again or give it up."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from shared.audit.log import AuditLog
from shared.dead_letters.filtering import Filter, grouped
from shared.dead_letters.letter import Action, Status
from shared.dead_letters.store import LOOKED_AT, Found, LetterStore
from shared.documents import Documents
from shared.errors import Invalid, Problem
from shared.privacy import Tokens

from .dead_letter_batch import Batch, candidates
from .dead_letter_edit import after_edit, editing, rewritten
from .dead_letter_views import detail, raw_body, summary
from .roles import Role
from .route import Asked, Route, Shown

PER_MINUTE = 600
"""Letters a minute, where nobody says how many."""

LONGEST_PLAN = timedelta(days=1)
"""How far ahead a redrive is spread."""

_PAGE = 50  # letters, where nobody says how many
_ON_CALL = frozenset({Role.ON_CALL})
_TOKEN = re.compile(r"t\d+_[0-9a-f]{32}")


class DeadLetterRoutes(msgspec.Struct, frozen=True):
    """The routes over one store."""

    documents: Documents
    audit: AuditLog

    def routes(self) -> tuple[Route, ...]:
        """See `Route`. Looking through letters is a POST, so that no client's id stands in an address."""
        return (
            Route("POST", "/v1/dead-letters/search", _ON_CALL, "dead_letters.list", self.search),
            Route("POST", "/v1/dead-letters/groups", _ON_CALL, "dead_letters.group", self.groups),
            Route("POST", "/v1/dead-letters/redrive", _ON_CALL, "dead_letters.redrive", self.redrive),
            Route("POST", "/v1/dead-letters/discard", _ON_CALL, "dead_letters.discard", self.discard),
            Route("GET", "/v1/dead-letters/{letter}", _ON_CALL, "dead_letters.read", self.show),
            Route("POST", "/v1/dead-letters/{letter}/reveal", _ON_CALL, "dead_letters.reveal", self.reveal),
            Route("POST", "/v1/dead-letters/{letter}/edit", _ON_CALL, "dead_letters.edit", self.edit),
        )

    async def search(self, asked: Asked) -> Shown:
        """Letters that fit, the oldest first."""
        found, page = await self._chosen(asked)
        await self._note(asked, found)
        return Shown({"letters": [summary(each) for each in found], **page})

    async def groups(self, asked: Asked) -> Shown:
        """How many letters there are of each type and reason, among those that one look goes through."""
        found, page = await self._chosen(asked, LOOKED_AT)
        await self._note(asked, ())
        return Shown({"groups": grouped((each.id, each.letter) for each in found), **page})

    async def show(self, asked: Asked) -> Shown:
        """One letter, and what is wrong about it now."""
        found = await self._one(asked)
        [original] = bodies = await self._store.bodies([found], asked.deadline, as_it_came=True)
        if found.letter.edited:
            bodies = await self._store.bodies([found], asked.deadline)
        return Shown(detail(found, bodies[0], original), (found.id,), _clients([found]))

    async def reveal(self, asked: Asked) -> Shown:
        """The body as it came, for whoever says why."""
        found = await self._one(asked)
        [body] = await self._store.bodies([found], asked.deadline, as_it_came=True)
        await self._note(asked, [found])
        return Shown(raw_body(found, body))

    async def edit(self, asked: Asked) -> Shown:
        """Have something else sent than what came, where its schema allows that; a dry run only says whether."""
        found = await self._one(asked)
        [before] = await self._store.bodies([found], asked.deadline)
        body = rewritten(before, asked.body)
        letter = after_edit(found.letter, body, asked.tokens)
        if asked.body.get("dry_run", False):
            await self._note(asked, [found])
        else:
            await self.audit.record(editing(asked.deed(asked.body["why"]), found, letter, body), asked.deadline)
        return Shown(detail(Found(found.id, letter, found.document), body, before))

    async def redrive(self, asked: Asked) -> Shown:
        """Send letters again, so many a minute."""
        return await self._settle(asked, Action.REDRIVE)

    async def discard(self, asked: Asked) -> Shown:
        """Give letters up."""
        return await self._settle(asked, Action.DISCARD)

    async def _settle(self, asked: Asked, action: Action) -> Shown:
        found, page = await self._chosen(asked)
        start, per_minute = _start(asked), asked.body.get("per_minute", PER_MINUTE)
        known = await candidates(self._store, found, action, asked.deadline)
        batch = Batch(action, asked.deed(asked.body["why"]), known, start, per_minute)
        if asked.body.get("dry_run", False) or not known:
            await self._note(asked, found)
            keys = batch.keys()
            held = await self.documents.read(keys, asked.deadline)
            results = batch.fold(dict(zip(keys, held, strict=True))).result
        else:
            results = await self.audit.record(batch.act(), asked.deadline)
        behind = start + timedelta(minutes=1) * len(known) / per_minute
        return Shown({"results": [each._asdict() for each in results], "not_before": behind, **page})

    @property
    def _store(self) -> LetterStore:
        return LetterStore(self.documents)

    async def _one(self, asked: Asked) -> Found:
        [found] = await self._store.find([asked.path["letter"]], asked.deadline)
        return found

    async def _chosen(self, asked: Asked, limit: int = _PAGE) -> tuple[Sequence[Found], dict[str, Any]]:
        """The letters that are named, or those of one look that fit; and where that look went on to."""
        body = asked.body
        if "letters" in body:
            found = await self._store.find(list(dict.fromkeys(body["letters"])), asked.deadline)
            return found, {"looked": len(found), "next": "", "unreadable": []}
        wanted = _filter(body.get("filter", {}), asked.tokens)
        page = await self._store.look(wanted, body.get("after", ""), body.get("limit", limit), asked.deadline)
        return page.found, {"looked": page.looked, "next": page.after, "unreadable": page.unreadable}

    async def _note(self, asked: Asked, found: Sequence[Found]) -> None:
        """Put on record that these were looked at, before they are shown."""
        deed = asked.deed(asked.body.get("why", ""))
        await self.audit.note(deed, tuple(each.id for each in found), _clients(found), asked.deadline)


def _filter(given: Mapping[str, Any], tokens: Tokens) -> Filter:
    """What is asked for; a client's id becomes its token here, and is known nowhere behind."""
    client, status = given.get("client", ""), given.get("status", Status.WAITING)
    if client and _TOKEN.fullmatch(client) is None:
        client = tokens.token("client", client)
    return Filter(
        status=None if status == "any" else Status(status),
        type=given.get("type", ""),
        reason=given.get("reason", ""),
        client=client,
        since=_time("/filter/since", given["since"]) if "since" in given else None,
        until=_time("/filter/until", given["until"]) if "until" in given else None,
    )


def _start(asked: Asked) -> datetime:
    """When the first letter is to be sent: where the page before ended, or now."""
    if "not_before" not in asked.body:
        return asked.now
    start = _time("/not_before", asked.body["not_before"])
    if start > asked.now + LONGEST_PLAN:
        raise Invalid(Problem("/not_before", "a time within a day expected"))
    return max(start, asked.now)


def _time(field: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(Problem(field, "a time that can be told expected")) from error


def _clients(found: Sequence[Found]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.letter.client for each in found if each.letter.client))
