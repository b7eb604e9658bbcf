"""`create_ticket`: at most one ticket for a command, although Jira has no way to ask for that.

After a try of unknown end the settling time is waited out, longer than Jira's search lags; then the oldest ticket that
carries the command's id is adopted, and where there is none, one is made.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from urllib.parse import quote

import msgspec

from shared.commands.command import Command
from shared.commands.outcome import CommandOutcome
from shared.composition.ports import Ports
from shared.deadline import Deadline
from shared.errors import Misconfigured
from shared.http.credentials import Credential, basic
from shared.http.service_client import ServiceClient
from shared.privacy import Pseudonymiser
from shared.runtime.settings import Environment, seconds, version
from shared.runtime.token_key import TokenKeyCache
from shared.trace import Trace

from ..config_files import configuration
from ..jira import Jira
from ..tickets import Kind, Ticket, Tickets, kind_of, kinds
from .registry import Handler

SECRET = "jira-token"  # noqa: S105 - the secret's name
"""`e-mail:API token` of the account that tickets are made by."""

_SETTLING = 300.0  # seconds; Jira's search has been seen to lag minutes


class CreateTicket(msgspec.Struct, frozen=True):
    """The handler. `link` has `{review}` in it, or is empty."""

    tickets: Tickets
    kinds: Mapping[str, Kind]
    tokens: Callable[[], Awaitable[Pseudonymiser]]
    link: str
    settling_time: timedelta

    async def perform(self, command: Command, *, uncertain: bool, trace: Trace, deadline: Deadline) -> CommandOutcome:
        """See `functions.command_dispatch.handlers.registry`."""
        ticket = await self._ticket(command)
        if uncertain:
            made = await self.tickets.made_for(command.id, deadline)
            if made:
                return CommandOutcome.done({"ticket": made[0], "found": str(len(made))})
        return CommandOutcome.done({"ticket": await self.tickets.create(ticket, deadline)})

    async def _ticket(self, command: Command) -> Ticket:
        payload = command.payload
        review = payload.get("review", "")
        return Ticket(
            command_id=command.id,
            kind=kind_of(payload["kind"], self.kinds),
            summary=payload["summary"],
            priority=payload.get("priority", "normal"),
            client=await self._client(payload.get("client_id", "")),
            review=review,
            link=self.link.replace("{review}", quote(review, safe="")) if review else "",
            reasons=payload.get("reasons", ()),
            details=[(detail["name"], detail["value"]) for detail in payload.get("details", ())],
        )

    async def _client(self, client_id: str) -> str:
        """The token of a client, named by id or token; without the key there is no ticket, for it would name the client
        or nobody.
        """
        return (await self.tokens()).token_or_id("client", client_id) if client_id else ""


def build(ports: Ports, environ: Mapping[str, str]) -> Handler:
    """The handler that `environ` asks for; raises `Misconfigured`, saying what to set."""
    address = environ.get("SLACKER_JIRA", "")
    if not address:
        raise Misconfigured("set SLACKER_JIRA to the address of Jira: https://NAME.atlassian.net")
    link = environ.get("SLACKER_REVIEW_LINK", "")
    if "{review}" not in link and (link or ports.settings.environment is Environment.PRODUCTION):
        raise Misconfigured("set SLACKER_REVIEW_LINK to where a review is seen: https://…/{review}")
    credential = Credential(ports.secrets, SECRET, version(environ, "SLACKER_JIRA_TOKEN_VERSION"), basic)
    return CreateTicket(
        tickets=Jira(ServiceClient("Jira", address, credential, clock=ports.clock)),
        kinds=kinds(configuration("ticket_kinds")),
        tokens=TokenKeyCache(ports.tokens, ports.clock).required,
        link=link,
        settling_time=timedelta(seconds=seconds(environ, "SLACKER_JIRA_SETTLING", _SETTLING)),
    )
