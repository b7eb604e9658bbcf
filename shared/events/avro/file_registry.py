"""Schemas in files of one folder, `{number}.avsc`: a registry for one machine, or one copied into a deployment."""

from pathlib import Path
from typing import Any

import msgspec

from shared.deadline import Deadline
from shared.errors import Unavailable, UnknownSchema
from shared.json_value import NO_JSON


class FileRegistry:
    """The registry in `folder`. Small files are read on the loop: a thread would take longer to start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def schema(self, number: int, deadline: Deadline) -> Any:  # noqa: ARG002 - the port's
        """The schema's JSON, parsed."""
        try:
            return msgspec.json.decode((self._folder / f"{number}.avsc").read_bytes())
        except FileNotFoundError as error:
            raise UnknownSchema(f"schema {number} is not in the folder of schemas") from error
        except (OSError, *NO_JSON) as error:
            raise Unavailable(f"the file of schema {number} cannot be read: {type(error).__name__}") from error

    async def close(self) -> None:
        """Nothing is open."""
