"""The files by which a local stack tells other commands its addresses and its key, in its state directory.

`stack.json` holds `front` (a URL), `functions` and `stand_ins` (a URL by name); `front_key.pem` an RSA key.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.errors import NotFound

ANNOUNCEMENT = "stack.json"
KEY = "front_key.pem"


def announce(state: Path, stack: Mapping[str, Any]) -> None:
    """Write `stack`, the addresses of the running stack."""
    (state / ANNOUNCEMENT).write_text(json.dumps(stack, indent=2) + "\n", "utf-8")


def announced(state: Path) -> dict[str, Any]:
    """The addresses of the stack that runs, or ran last, in `state`; raises `NotFound` if none did."""
    try:
        stack: dict[str, Any] = json.loads((state / ANNOUNCEMENT).read_text("utf-8"))
    except FileNotFoundError:
        raise no_stack(state) from None
    return stack


def no_stack(state: Path) -> NotFound:
    """The error where no stack has run."""
    return NotFound(f"no stack has run in {state}: start one with `python -m local up`")
