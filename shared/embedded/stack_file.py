"""What a stack on this machine leaves in its state directory for other commands: where it runs, and its key.

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
    """Tell other commands where the running stack is."""
    (state / ANNOUNCEMENT).write_text(json.dumps(stack, indent=2) + "\n", "utf-8")


def announced(state: Path) -> dict[str, Any]:
    """What the stack that runs (or ran last) in `state` announced; raises `NotFound` if none did."""
    try:
        stack: dict[str, Any] = json.loads((state / ANNOUNCEMENT).read_text("utf-8"))
    except FileNotFoundError:
        raise no_stack(state) from None
    return stack


def no_stack(state: Path) -> NotFound:
    """What to say where nothing of a stack is found."""
    return NotFound(f"no stack has run in {state}: start one with `python -m local up`")
