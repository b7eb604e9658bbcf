"""What a command works with: the store that the environment names, the time, and who runs it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from shared.catalogue.catalogue import Catalogue
from shared.composition.ports import open_ports
from shared.deadline import Deadline
from shared.runtime.settings import AdapterSet, Settings, settings
from shared.storage.documents import Documents

if TYPE_CHECKING:
    from cli.operator_client import OperatorClient
    from shared.gcp.account import Account
    from shared.gcp.cloud_logging import CloudLogging

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds a person waits for the store at most."""

acting = click.option(
    "--as", "named", metavar="NAME", envvar="SLACKER_USER", help="Who you are, where no Google account says so."
)
dry_run = click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")


def _wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """One command's surroundings. `environment` holds the settings that functions have too, `userinfo` another address
    than Google's for who is signed in.
    """

    environment: Mapping[str, str]
    now: Callable[[], datetime] = field(default=_wall_clock)
    userinfo: str = ""

    @property
    def settings(self) -> Settings:
        """Which backend, and where. Raises `Misconfigured`."""
        return settings(self.environment)

    @property
    def on_google_cloud(self) -> bool:
        """Whether the store is Google's own rather than one of this machine."""
        configured = self.settings
        return configured.adapters is AdapterSet.GCP and not configured.firestore_emulator

    def run(self, work: Callable[[Documents, Deadline], Awaitable[T]]) -> T:
        """Do `work` on the documents store, within `PATIENCE`."""

        async def working() -> T:
            opened = open_ports(self.environment)
            try:
                return await work(opened.documents, Deadline.after(PATIENCE))
            finally:
                await opened.close()

        return asyncio.run(working())

    def in_catalogue(self, collection: str, work: Callable[[Catalogue, Deadline], Awaitable[T]]) -> T:
        """Do `work` on the versions of a collection."""
        return self.run(lambda documents, deadline: work(Catalogue(documents, collection), deadline))

    def person(self, named: str | None) -> str:
        """Who acts: the signed-in Google account on Google Cloud, else `named`. Raises click's `UsageError`."""
        if self.on_google_cloud:
            if named:
                raise click.UsageError(
                    "on Google Cloud you are who you are signed in as: leave out --as and SLACKER_USER"
                )
            return self.account().email(Deadline.after(PATIENCE))
        if not named:
            raise click.UsageError("say who you are: --as NAME, or SLACKER_USER in the environment")
        return named

    def operators(self, named: str | None) -> "OperatorClient":
        """The operators' API, called as whoever is signed in, or as `named` on one machine."""
        from cli.operator_endpoint import operator_client  # noqa: PLC0415 - only where it is needed

        return operator_client(self, named)

    def cloud_logging(self) -> "CloudLogging":
        """The log entries of the project, read as the signed-in Google account."""
        from shared.gcp.cloud_logging import CloudLogging  # noqa: PLC0415 - only where it is needed

        return CloudLogging(self.settings.project, self.account().token)

    def account(self) -> "Account":
        """The signed-in Google account."""
        from shared.gcp.account import USERINFO, Account  # noqa: PLC0415 - Google's libraries take a third of a second

        return Account(self.userinfo or USERINFO)
