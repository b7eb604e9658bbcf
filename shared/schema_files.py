"""Loads the files of `schemas/`, which lies beside `shared/` both in the source tree and in a deployed zip."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parent.parent / "schemas"


@cache
def load(path: str) -> Any:
    """The JSON document at `path` below `schemas/`, parsed once; callers do not change it."""
    return msgspec.json.decode((ROOT / path).read_bytes())
