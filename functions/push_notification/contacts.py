"""Where a client's telephone number is asked for, at the moment it is needed; nobody here keeps it."""

import re
from urllib.parse import quote

from shared.deadline import Deadline
from shared.errors import Misconfigured
from shared.http.service_client import ServiceClient

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164


class Contacts:
    """The bank's contacts service: `GET /v1/clients/{client}/contacts`, `{"mobile": "+…"}`, 404 for an unknown one."""

    def __init__(self, downstream: ServiceClient) -> None:
        self._downstream = downstream

    async def mobile(self, client: str, deadline: Deadline) -> str | None:
        """The client's number as of now, or `None` where there is none to write to.

        Raises what a call that changes nothing raises, so nothing was sent when it fails.
        """
        answer = await self._downstream.request("GET", f"/v1/clients/{quote(client, safe='')}/contacts", deadline)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise Misconfigured(f"the contacts service answered with status {answer.status}")
        number = answer.body.get("mobile")
        return number if isinstance(number, str) and _NUMBER.fullmatch(number) else None

    async def close(self) -> None:
        """Close the connections."""
        await self._downstream.close()
