"""The stack's own store and secrets as its functions see them, with what ships published in it."""

from datetime import UTC, datetime
from typing import Any

from local.stack.process import ROOT
from shared.catalogue.bootstrap import publish_bundled
from shared.catalogue.bundled import bundled
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS, RULE_SETS
from shared.composition.ports import Ports
from shared.deadline import Deadline
from shared.risk.features.schema import features
from shared.risk.rules.rule_set import RuleSet, parse_rule_set

WITHIN = 30.0
"""Seconds for one call to the store."""

_BUNDLED = ((OPERATIONS, ROOT / "functions/advice/operations"), (RULE_SETS, ROOT / "functions/risk_decision/rule_sets"))


async def publish(store: Ports, **changes: Any) -> None:
    """Publish the operations, with `changes` to each, and the rule sets that ship, where none are published."""
    for collection, folder in _BUNDLED:
        changed = changes if collection == OPERATIONS else {}
        contents = {name: {**load(), **changed} for name, load in bundled(folder).items()}
        catalogue = Catalogue(store.documents, collection)
        await publish_bundled(catalogue, contents, now=datetime.now(UTC), deadline=Deadline.after(WITHIN))


async def active_rules(store: Ports, name: str) -> RuleSet:
    """The rule set of that name that decides now; raises `NotFound` if none is published."""
    catalogue = Catalogue(store.documents, RULE_SETS)
    active = await catalogue.active(name, Deadline.after(WITHIN))
    version = await catalogue.version(name, active.active if active else 0, Deadline.after(WITHIN))
    return parse_rule_set(version.content, features())
