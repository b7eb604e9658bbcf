"""The copies deployed with the code, for a store that gives nothing: until one is needed, YAML is not even imported."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any


def bundled(folder: Path) -> dict[str, Callable[[], Mapping[str, Any]]]:
    """By file stem, a function reading that `.yaml` file of `folder`."""
    return {path.stem: partial(_content, path) for path in sorted(folder.glob("*.yaml"))}


def _content(path: Path) -> Mapping[str, Any]:
    from shared.catalogue.yaml_files import content  # noqa: PLC0415 - 16 ms of every cold start otherwise

    return content(path)
