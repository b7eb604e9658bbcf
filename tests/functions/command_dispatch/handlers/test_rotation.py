"""The credentials of downstreams are versions of secrets: which one is shown is configuration."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from functions.command_dispatch.handlers import create_ticket, resolve_transaction
from functions.command_dispatch.handlers.create_ticket import CreateTicket
from functions.command_dispatch.jira import Jira
from local.stand_ins import jira as stand_in_jira
from local.stand_ins.json_store import JsonStore
from local.stand_ins.server import StandIn
from shared.commands.outcome import CommandOutcome
from shared.composition.ports import open_ports
from shared.embedded.file_secrets import FileSecrets
from shared.errors import Misconfigured
from shared.http.credentials import basic
from tests.functions.command_dispatch.handlers.standing import command, once
from tests.support.deadlines import plenty

TICKET = command("create_ticket", {"kind": "operations", "summary": "Look"})
OLD, NEW = b"us@bank.example:old", b"us@bank.example:new"


async def keep(state: Path) -> None:
    secrets = FileSecrets(state / "secrets.json")
    for version, payload in ((1, OLD), (2, NEW)):
        await secrets.ensure(create_ticket.SECRET, version, partial(bytes, payload), plenty())


@asynccontextmanager
async def built(environ: Mapping[str, str]) -> AsyncIterator[CreateTicket]:
    """The handler of an instance that is started with `environ`."""
    ports = open_ports({"SLACKER_ENVIRONMENT": "local", "SLACKER_BACKEND": "memory", **environ})
    handler = create_ticket.build(ports, environ)
    assert isinstance(handler, CreateTicket)
    assert isinstance(handler.tickets, Jira)
    try:
        yield handler
    finally:
        await handler.tickets.close()
        await ports.close()


async def test_a_new_version_is_a_setting_and_the_old_one_is_refused_once_it_is_revoked(tmp_path: Path) -> None:
    await keep(tmp_path)
    async with StandIn(stand_in_jira.Jira(JsonStore()), {basic(OLD)}) as jira:
        environ = {"SLACKER_STATE": str(tmp_path), "SLACKER_JIRA": jira.url}
        async with built(environ) as with_old, built({**environ, "SLACKER_JIRA_TOKEN_VERSION": "2"}) as with_new:
            assert await once(with_old, TICKET) == CommandOutcome.done({"ticket": "OPS-1"})
            jira.accepted = {basic(OLD), basic(NEW)}  # while instances of both are there
            assert await once(with_new, TICKET) == CommandOutcome.done({"ticket": "OPS-2"})
            jira.accepted = {basic(NEW)}
            with pytest.raises(Misconfigured, match="401"):
                await once(with_old, TICKET)
            assert await once(with_new, TICKET) == CommandOutcome.done({"ticket": "OPS-3"})


async def test_a_version_that_does_not_exist_is_told_by_its_number(tmp_path: Path) -> None:
    await keep(tmp_path)
    environ = {
        "SLACKER_STATE": str(tmp_path),
        "SLACKER_JIRA": "https://jira.example",
        "SLACKER_JIRA_TOKEN_VERSION": "3",
    }
    async with built(environ) as handler:
        with pytest.raises(Misconfigured, match="version 3 of the secret jira-token"):
            await once(handler, TICKET)


@pytest.mark.parametrize(
    ("module", "environ", "expected"),
    [
        (create_ticket, {}, "SLACKER_JIRA "),
        (create_ticket, {"SLACKER_JIRA": "http://jira.example"}, "https"),
        (create_ticket, {"SLACKER_JIRA": "https://j.example", "SLACKER_JIRA_TOKEN_VERSION": "x"}, "TOKEN_VERSION"),
        (create_ticket, {"SLACKER_JIRA": "https://j.example", "SLACKER_JIRA_SETTLING": "0"}, "SLACKER_JIRA_SETTLING"),
        (create_ticket, {"SLACKER_JIRA": "https://j.example", "SLACKER_REVIEW_LINK": "https://c"}, "REVIEW_LINK"),
        (resolve_transaction, {}, "SLACKER_TRANSACTIONS "),
    ],
)
def test_what_is_not_set_or_set_wrongly_is_told(module: object, environ: dict[str, str], expected: str) -> None:
    ports = open_ports({"SLACKER_ENVIRONMENT": "local", "SLACKER_BACKEND": "memory"})
    with pytest.raises(Misconfigured, match=expected):
        module.build(ports, environ)  # type: ignore[attr-defined] # a module of either


def test_in_production_a_ticket_has_a_link_to_its_review() -> None:
    ports = open_ports({"GOOGLE_CLOUD_PROJECT": "bank"})
    with pytest.raises(Misconfigured, match="SLACKER_REVIEW_LINK"):
        create_ticket.build(ports, {"SLACKER_JIRA": "https://jira.example"})
