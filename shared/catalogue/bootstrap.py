"""An empty store is given the versions deployed with the code, so that what runs is always on record as a version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import content_hash
from shared.deadline import Deadline

PROPOSER = "bundled"
APPROVER = "bootstrap"


class Seeded(msgspec.Struct, frozen=True):
    """What was done (or would be, in a dry run) about one name, and why."""

    name: str
    version: int
    changed: bool
    reason: str


async def publish_bundled(
    catalogue: Catalogue,
    contents: Mapping[str, Mapping[str, Any]],
    *,
    now: datetime,
    deadline: Deadline,
    dry_run: bool = False,
) -> list[Seeded]:
    """Publish each of `contents` that is not active yet; a name where a person was last to propose or to roll back is
    theirs.
    """
    seeded = []
    for name, content in sorted(contents.items()):
        plan = await _plan(catalogue, name, content, deadline)
        if plan.changed and not dry_run:
            proposed = await catalogue.propose(
                name, content, by=PROPOSER, now=now, note="deployed with the code", deadline=deadline
            )
            number = proposed.version.version
            await catalogue.approve(name, number, by=APPROVER, now=now, deadline=deadline)
            plan = Seeded(name, number, changed=True, reason=plan.reason)
        seeded.append(plan)
    return seeded


async def _plan(catalogue: Catalogue, name: str, content: Mapping[str, Any], deadline: Deadline) -> Seeded:
    active = await catalogue.active(name, deadline)
    if active is None:
        newest = await catalogue.newest(name, deadline)
        if newest is not None and newest.proposed_by != PROPOSER:
            reason = f"proposed by {newest.proposed_by}, not approved yet"
            return Seeded(name, newest.version, changed=False, reason=reason)
        return Seeded(name, 1, changed=True, reason="nothing is published")
    if active.by != APPROVER:
        return Seeded(name, active.active, changed=False, reason=f"published by {active.by}")
    version = await catalogue.version(name, active.active, deadline)
    if version.content_hash == content_hash(content):
        return Seeded(name, active.active, changed=False, reason="published already")
    return Seeded(name, active.active + 1, changed=True, reason=f"the code brings another content than {version.label}")
